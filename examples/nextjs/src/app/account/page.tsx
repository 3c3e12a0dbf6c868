import type { Metadata } from "next";
import Link from "next/link";
import { DeleteAccount } from "@/components/delete-account";
import { Export } from "@/components/export";
import { Page } from "@/components/page";
import { SignOut } from "@/components/sign-out";
import { requireSession } from "@/lib/session";
import { apiUrl } from "@/lib/todo";

export const metadata: Metadata = { title: "Account" };

export default async function AccountPage() {
  const { user } = await requireSession();
  return (
    <Page title="Account" user={user}>
      {user.isAnonymous ? (
        <p className="guest">You are a guest. <Link href="/sign-in?new">Sign up</Link> to keep your tasks.</p>
      ) : (
        <p>{user.name}, {user.email}</p>
      )}
      <section className="card">
        <h2>Your data</h2>
        <p>Everything that is stored about you, as a file: tasks, trash and history.</p>
        <Export account={{ id: user.id, api: process.env.TODO_API_URL ?? apiUrl }} />
      </section>
      {!user.isAnonymous && (
        <section className="card">
          <h2>Sign out</h2>
          <p>The copy of your tasks is removed from this browser.</p>
          <SignOut userId={user.id} />
        </section>
      )}
      <section className="card">
        <h2>Delete the account</h2>
        <p>All tasks, the trash and the history are deleted immediately. This cannot be undone.</p>
        <DeleteAccount isGuest={Boolean(user.isAnonymous)} />
      </section>
    </Page>
  );
}
