"use client";

import { useActionState } from "react";
import { deleteAccount } from "@/app/actions";

export function DeleteAccount({ isGuest }: { isGuest: boolean }) {
  const [state, action, isPending] = useActionState(deleteAccount, {});
  return (
    <form action={action} className="fields">
      {!isGuest && <label>Password <input name="password" type="password" required autoComplete="current-password" /></label>}
      <p className="error" role="alert">{state.error}</p>
      <button type="submit" className="danger" disabled={isPending}>Delete my account</button>
    </form>
  );
}
