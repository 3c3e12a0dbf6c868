"use client";

import type { Task } from "todo-api-client";
import type { Write } from "@/sync/copy";
import type { TodoStore } from "@/sync/store";

const FIELDS = { title: "Title", description: "Notes", completed: "Completed", due_date: "Due", priority: "Priority", tags: "Tags" };
const spelled = (value: unknown) => (value === null || value === undefined || value === "" ? "nothing" : value === true ? "yes" : value === false ? "no" : Array.isArray(value) ? value.join(", ") || "nothing" : String(value));

/** Writes that need a decision: both versions side by side, and nothing is overwritten before the user has chosen. */
export function Conflicts({ writes, store }: { writes: Write[]; store: TodoStore }) {
  return writes.map((write) => (
    <section className="conflict" key={write.seq} role="alert" aria-label="A change that needs your decision">
      {write.state === "refused" ? <Refused write={write} store={store} /> : <Conflict write={write} store={store} />}
    </section>
  ));
}

function Refused({ write, store }: { write: Write; store: TodoStore }) {
  const title = write.kind === "create" ? write.task.title : write.kind === "update" ? (write.changes.title ?? write.base.title) : "";
  return (
    <>
      <p>{title && <strong>{title}: </strong>}This was not saved. {write.message}</p>
      <div className="row buttons"><button type="button" onClick={() => void store.keepTheirs(write)}>Discard it</button></div>
    </>
  );
}

function Conflict({ write, store }: { write: Write; store: TodoStore }) {
  const { theirs } = write;
  const mine: Partial<Task> | undefined = write.kind === "update" ? (write.changes as Partial<Task>) : undefined;
  const title = "base" in write ? write.base.title : "A task";
  return (
    <>
      <p>
        <strong>{title}</strong> {theirs ? "was changed elsewhere while you" : "was deleted elsewhere while you"}{" "}
        {mine ? "edited it." : "deleted it."} Which one do you want to keep?
      </p>
      {mine && (
        <table>
          <thead><tr><th scope="col">Field</th><th scope="col">Yours</th><th scope="col">Theirs</th></tr></thead>
          <tbody>
            {Object.keys(mine).map((field) => (
              <tr key={field}>
                <th scope="row">{FIELDS[field as keyof typeof FIELDS]}</th>
                <td>{spelled(mine[field as keyof Task])}</td>
                <td>{theirs ? spelled(theirs[field as keyof Task]) : "in the trash"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div className="row buttons">
        <button type="button" onClick={() => void store.keepMine(write)}>{mine ? "Keep mine" : "Delete it anyway"}</button>
        <button type="button" onClick={() => void store.keepTheirs(write)}>{mine ? "Keep theirs" : "Keep the task"}</button>
      </div>
    </>
  );
}
