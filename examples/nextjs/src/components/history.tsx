"use client";

import { useState } from "react";
import type { TodoClient } from "todo-api-client";

type Entry = Awaited<ReturnType<TodoClient["exportAll"]>>["history"][number];

const KINDS: Record<string, string> = {
  created: "Created", changed: "Changed", completed: "Completed", reopened: "Reopened", deleted: "Moved to the trash", restored: "Restored", moved: "Moved",
};
const spelled = (value: unknown) => (value === null || value === "" || (Array.isArray(value) && !value.length) ? "nothing" : Array.isArray(value) ? value.join(", ") : String(value));

/** What has happened to a task; the API's export has it. Fetched when it is opened. */
export function History({ taskId, todo }: { taskId: number; todo: TodoClient }) {
  const [entries, setEntries] = useState<Entry[]>();
  const [error, setError] = useState<string>();

  async function load(isOpen: boolean) {
    if (!isOpen || entries) return;
    try {
      const { history } = await todo.exportAll();
      setEntries(history.filter((entry) => entry.task_id === taskId).reverse());
    } catch {
      setError("The history cannot be fetched now.");
    }
  }

  return (
    <details className="history" onToggle={(event) => void load(event.currentTarget.open)}>
      <summary>History</summary>
      {error && <p className="error" role="alert">{error}</p>}
      {entries?.length === 0 && <p>Nothing yet.</p>}
      <ol>
        {entries?.map((entry) => (
          <li key={String(entry.revision)}>
            <time dateTime={entry.at}>{new Date(entry.at).toLocaleString()}</time> {KINDS[entry.kind] ?? entry.kind}
            {entry.kind === "changed" && (
              <ul>
                {Object.entries((entry.after ?? {}) as Record<string, unknown>).map(([field, value]) => (
                  <li key={field}>{field.replace("_", " ")}: {spelled((entry.before as Record<string, unknown> | null)?.[field] ?? null)} → {spelled(value)}</li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ol>
    </details>
  );
}
