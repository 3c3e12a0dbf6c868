"use client";

import { useState, type FormEvent } from "react";
import type { NewTask } from "todo-api-client";

const MAX_TITLE = 200;

export function AddTask({ onAdd }: { onAdd: (task: NewTask) => Promise<void> }) {
  const [title, setTitle] = useState("");

  async function add(event: FormEvent) {
    event.preventDefault();
    const text = title.trim();
    if (!text) return;
    setTitle("");
    await onAdd({ title: text }).catch(() => setTitle(text));
  }

  return (
    <form className="add" onSubmit={add}>
      <label htmlFor="new-task" className="visually-hidden">New task</label>
      <input id="new-task" value={title} onChange={(event) => setTitle(event.target.value)} maxLength={MAX_TITLE}
             placeholder="What needs to be done?" autoComplete="off" enterKeyHint="done" />
      <button type="submit" className="primary">Add</button>
    </form>
  );
}
