"use client";

import { useMemo } from "react";
import type { Task } from "todo-api-client";
import { EVERYTHING, type View } from "@/sync/view";

const STATUSES = { all: "All", pending: "To do", completed: "Done" } as const;

interface Props { view: View; tasks: Task[]; onChange: (change: Partial<View>) => void }

export function Filters({ view, tasks, onChange }: Props) {
  const tags = useMemo(() => [...new Set(tasks.flatMap((task) => task.tags))].sort(), [tasks]);
  const select = <Name extends "sort" | "priority" | "due" | "tag">(name: Name, label: string, choices: Record<string, string>) => (
    <label className="choice">
      <span>{label}</span>
      <select name={name} value={view[name]} onChange={(event) => onChange({ [name]: event.target.value } as Partial<View>)}>
        {Object.entries(choices).map(([value, text]) => <option key={value} value={value}>{text}</option>)}
      </select>
    </label>
  );

  return (
    <search className="filters">
      <div className="row">
        <fieldset className="statuses">
          <legend className="visually-hidden">Show</legend>
          {Object.entries(STATUSES).map(([status, text]) => (
            <label key={status}>
              <input type="radio" name="status" checked={view.status === status} onChange={() => onChange({ status: status as View["status"] })} />
              {text}
            </label>
          ))}
        </fieldset>
        <label htmlFor="search" className="visually-hidden">Search</label>
        <input id="search" type="search" value={view.q} maxLength={200} placeholder="Search" onChange={(event) => onChange({ q: event.target.value })} />
      </div>
      <details>
        <summary>Filter and sort</summary>
        <div className="row">
          {select("sort", "Sort by", { created: "Newest", due_date: "Due date", priority: "Priority", title: "Title", updated: "Last changed" })}
          {select("due", "Due", { "": "Any time", overdue: "Overdue", today: "Today", week: "Next 7 days" })}
          {select("priority", "Priority", { "": "Any", high: "High", medium: "Medium", low: "Low", none: "None" })}
          {select("tag", "Tag", { "": "Any", ...Object.fromEntries(tags.map((tag) => [tag, tag])) })}
          <button type="button" onClick={() => onChange(EVERYTHING)}>Reset</button>
        </div>
      </details>
    </search>
  );
}
