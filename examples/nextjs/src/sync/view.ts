/** Which of the tasks are shown, and in which order: what the API's list does, on the copy. */
import type { Task } from "todo-api-client";

export interface View {
  status: "all" | "pending" | "completed";
  sort: "created" | "due_date" | "priority" | "title" | "updated";
  q: string;
  tag: string;
  priority: "" | Task["priority"];
  due: "" | "overdue" | "today" | "week";
}
export const EVERYTHING: View = { status: "all", sort: "created", q: "", tag: "", priority: "", due: "" };

const RANK = { high: 0, medium: 1, low: 2, none: 3 };
const folded = (text: string) => text.normalize("NFC").toLowerCase();

/** The date of this clock and time zone, as due dates are written. */
export function today(daysLater = 0): string {
  const day = new Date();
  day.setDate(day.getDate() + daysLater);
  return [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

export const isOverdue = (task: Task) => !task.completed && task.due_date !== null && task.due_date < today();

/** Tasks that the server has not seen have negative ids: they are the newest, whatever this clock says. */
const created = (one: Task, other: Task) =>
  Number(one.id > 0) - Number(other.id > 0) ||
  (one.id < 0 ? one.id - other.id : other.created_at.localeCompare(one.created_at) || other.id - one.id);
const ORDERS: Record<View["sort"], (one: Task, other: Task) => number> = {
  created,
  updated: (one, other) => other.updated_at.localeCompare(one.updated_at) || created(one, other),
  title: (one, other) => folded(one.title).localeCompare(folded(other.title)) || created(one, other),
  due_date: (one, other) => (one.due_date ?? "~").localeCompare(other.due_date ?? "~") || created(one, other),
  priority: (one, other) => RANK[one.priority] - RANK[other.priority] || created(one, other),
};

export function arrange(tasks: Task[], view: View): Task[] {
  const q = folded(view.q.trim());
  const isDue: Record<View["due"], (task: Task) => boolean> = {
    "": () => true,
    overdue: isOverdue,
    today: (task) => task.due_date === today(),
    week: (task) => task.due_date !== null && task.due_date >= today() && task.due_date <= today(7),
  };
  return tasks
    .filter((task) => view.status === "all" || task.completed === (view.status === "completed"))
    .filter((task) => !q || folded(`${task.title}\n${task.description ?? ""}`).includes(q))
    .filter((task) => !view.tag || task.tags.includes(view.tag))
    .filter((task) => !view.priority || task.priority === view.priority)
    .filter(isDue[view.due])
    .sort(ORDERS[view.sort]);
}
