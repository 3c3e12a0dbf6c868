"use client";

import { useState } from "react";
import { signOut } from "@/app/actions";
import { hasUnsent } from "@/sync/store";

/** Asks once more if there are changes that only this browser has. */
export function SignOut({ userId }: { userId: string }) {
  const [isWarned, setWarned] = useState(false);

  async function leave() {
    if (!isWarned && (await hasUnsent(userId))) return setWarned(true);
    await signOut();
  }

  return (
    <form action={leave}>
      {isWarned && <p role="alert">Some changes are not sent yet. They stay in this browser until you sign in again.</p>}
      <button type="submit">{isWarned ? "Sign out anyway" : "Sign out"}</button>
    </form>
  );
}
