/** The list for React: reads and writes the copy, shares it with other tabs, and delivers the queue. */
import { deleteDB } from "idb";
import { TodoError, todoClient, type NewTask, type Task, type TaskChanges, type TodoClient } from "todo-api-client";
import { copyName, openCopy, type Copy, type Write } from "./copy";
import { deliver } from "./deliver";
import { overlay } from "./overlay";

export interface Account { id: string; api: string }
export interface Snapshot {
  tasks: Task[];
  /** What a task's element is called: for a task that was created here the id that it had before it had one. */
  keys: Map<number, number>;
  /** Writes that the server has not answered. */
  waiting: number;
  /** Writes that wait for the user. */
  open: Write[];
  connection: "connecting" | "online" | "offline" | "signed out";
}
type NewWrite = Write extends infer One ? (One extends Write ? Omit<One, "seq" | "key" | "state"> : never) : never;

const POLL_MS = 5_000;
const newId = () => 1000 * Date.now() + Math.floor(1000 * Math.random());

/** Better Auth's jwt plugin answers with a token for the API. */
export async function fetchToken(): Promise<string> {
  const response = await fetch("/api/auth/token", { cache: "no-store" });
  if (response.ok) return (await response.json()).token;
  throw new TodoError(response.status, response.status === 401 ? "SIGNED_OUT" : "UNKNOWN", "Sign in again.");
}

export class TodoStore {
  readonly todo: TodoClient;
  private copy: Promise<Copy> | undefined;
  private channel: BroadcastChannel | undefined;
  private listeners = new Set<() => void>();
  private snapshot: Snapshot;
  private delivery: Promise<void> | undefined;
  private again = false;
  private isHeld: boolean;
  private copied: Task[] = [];
  private writes: Write[] = [];
  private keys = new Map<number, number>();
  /** Writes on their way into the copy: a click shows at once. */
  private unstored: Write[] = [];
  private stored = new Set<string>();

  /** first: what the server has rendered; shown until the copy has caught up. */
  constructor(private account: Account, first: Task[] | null) {
    this.todo = todoClient({ url: account.api, userId: account.id, token: fetchToken, retries: 0 });
    this.snapshot = { tasks: first ?? [], keys: new Map(), waiting: 0, open: [], connection: "connecting" };
    this.isHeld = first !== null;
  }

  getSnapshot = (): Snapshot => this.snapshot;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  /** Opens the copy and follows the list, until the returned function is called. */
  start(): () => void {
    this.copy = openCopy(this.account.id);
    this.channel = new BroadcastChannel(copyName(this.account.id));
    this.channel.onmessage = () => void this.read();
    if (!this.isHeld) void this.read();
    const wake = () => { if (document.visibilityState === "visible") void this.sync(); };
    const timer = setInterval(wake, POLL_MS);
    const events = [[window, "online"], [window, "focus"], [document, "visibilitychange"]] as const;
    for (const [target, event] of events) target.addEventListener(event, wake);
    void this.sync();
    return () => {
      clearInterval(timer);
      for (const [target, event] of events) target.removeEventListener(event, wake);
      this.channel?.close();
      void this.copy?.then((copy) => copy.close());
    };
  }

  /** Sends what waits, and reads what is new. One run at a time; whoever asks during a run gets another one. */
  sync(): Promise<void> {
    this.again = true;
    return (this.delivery ??= this.run().finally(() => { this.delivery = undefined; }));
  }

  private async run(): Promise<void> {
    let connection: Snapshot["connection"] = "online";
    while (this.again) {
      this.again = false;
      try {
        await deliver(this.todo, await this.copy!, () => this.changed());
        connection = "online";
      } catch (error) {
        connection = error instanceof TodoError && (error.status === 401 || error.status === 403) ? "signed out" : "offline";
        void this.askForBackgroundSync();
      }
    }
    this.isHeld = false;
    await this.read(connection);
  }

  /** Reads the copy, and tells React. */
  private async read(connection = this.snapshot.connection): Promise<void> {
    try {
      const copy = await this.copy!;
      const before = new Set(this.stored);
      const tx = copy.transaction(["tasks", "writes", "ids"]);
      const ids = tx.objectStore("ids");
      const [copied, writes, drafts, known] = await Promise.all([
        tx.objectStore("tasks").getAll(), tx.objectStore("writes").getAll(), ids.getAllKeys(), ids.getAll(),
      ]);
      if (this.isHeld && writes.length === 0) return;
      this.isHeld = false;
      // Only a task that is on this page under its first id keeps it, so that its element stays the same.
      const shown = new Set(this.snapshot.tasks.map(({ id }) => this.keys.get(id) ?? id));
      this.keys = new Map(known.flatMap((id, index) => (shown.has(drafts[index]!) ? [[id, drafts[index]!]] : [])));
      const stored = new Set(writes.map(({ key }) => key));
      this.unstored = this.unstored.filter(({ key }) => !stored.has(key) && !before.has(key));
      [this.copied, this.writes] = [copied, writes];
    } catch {
      return; // The copy was closed: the user has left.
    }
    this.show(connection);
  }

