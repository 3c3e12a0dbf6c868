import Link from "next/link";
import type { ReactNode } from "react";

/** A page of a signed-in user. */
export function Page({ title, user, children }: { title: string; user: { name: string; isAnonymous?: boolean | null }; children: ReactNode }) {
  return (
    <div className="page">
      <header className="top">
        <h1>{title}</h1>
        <nav aria-label="Pages">
          <Link href="/">Tasks</Link>
          <Link href="/trash">Trash</Link>
          <Link href="/account">{user.isAnonymous ? "Guest" : user.name}</Link>
        </nav>
      </header>
      <main>{children}</main>
    </div>
  );
}
