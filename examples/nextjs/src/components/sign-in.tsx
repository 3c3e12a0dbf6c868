"use client";

import { useActionState, useState } from "react";
import { signIn, signUp, tryAsGuest, type FormState } from "@/app/actions";
import { hasUnsent } from "@/sync/store";

/** guestId: a guest who signs up or in. Their tasks come along, so all of them must have been sent before. */
export function SignIn({ guestId, isNew }: { guestId?: string; isNew: boolean }) {
  const [isSignUp, setSignUp] = useState(isNew);
  const checked = (action: typeof signIn) => async (state: FormState, form: FormData): Promise<FormState> =>
    guestId && (await hasUnsent(guestId))
      ? { error: "Some changes are not sent yet. Open your tasks with a connection first." }
      : action(state, form);
  const [signedIn, signInAction, isSigningIn] = useActionState(checked(signIn), {});
  const [signedUp, signUpAction, isSigningUp] = useActionState(checked(signUp), {});
  const [guest, guestAction, isStarting] = useActionState(tryAsGuest, {});
  const state = isSignUp ? signedUp : signedIn;

  return (
    <>
      <form action={isSignUp ? signUpAction : signInAction} className="fields card" key={String(isSignUp)}>
        <h2>{isSignUp ? "Sign up" : "Sign in"}</h2>
        {isSignUp && <label>Name <input name="name" autoComplete="name" defaultValue={state.name} required /></label>}
        <label>Email <input name="email" type="email" autoComplete="email" defaultValue={state.email} required /></label>
        <label>Password
          <input name="password" type="password" required minLength={8} autoComplete={isSignUp ? "new-password" : "current-password"} />
          {isSignUp && <small>At least 8 characters.</small>}
        </label>
        <p className="error" role="alert">{state.error}</p>
        <button type="submit" className="primary" disabled={isSigningIn || isSigningUp}>{isSignUp ? "Sign up" : "Sign in"}</button>
        <button type="button" className="link" onClick={() => setSignUp(!isSignUp)}>
          {isSignUp ? "I have an account" : "I am new here"}
        </button>
      </form>
      {!guestId && (
        <form action={guestAction} className="card">
          <p className="error" role="alert">{guest.error}</p>
          <button type="submit" disabled={isStarting}>Try it as a guest</button>
        </form>
      )}
    </>
  );
}
