"use client";

import { QueryClient, QueryClientProvider, useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { todoClient } from "todo-api-client";
import { todoQueries } from "todo-api-client/queries";
import { fetchToken, type Account } from "@/sync/store";

/** Deleted tasks, which can be restored. This page needs a connection: it shows the client's TanStack Query options. */
export function Trash({ account }: { account: Account }) {
  const [cache] = useState(() => new QueryClient());
  return <QueryClientProvider client={cache}><Deleted account={account} cache={cache} /></QueryClientProvider>;
}

function Deleted({ account, cache }: { account: Account; cache: QueryClient }) {
  const [queries] = useState(() => todoQueries(todoClient({ url: account.api, userId: account.id, token: fetchToken }), cache));
  const deleted = useQuery(queries.list({ status: "deleted", sort: "updated" }));
  const restore = useMutation(queries.restore);

  if (deleted.isError) return <p className="error" role="alert">The trash cannot be fetched now. {deleted.error.message}</p>;
  if (!deleted.data) return <p className="empty">Loading…</p>;
  if (deleted.data.length === 0) return <p className="empty">The trash is empty.</p>;
  return (
    <>
      <p>Deleted tasks can be restored for 30 days.</p>
      {restore.isError && <p className="error" role="alert">It was not restored. {restore.error.message}</p>}
      <ul className="tasks" aria-label="Deleted tasks">
        {deleted.data.map((task) => (
          <li key={task.id} className="task" data-completed={task.completed}>
            <span className="title">{task.title}</span>
            <button type="button" disabled={restore.isPending} onClick={() => restore.mutate(task)} aria-label={`Restore ${task.title}`}>Restore</button>
          </li>
        ))}
      </ul>
    </>
  );
}
