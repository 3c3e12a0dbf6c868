import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { Leave } from "@/components/leave";
import { SignIn } from "@/components/sign-in";
import { getSession } from "@/lib/session";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: { searchParams: Promise<Record<string, string>> }) {
  const query = await searchParams;
  const user = (await getSession())?.user;
  if (user && !user.isAnonymous) redirect("/");
  return (
    <main className="narrow">
      <h1>Todo</h1>
      <p>Your tasks, on every device, also without a connection.</p>
      {"deleted" in query && <p role="status">The account and all its tasks are deleted.</p>}
      <SignIn guestId={user?.id} isNew={"new" in query} />
      {!user && <Leave />}
    </main>
  );
}