  private show(connection = this.snapshot.connection): void {
    const writes = [...this.writes, ...this.unstored];
    this.snapshot = {
      tasks: overlay(this.copied, writes, this.account.id),
      keys: this.keys,
      waiting: writes.filter(({ state }) => state === "waiting").length,
      open: writes.filter(({ state }) => state === "conflict" || state === "refused"),
      connection,
    };
    for (const listener of this.listeners) listener();
  }

  private changed(): void {
    this.channel?.postMessage("changed");
    void this.read();
  }

  /** Browsers that can send the queue when the connection is back, also if no tab is open then. */
  private async askForBackgroundSync(): Promise<void> {
    const registration = await navigator.serviceWorker?.getRegistration();
    const { sync } = (registration ?? {}) as { sync?: { register(tag: string): Promise<void> } };
    await sync?.register(`deliver ${this.account.id} ${this.account.api}`).catch(() => {});
  }

  private async enqueue(...added: NewWrite[]): Promise<void> {
    const writes = added.map((write) => ({ ...write, key: crypto.randomUUID(), state: "waiting" }) as Write);
    if (this.isHeld) this.copied = this.snapshot.tasks; // what the server has rendered
    this.isHeld = false;
    this.unstored.push(...writes);
    this.show();
    const tx = (await this.copy!).transaction(["writes", "ids"], "readwrite");
    for (const write of writes) {
      // The server may have given the task its id while it was being edited.
      const id = write.kind === "create" ? undefined : await tx.objectStore("ids").get(write.taskId);
      await tx.objectStore("writes").add(id ? ({ ...write, taskId: id, ...("version" in write && { version: 1 }) } as Write) : write);
    }
    await tx.done;
    for (const { key } of writes) this.stored.add(key);
    this.changed();
    void this.sync();
  }

  create = (task: NewTask) => this.enqueue({ kind: "create", taskId: -newId(), task });
  update = (base: Task, changes: TaskChanges) =>
    this.enqueue({ kind: "update", taskId: base.id, version: base.version, changes, base });
  remove = (base: Task) => this.enqueue({ kind: "remove", taskId: base.id, version: base.version, base });
  restore = (...tasks: Task[]) => this.enqueue(...tasks.map((task) => ({ kind: "restore" as const, taskId: task.id, task })));
  markAll = (completed: boolean) => this.enqueue({ kind: "markAll", taskId: 0, completed });
  /** Each by itself: what another device has completed since, this user has not seen. */
  clearCompleted = (completed: Task[]) =>
    this.enqueue(...completed.map((base) => ({ kind: "remove" as const, taskId: base.id, version: base.version, base })));

  /** Sends the user's version on top of the server's, which they have seen. */
  async keepMine(write: Write): Promise<void> {
    const copy = await this.copy!;
    if (write.theirs && "version" in write) {
      await copy.put("writes", { ...write, state: "waiting", version: write.theirs.version, base: write.theirs } as Write);
    } else if (write.kind === "update") {
      // It was deleted: out of the trash first, then the change.
      const restored = await this.todo.restore(write.taskId).catch((error: TodoError) => error);
      await copy.put("writes", restored instanceof TodoError
        ? { ...write, state: "refused", message: restored.message }
        : { ...write, state: "waiting", version: restored.version, base: restored, theirs: undefined });
    }
    this.changed();
    void this.sync();
  }

  /** Forgets the user's version, and what was based on it. */
  async keepTheirs(write: Write): Promise<void> {
    const tx = (await this.copy!).transaction("writes", "readwrite");
    for (const one of await tx.store.getAll(IDBKeyRange.lowerBound(write.seq!))) {
      if (one.seq === write.seq || (write.kind === "create" && one.taskId === write.taskId)) await tx.store.delete(one.seq!);
    }
    await tx.done;
    this.changed();
    void this.sync();
  }
}

/** Deletes the copy, when its user leaves this browser. */
export async function forget(userId: string): Promise<void> {
  await deleteDB(copyName(userId));
  await caches?.delete("pages").catch(() => false);
}

/** Whether a user's copy has writes that the server has not got. */
export async function hasUnsent(userId: string): Promise<boolean> {
  const copy = await openCopy(userId);
  const count = await copy.count("writes");
  copy.close();
  return count > 0;
}
