import Link from "next/link";
import type { Task } from "todo-api-client";
import { Page } from "@/components/page";
import { TodoApp } from "@/components/todo-app";
import { requireSession } from "@/lib/session";
import { apiUrl, todoOf } from "@/lib/todo";

/** The list is in the page as the server sends it; from there on the browser follows it. */
export default async function Home() {
  const { user, session } = await requireSession();
  // Without an answer within a second the page opens with what the browser has kept.
  const first = await todoOf({ user, session }).list({ limit: 50 }, AbortSignal.timeout(1000)).catch((): Task[] | null => null);
  return (
    <Page title="Tasks" user={user}>
      {user.isAnonymous && (
        <p className="guest">You are a guest. <Link href="/sign-in?new">Sign up</Link> to keep your tasks.</p>
      )}
      <TodoApp account={{ id: user.id, api: process.env.TODO_API_URL ?? apiUrl }} first={first} />
    </Page>
  );
}
