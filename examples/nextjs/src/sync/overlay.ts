/** The list as the user sees it: the copy of the server's, with the writes that it has not answered on top. */
import type { NewTask, Task } from "todo-api-client";
import type { Write } from "./copy";

export function overlay(copied: Task[], writes: Write[], userId: string): Task[] {
  const tasks = new Map(copied.map((task) => [task.id, task]));
  for (const write of writes) {
    if (write.state === "refused" && write.kind !== "create") continue;
    const task = tasks.get(write.taskId);
    switch (write.kind) {
      case "create":
        tasks.set(write.taskId, drafted(write.taskId, write.task, userId));
        break;
      case "update":
        if (task) tasks.set(task.id, { ...task, ...write.changes } as Task);
        else if (write.state === "conflict") tasks.set(write.taskId, { ...write.base, ...write.changes } as Task);
        break;
      case "remove":
        if (write.state !== "conflict") tasks.delete(write.taskId);
        break;
      case "restore":
        tasks.set(write.taskId, { ...write.task, id: write.taskId });
        break;
      case "markAll":
        for (const one of tasks.values()) tasks.set(one.id, { ...one, completed: write.completed });
    }
  }
  return [...tasks.values()];
}

/** A task that the server has not seen. Its id is minus the microseconds of its creation. */
function drafted(id: number, task: NewTask, userId: string): Task {
  const created_at = new Date(-id / 1000).toISOString();
  const { title, description = null, due_date = null, priority, tags } = task;
  return {
    id, user_id: userId, title, description, completed: false, created_at, updated_at: created_at, completed_at: null, due_date,
    priority: priority ?? "none", tags: tags ?? [], deleted_at: null, version: 0,
  };
}
