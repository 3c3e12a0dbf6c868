/** The Todo API with types: `todoClient({ url, userId, token })`. Needs only fetch: browsers, Node 20, edge runtimes. */
import type { components, operations } from "./openapi";

type Schemas = components["schemas"];
export type Task = Schemas["Task"];
export type NewTask = Schemas["NewTaskRequest"];
export type TaskChanges = Schemas["TaskChangesRequest"];
export type ListQuery = NonNullable<operations["list_tasks"]["parameters"]["query"]>;
export type Page = Schemas["Changes"] & { /** Whether a snapshot begins: empty the copy first. */ reset: boolean };
export type TodoClient = ReturnType<typeof todoClient>;
export interface Options {
  /** Where the API is, without its prefix: https://api.example.com */
  url: string;
  userId: string;
  /** Fetches a new token. The client asks for one when it has none, or when the last one ends. */
  token: () => Promise<string>;
  /** How often a request is sent again while the network or the server fails (4); a queue of your own sets 0. */
  retries?: number;
  /** The API's setting API_PREFIX (/api). */
  prefix?: string;
}
interface Init { json?: unknown; headers?: Record<string, string>; signal?: AbortSignal }

/** Everything that fails. `code` is the API's error_code, or NETWORK; `current` is the newer task of a 412. */
export class TodoError extends Error {
  current?: Task;
  constructor(readonly status: number, readonly code: string, message: string,
              readonly errors: Record<string, string[]> = {}, readonly headers = new Headers()) {
    super(message);
  }
  /** Whether the same request may succeed later. */
  get isTemporary() { return [0, 408, 429].includes(this.status) || this.status >= 500; }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const search = (query: object) =>
  `?${new URLSearchParams(Object.entries(query).flatMap(([key, value]) => [value].flat().map((one) => [key, `${one}`])))}`;

/** The milliseconds for which a token may be used: a JWT until 30 seconds before its end, whatever this clock says. */
function lifetime(token: string): number {
  try {
    const { exp, iat } = JSON.parse(atob(token.split(".")[1]!.replace(/-/g, "+").replace(/_/g, "/")));
    return exp ? 1000 * (exp - (iat ?? Date.now() / 1000) - 30) : Infinity;
  } catch {
    return Infinity; // a session token: a 401 will tell when it has ended
  }
}

export function todoClient({ url, userId, token: fetchToken, retries = 4, prefix = "/api" }: Options) {
  const root = `${url}${prefix}/${encodeURIComponent(userId)}`;
  const known = new Map<string, { etag: string; body: unknown }>(); // the latest answers, for If-None-Match
  let token: Promise<string> | undefined;
  let validUntil = 0;

  /** Returns the token, one for all requests at a time, renewed before it ends. */
  function currentToken(): Promise<string> {
    if (token && Date.now() < validUntil) return token;
    validUntil = Infinity; // while it is on its way
    const use = (value: string) => { validUntil = Date.now() + lifetime(value); return value; };
    return (token = fetchToken().then(use, (error) => { token = undefined; throw error; }));
  }

  async function attempt(method: string, path: string, { json, headers, signal }: Init): Promise<Response> {
    const body = json === undefined ? undefined : JSON.stringify(json);
    for (let isRenewed = false; ; isRenewed = true) {
      const used = currentToken();
      const sent = { ...(body && { "Content-Type": "application/json" }), ...headers, Authorization: `Bearer ${await used}` };
      const response = await fetch(root + path, { method, body, signal, headers: sent });
      if (response.status < 400) return response;
      if (response.status !== 401 || isRenewed) {
        const error = await response.json().catch(() => ({})); // a proxy's errors are not JSON
        const message = error.detail ?? response.statusText;
        throw new TodoError(response.status, error.error_code ?? "UNKNOWN", message, error.errors, response.headers);
      }
      if (token === used) token = undefined; // unless another request has renewed it
    }
  }

  /** Sends a request, and again while it fails for the moment. Throws TodoError. */
  async function send(method: string, path: string, init: Init = {}): Promise<Response> {
    for (let failures = 0; ; failures++) {
      try {
        return await attempt(method, path, init);
      } catch (cause) {
        if (init.signal?.aborted) throw cause;
        const network = () => Object.assign(new TodoError(0, "NETWORK", "The server cannot be reached."), { cause });
        const error = cause instanceof TodoError ? cause : network();
        if (failures >= retries || !error.isTemporary) throw error;
        await pause(1000 * Number(error.headers.get("Retry-After")) || 200 * 2 ** failures);
      }
    }
  }
  const json = async <T>(method: string, path: string, init?: Init): Promise<T> => (await send(method, path, init)).json();
  const match = (version?: number) => (version ? { headers: { "If-Match": `"${version}"` } } : {});

  /** GET. An answer that has not changed is not transferred again, and is the same object. */
  async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
    const last = known.get(path);
    const response = await send("GET", path, { signal, headers: last && { "If-None-Match": last.etag } });
    if (response.status === 304) return last!.body as T;
    const answer = { etag: response.headers.get("ETag")!, body: await response.json() };
    known.delete(path); // the latest is the last one
    if (answer.etag) known.set(path, answer);
    if (known.size > 50) known.delete(known.keys().next().value!);
    return answer.body;
  }

