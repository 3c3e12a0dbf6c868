"use client";

import { useEffect, useMemo, useRef, useState, useSyncExternalStore, type KeyboardEvent } from "react";
import type { Task } from "todo-api-client";
import { TodoStore, type Account } from "@/sync/store";
import { arrange, EVERYTHING, type View } from "@/sync/view";
import { AddTask } from "./add-task";
import { Conflicts } from "./conflicts";
import { Filters } from "./filters";
import { Shortcuts } from "./shortcuts";
import { TaskDialog } from "./task-dialog";
import { TaskRow } from "./task-row";
import { Notice, type NoticeText } from "./notice";

const ROWS = 50;

export function TodoApp({ account, first }: { account: Account; first: Task[] | null }) {
  const [store] = useState(() => new TodoStore(account, first));
  const { tasks, keys, waiting, open, connection } = useSyncExternalStore(store.subscribe, store.getSnapshot, store.getSnapshot);
  const [view, setView] = useState<View>(EVERYTHING);
  const [rows, setRows] = useState(ROWS);
  const [opened, setOpened] = useState<number>();
  const [notice, setNotice] = useState<NoticeText>();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const list = useRef<HTMLUListElement>(null);
  const end = useRef<HTMLDivElement>(null);

  useEffect(() => store.start(), [store]);
  useEffect(() => {
    if (process.env.NODE_ENV === "production") void navigator.serviceWorker?.register("/sw.js");
  }, []);

  const shown = useMemo(() => arrange(tasks, view), [tasks, view]);
  const keyOf = (task: Task) => keys.get(task.id) ?? task.id;
  const openedTask = tasks.find((task) => keyOf(task) === opened);
  const completed = tasks.filter((task) => task.completed);
  const pending = tasks.length - completed.length;

  // The next rows are there before the user has scrolled to the end.
  const hasMore = shown.length > rows;
  useEffect(() => {
    if (!hasMore || !end.current) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && setRows((count) => count + ROWS), { rootMargin: "600px" });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [hasMore, rows]);

  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const isTyping = target.matches("input:not([type=checkbox]), textarea, select") || target.closest("dialog");
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      const field = { n: "new-task", "/": "search" }[event.key];
      if (field) {
        event.preventDefault();
        document.getElementById(field)?.focus();
      } else if (event.key === "?") setHelpOpen(true);
      else if (event.key === "u") notice?.undo?.();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [notice]);

  const checkboxes = () => [...(list.current?.querySelectorAll<HTMLElement>("input[type=checkbox]") ?? [])];

  /** Up and down move from row to row. */
  function onListKey(event: KeyboardEvent<HTMLUListElement>) {
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    const target = event.target as HTMLElement;
    if (!step || target.matches("input:not([type=checkbox])")) return;
    const boxes = checkboxes();
    const current = boxes.findIndex((box) => box.closest("li") === target.closest("li"));
    event.preventDefault();
    boxes[current + step]?.focus();
  }

  function undoable(text: string, ...removed: Task[]) {
    setNotice({ text, undo: () => { void store.restore(...removed); setNotice({ text: "Restored." }); } });
  }

  function remove(task: Task) {
    const boxes = checkboxes();
    const index = shown.indexOf(task);
    (boxes[index + 1] ?? boxes[index - 1] ?? document.getElementById("new-task"))?.focus();
    void store.remove(task);
    undoable(`“${task.title}” is in the trash.`, task);
  }

  function clear() {
    void store.clearCompleted(completed);
    undoable(completed.length === 1 ? "1 completed task is in the trash." : `${completed.length} completed tasks are in the trash.`, ...completed);
  }

  return (
    <>
      <AddTask onAdd={store.create} />
      <Filters view={view} tasks={tasks} onChange={(change) => { setView({ ...view, ...change }); setRows(ROWS); }} />
      <Status connection={connection} waiting={waiting} />
      <Conflicts writes={open} store={store} />

      <ul className="tasks" ref={list} onKeyDown={onListKey} aria-label="Tasks">
        {shown.slice(0, rows).map((task) => (
          <TaskRow key={keyOf(task)} task={task} store={store} onOpen={() => setOpened(keyOf(task))} onRemove={() => remove(task)} />
        ))}
      </ul>
      <div ref={end} />
      {shown.length === 0 && connection !== "connecting" && (
        <p className="empty">{tasks.length ? "No task matches." : "Nothing to do. Type a task above and press Enter."}</p>
      )}

      <footer className="summary">
        <span>{pending === 1 ? "1 task to do" : `${pending} tasks to do`}</span>
        <button type="button" disabled={tasks.length === 0} onClick={() => store.markAll(pending > 0)}>
          {pending > 0 || tasks.length === 0 ? "Complete all" : "Reopen all"}
        </button>
        <button type="button" disabled={completed.length === 0} onClick={clear}>Clear completed</button>
        <button type="button" onClick={() => setHelpOpen(true)}>Keys</button>
      </footer>

      {openedTask && (
        <TaskDialog key={opened} task={openedTask} store={store} onClose={() => setOpened(undefined)}
                    onRemove={() => { setOpened(undefined); remove(openedTask); }} />
      )}
      {isHelpOpen && <Shortcuts onClose={() => setHelpOpen(false)} />}
      <Notice notice={notice} onClose={() => setNotice(undefined)} />
    </>
  );
}

/** The line about the connection has its place also while there is nothing to say: nothing jumps. */
function Status({ connection, waiting }: { connection: string; waiting: number }) {
  const changes = waiting === 1 ? "1 change is" : `${waiting} changes are`;
  const texts: Record<string, string> = {
    connecting: "",
    online: waiting ? "Saving…" : "All changes are saved.",
    offline: waiting ? `The server cannot be reached. ${changes} kept here and will be sent.` : "The server cannot be reached. You see the list as it was last.",
  };
  return (
    <p className="status" role="status" data-connection={connection} data-waiting={waiting}>
      {texts[connection] ?? <>You are signed out{waiting > 0 && `, and ${changes} not sent yet`}. <a href="/sign-in">Sign in again</a></>}
    </p>
  );
}
