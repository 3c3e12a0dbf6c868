"use client";

import { useState, type FormEvent } from "react";
import type { Task, TaskChanges } from "todo-api-client";
import type { TodoStore } from "@/sync/store";
import { History } from "./history";
import { Modal } from "./modal";

const PRIORITIES = { none: "None", low: "Low", medium: "Medium", high: "High" };
const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

interface Props { task: Task; store: TodoStore; onClose: () => void; onRemove: () => void }

export function TaskDialog({ task, store, onClose, onRemove }: Props) {
  // What the form was filled with: only what the user has changed since then is sent.
  const [base] = useState(task);
  const [error, setError] = useState<string>();

  function save(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    const tags = [...new Set(text("tags").split(",").map((tag) => tag.trim()).filter(Boolean))];
    if (!text("title").trim()) return setError("A task needs a title.");
    if (tags.length > 20 || tags.some((tag) => [...tag].length > 50)) return setError("At most 20 tags, each with at most 50 characters.");
    const fields: TaskChanges = {
      title: text("title").trim(),
      description: text("description") || null,
      due_date: text("due_date") || null,
      priority: text("priority") as Task["priority"],
      tags,
    };
    const changed = Object.entries(fields).filter(([name, value]) => !same(base[name as keyof Task], value));
    if (changed.length) void store.update(base, Object.fromEntries(changed));
    onClose();
  }

  return (
    <Modal title="Task" onClose={onClose}>
      <form onSubmit={save} className="fields">
        <label>Title <input name="title" defaultValue={base.title} maxLength={200} required /></label>
        <label>Notes <textarea name="description" defaultValue={base.description ?? ""} maxLength={1000} rows={4} /></label>
        <div className="row">
          <label>Due <input name="due_date" type="date" defaultValue={base.due_date ?? ""} /></label>
          <label>Priority
            <select name="priority" defaultValue={base.priority}>
              {Object.entries(PRIORITIES).map(([value, text]) => <option key={value} value={value}>{text}</option>)}
            </select>
          </label>
        </div>
        <label>Tags, separated by commas <input name="tags" defaultValue={base.tags.join(", ")} /></label>
        <p className="error" role="alert">{error}</p>
        <div className="row buttons">
          <button type="submit" className="primary">Save</button>
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="button" className="danger" onClick={onRemove}>Delete</button>
        </div>
      </form>
      <History taskId={task.id} todo={store.todo} />
    </Modal>
  );
}
