/** What this browser keeps of a user's list, in IndexedDB: the tasks, the feed's revision, and the writes to send. */
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { NewTask, Task, TaskChanges } from "todo-api-client";

interface Sent {
  /** The order of the queue. */
  seq?: number;
  /** The Idempotency-Key: the same for every attempt. */
  key: string;
  /** waiting: to be sent. answered: done, until the feed has told the result. The others wait for the user. */
  state: "waiting" | "answered" | "conflict" | "refused";
  /** Why it was refused, in words. */
  message?: string;
  /** In a conflict: the task as it is on the server; null if it was deleted there. */
  theirs?: Task | null;
}
export type Write = Sent &
  (
    | { kind: "create"; taskId: number; task: NewTask }
    | { kind: "update"; taskId: number; version: number; changes: TaskChanges; base: Task }
    | { kind: "remove"; taskId: number; version: number; base: Task }
    | { kind: "restore"; taskId: number; task: Task }
    | { kind: "markAll"; taskId: 0; completed: boolean }
  );

interface Schema extends DBSchema {
  tasks: { key: number; value: Task };
  writes: { key: number; value: Write };
  state: { key: string; value: string };
  /** The ids of tasks that were created here, by the negative ids that they had until then. */
  ids: { key: number; value: number };
}
export type Copy = IDBPDatabase<Schema>;

const PREFIX = "todo:";

export const openCopy = (userId: string): Promise<Copy> =>
  openDB<Schema>(PREFIX + userId, 1, {
    upgrade(copy) {
      copy.createObjectStore("tasks", { keyPath: "id" });
      copy.createObjectStore("writes", { keyPath: "seq", autoIncrement: true });
      copy.createObjectStore("state");
      copy.createObjectStore("ids");
    },
    // Another tab deletes the copy, because the user signs out.
    blocking: (_from, _to, event) => (event.target as IDBDatabase).close(),
  });

/** The users of whom this browser has a copy. */
export async function usersWithCopy(): Promise<string[]> {
  const names = (await indexedDB.databases()).map(({ name }) => name ?? "");
  return names.filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length));
}

export const copyName = (userId: string) => PREFIX + userId;
