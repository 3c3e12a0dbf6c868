"use client";

import { memo, useRef, useState, type KeyboardEvent } from "react";
import type { Task } from "todo-api-client";
import type { TodoStore } from "@/sync/store";
import { isOverdue } from "@/sync/view";

interface Props { task: Task; store: TodoStore; onOpen: () => void; onRemove: () => void }

/** A date without a time zone, as the user's language writes it. */
export const day = (date: string) => new Date(`${date}T12:00:00`).toLocaleDateString(undefined, { day: "numeric", month: "short" });

export const TaskRow = memo(function TaskRow({ task, store, onOpen, onRemove }: Props) {
  const [draft, setDraft] = useState<string>();

  const isCancelled = useRef(false);

  /** Leaving the field saves it, however it is left; only Escape does not. */
  function leave() {
    const title = isCancelled.current ? "" : draft?.trim();
    if (title && title !== task.title) void store.update(task, { title });
    isCancelled.current = false;
    setDraft(undefined);
  }

  function onKey(event: KeyboardEvent) {
    if ((event.target as HTMLElement).matches("input:not([type=checkbox])")) return;
    const isBox = (event.target as HTMLElement).matches("input");
    const actions: Record<string, () => void> = {
      e: () => setDraft(task.title), F2: () => setDraft(task.title), d: onOpen, Delete: onRemove, Backspace: onRemove,
      ...(isBox && { Enter: () => setDraft(task.title) }),
    };
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  const focusBox = (from: HTMLElement) => from.closest("li")?.querySelector<HTMLElement>("input[type=checkbox]")?.focus();

  return (
    <li className="task" data-completed={task.completed} data-priority={task.priority} onKeyDown={onKey}>
      <input type="checkbox" checked={task.completed} aria-label={`Completed: ${task.title}`}
             onChange={(event) => void store.update(task, { completed: event.target.checked })} />
      {draft === undefined ? (
        <button type="button" className="title" onClick={() => setDraft(task.title)} title="Edit the title">
          {task.title}
        </button>
      ) : (
        <input className="title" aria-label="Title" value={draft} maxLength={200} autoFocus onChange={(event) => setDraft(event.target.value)} onBlur={leave}
               onKeyDown={(event) => {
                 if (event.key !== "Enter" && event.key !== "Escape") return;
                 isCancelled.current = event.key === "Escape";
                 focusBox(event.currentTarget);
               }} />
      )}
      <span className="marks">
        {task.priority !== "none" && <span className={`mark ${task.priority}`}>{task.priority}</span>}
        {task.due_date && <time className={isOverdue(task) ? "mark overdue" : "mark"} dateTime={task.due_date} suppressHydrationWarning>{isOverdue(task) && "Overdue: "}{day(task.due_date)}</time>}
        {task.tags.map((tag) => <span className="mark" key={tag}>{tag}</span>)}
      </span>
      <button type="button" className="icon" onClick={onOpen} aria-label={`Details of ${task.title}`}>
        <svg viewBox="0 0 20 20" aria-hidden="true"><path d="M4 10h.01M10 10h.01M16 10h.01" /></svg>
      </button>
      <button type="button" className="icon" onClick={onRemove} aria-label={`Delete ${task.title}`}>
        <svg viewBox="0 0 20 20" aria-hidden="true"><path d="M5 5l10 10M15 5L5 15" /></svg>
      </button>
    </li>
  );
});
