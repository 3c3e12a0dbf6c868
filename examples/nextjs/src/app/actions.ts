"use server";

import { isAPIError } from "better-auth/api";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { auth } from "@/lib/auth";
import { getSession } from "@/lib/session";

/** What a form says after it was sent and failed, and what was typed into it. */
export type FormState = { error?: string; name?: string; email?: string };

const text = (form: FormData, name: string) => String(form.get(name) ?? "");

/** Runs an action of Better Auth; returns the reason in words if it refuses. */
async function tried(action: () => Promise<unknown>, typed: FormState = {}): Promise<FormState | null> {
  try {
    await action();
    return null;
  } catch (error) {
    if (isAPIError(error)) return { ...typed, error: String(error.body?.message ?? error.message) };
    console.error(error);
    return { ...typed, error: "That did not work. Please try again in a moment." };
  }
}

export async function signIn(_: FormState, form: FormData): Promise<FormState> {
  const [email, password] = [text(form, "email"), text(form, "password")];
  const failure = await tried(async () => auth.api.signInEmail({ body: { email, password }, headers: await headers() }), { email });
  return failure ?? redirect("/");
}

export async function signUp(_: FormState, form: FormData): Promise<FormState> {
  const [name, email, password] = [text(form, "name"), text(form, "email"), text(form, "password")];
  const body = { name: name || email.split("@")[0]!, email, password };
  const failure = await tried(async () => auth.api.signUpEmail({ body, headers: await headers() }), { name, email });
  return failure ?? redirect("/");
}

export async function tryAsGuest(): Promise<FormState> {
  const failure = await tried(async () => auth.api.signInAnonymous({ headers: await headers() }));
  return failure ?? redirect("/");
}

export async function signOut(): Promise<void> {
  await tried(async () => auth.api.signOut({ headers: await headers() }));
  redirect("/sign-in");
}

/** Deletes the account. Its tasks, trash and history go with it: their rows refer to the user's. */
export async function deleteAccount(_: FormState, form: FormData): Promise<FormState> {
  const sent = await headers();
  const isGuest = (await getSession())?.user.isAnonymous;
  const failure = await tried(() =>
    isGuest
      ? auth.api.deleteAnonymousUser({ headers: sent })
      : auth.api.deleteUser({ body: { password: text(form, "password") }, headers: sent }),
  );
  return failure ?? redirect("/sign-in?deleted");
}
