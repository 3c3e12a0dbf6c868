import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { auth } from "./auth";

export const getSession = cache(async () => auth.api.getSession({ headers: await headers() }));

/** The session; whoever has none is sent to the sign-in page. */
export async function requireSession() {
  return (await getSession()) ?? redirect("/sign-in");
}
