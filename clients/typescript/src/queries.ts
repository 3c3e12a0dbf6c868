/** TanStack Query options: `useQuery(queries.list({ status: "pending" }))`, `useMutation(queries.update)`. */
import type { QueryClient, QueryKey } from "@tanstack/query-core";
import { TodoError, type ListQuery, type NewTask, type Task, type TaskChanges, type TodoClient } from "./client";

type Snapshot = [QueryKey, unknown][];

/** `cache` is the app's QueryClient: mutations show their result in it at once, and take it back if they fail. */
export function todoQueries(todo: TodoClient, cache: QueryClient) {
  const all = ["todo", todo.userId];
  const lists = [...all, "list"];
  const task = (id: number) => [...all, "task", id];

  /** Shows a change in every cached list and task; returns what was there before. */
  async function show(id: number, change: (task: Task) => Task | null): Promise<Snapshot> {
    await cache.cancelQueries({ queryKey: all }); // an older answer would overwrite it
    const before = cache.getQueriesData({ queryKey: all });
    const changed = (one: Task) => (one.id === id ? (change(one) ?? []) : one);
    cache.setQueriesData<Task[]>({ queryKey: lists }, (list) => list?.flatMap(changed));
    cache.setQueryData<Task>(task(id), (one) => (one && change(one)) ?? undefined);
    return before;
  }
  /** Takes a change back; after a 412 shows the task as it is now. */
  async function rollBack(error: Error, _variables: unknown, before: Snapshot | undefined) {
    for (const [key, data] of before ?? []) cache.setQueryData(key, data);
    const current = error instanceof TodoError ? error.current : undefined;
    if (current) await show(current.id, () => current);
  }
  const settle = { onError: rollBack, onSettled: () => cache.invalidateQueries({ queryKey: all }), retry: false };

  return {
    list: (query: ListQuery = {}) =>
      ({ queryKey: [...lists, query] as QueryKey, queryFn: ({ signal }: { signal?: AbortSignal }) => todo.list(query, signal) }),
    task: (id: number) =>
      ({ queryKey: task(id) as QueryKey, queryFn: ({ signal }: { signal?: AbortSignal }) => todo.get(id, signal) }),
    create: { mutationFn: ({ key, ...json }: NewTask & { key?: string }) => todo.create(json, key), ...settle },
    update: {
      mutationFn: ({ task, changes }: { task: Task; changes: TaskChanges }) => todo.update(task, changes),
      onMutate: ({ task, changes }: { task: Task; changes: TaskChanges }) => show(task.id, (one) => ({ ...one, ...changes }) as Task),
      ...settle,
    },
    remove: { mutationFn: (task: Task) => todo.remove(task), onMutate: (task: Task) => show(task.id, () => null), ...settle },
    restore: { mutationFn: (task: Pick<Task, "id">) => todo.restore(task.id), ...settle },
  };
}