  return {
    userId,
    list: (query: ListQuery = {}, signal?: AbortSignal) => read<Task[]>(`/tasks${search(query)}`, signal),
    get: (id: number, signal?: AbortSignal) => read<Task>(`/tasks/${id}`, signal),
    /** Creates exactly one task. To survive a reload, store `key` with the draft and send both again. */
    create: (task: NewTask, key: string = crypto.randomUUID()) =>
      json<Task>("POST", "/tasks", { json: task, headers: { "Idempotency-Key": key } }),
    /** Changes fields if the task still has this version; else throws PRECONDITION_FAILED with the `current` task. */
    async update({ id, version }: Pick<Task, "id" | "version">, changes: TaskChanges): Promise<Task> {
      try {
        return await json<Task>("PATCH", `/tasks/${id}`, { json: changes, ...match(version) });
      } catch (error) {
        if (!(error instanceof TodoError) || error.code !== "PRECONDITION_FAILED") throw error;
        const current = await read<Task>(`/tasks/${id}`);
        const isOurs = ([key, value]: [string, unknown]) => JSON.stringify(current[key as keyof Task]) === JSON.stringify(value);
        if (Object.entries(changes).every(isOurs)) return current; // the answer to this very write was lost
        throw Object.assign(error, { current });
      }
    },
    /** Moves a task to the trash; one that is not there any more counts as moved. */
    remove: ({ id, version }: { id: number; version?: number }): Promise<void> =>
      send("DELETE", `/tasks/${id}`, match(version)).then(() => {}, (error) => { if (error.code !== "NOT_FOUND") throw error; }),
    restore: (id: number) => json<Task>("POST", `/tasks/${id}/restore`),
    markAll: (completed: boolean) =>
      json<Schemas["Updated"]>("PATCH", `/tasks?status=${completed ? "pending" : "completed"}`, { json: { completed } }),
    clearCompleted: () => json<Schemas["Deleted"]>("DELETE", "/tasks?status=completed"),
    exportAll: () => json<Schemas["Export"]>("GET", "/export"),

    /** Yields what has changed since a revision; with `every`, asks again after so many milliseconds. */
    async *changes(since?: string | null, { every = 0, signal }: { every?: number; signal?: AbortSignal } = {}): AsyncGenerator<Page> {
      for (let revision = since, reset = !since; ; ) {
        const path = `/tasks/changes${revision ? search({ since: revision }) : ""}`;
        const page = await json<Schemas["Changes"]>("GET", path, { signal }).catch((error) => {
          if (error.code !== "REVISION_EXPIRED") throw error;
        });
        if (page) yield { ...page, reset };
        [revision, reset] = page ? [page.revision, false] : [null, true]; // 410: a snapshot follows
        if (page && !page.more) {
          if (!every) return;
          await pause(every);
        }
      }
    },
  };
}
