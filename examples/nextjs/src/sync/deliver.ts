/** Sends the queue in order, then reads the feed. Runs in pages and in the service worker, in one place at a time. */
import { TodoError, type Task, type TodoClient } from "todo-api-client";
import { copyName, type Copy, type Write } from "./copy";

/** Sends what waits and follows the feed. Throws TodoError if the server cannot be reached or does not know the user. */
export async function deliver(todo: TodoClient, copy: Copy, onChange: () => void): Promise<void> {
  await navigator.locks.request(copyName(todo.userId), async () => {
    await sendQueue(todo, copy, onChange);
    await pull(todo, copy, onChange);
  });
}

/** Whether somebody else has changed a field that this write changes, too, to another value. */
function overlaps(write: Extract<Write, { kind: "update" }>, theirs: Task): boolean {
  const differs = (one: unknown, other: unknown) => JSON.stringify(one) !== JSON.stringify(other);
  return Object.entries(write.changes).some(([name, ours]) => {
    const field = name as keyof Task;
    return differs(theirs[field], write.base[field]) && differs(theirs[field], ours);
  });
}

async function sendQueue(todo: TodoClient, copy: Copy, onChange: () => void): Promise<void> {
  const held = new Set<number>(); // tasks with a write that waits for the user
  for (let seq = 0; ; ) {
    const cursor = await copy.transaction("writes").store.openCursor(IDBKeyRange.lowerBound(seq, true));
    if (!cursor) return;
    const write = cursor.value;
    seq = cursor.key;
    if (write.state === "answered") continue;
    if (write.state !== "waiting" || held.has(write.taskId)) {
      held.add(write.taskId);
      continue;
    }
    try {
      await settle(copy, write, await send(todo, write));
    } catch (error) {
      if (!(error instanceof TodoError) || error.isTemporary || error.status === 401 || error.status === 403) throw error;
      const isConflict = ["PRECONDITION_FAILED", "NOT_FOUND"].includes(error.code);
      const theirs = error.current ?? null;
      await copy.put("writes", isConflict ? { ...write, state: "conflict", theirs } : { ...write, state: "refused", message: error.message });
      held.add(write.taskId);
    }
    onChange();
  }
}

const SEEN = ["title", "description", "completed", "due_date", "priority", "tags"] as const;

/** Executes a write. Returns the task as it is then; null if there is none, undefined if the feed will tell. */
async function send(todo: TodoClient, write: Write): Promise<Task | null | undefined> {
  switch (write.kind) {
    case "create":
      return todo.create(write.task, write.key);
    case "update":
      for (let { version } = write; ; ) {
        try {
          return await todo.update({ id: write.taskId, version }, write.changes);
        } catch (error) {
          // What others have changed in other fields stays: the change is sent again, to the version that they made.
          if (!(error instanceof TodoError) || !error.current || overlaps(write, error.current)) throw error;
          version = error.current.version;
        }
      }
    case "remove":
      for (let { version } = write; ; ) {
        try {
          await todo.remove({ id: write.taskId, version });
          return null;
        } catch (error) {
          if (!(error instanceof TodoError) || error.code !== "PRECONDITION_FAILED") throw error;
          const current = await todo.get(write.taskId);
          // "Complete all" before this makes new versions, too: what the user saw may be deleted.
          if (SEEN.some((field) => JSON.stringify(current[field]) !== JSON.stringify(write.base[field]))) throw Object.assign(error, { current });
          version = current.version;
        }
      }
    case "restore":
      return todo.restore(write.taskId);
    case "markAll":
      await todo.markAll(write.completed);
      return undefined;
  }
}

/** Takes an answered write out of the queue, and tells the writes behind it the task's id and version. */
async function settle(copy: Copy, write: Write, task: Task | null | undefined): Promise<void> {
  const tx = copy.transaction(["tasks", "writes", "ids"], "readwrite");
  const [tasks, writes] = [tx.objectStore("tasks"), tx.objectStore("writes")];
  if (write.kind === "create" && task) await tx.objectStore("ids").put(task.id, write.taskId);
  if (task === undefined) await writes.put({ ...write, state: "answered" });
  else await writes.delete(write.seq!);
  if (task) await tasks.put(task);
  if (task === null) await tasks.delete(write.taskId);
  if (task) {
    // If others have changed the task in between, the writes behind this one are still based on what they saw.
    const isNext = !("version" in write) || task.version <= write.version + 1;
    for (const next of await writes.getAll(IDBKeyRange.lowerBound(write.seq!, true))) {
      if (next.taskId !== write.taskId) continue;
      next.taskId = task.id;
      if ("version" in next && isNext) next.version = task.version;
      await writes.put(next);
    }
  }
  await tx.done;
}

/** Brings the copy to the state of the server: each page of the feed and its revision in one transaction. */
async function pull(todo: TodoClient, copy: Copy, onChange: () => void): Promise<void> {
  for await (const { changes, revision, more, reset } of todo.changes(await copy.get("state", "revision"))) {
    const tx = copy.transaction(["tasks", "writes", "state"], "readwrite");
    const [tasks, writes] = [tx.objectStore("tasks"), tx.objectStore("writes")];
    if (reset) await tasks.clear();
    for (const change of changes) {
      if (change.op === "upsert") await tasks.put(change.task);
      else await tasks.delete(change.id);
    }
    await tx.objectStore("state").put(revision, "revision");
    let isChanged = changes.length > 0 || reset;
    for (const write of more ? [] : await writes.getAll()) {
      if (write.state !== "answered") continue;
      await writes.delete(write.seq!);
      isChanged = true;
    }
    await tx.done;
    if (isChanged) onChange();
  }
}
