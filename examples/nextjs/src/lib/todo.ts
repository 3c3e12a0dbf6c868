/** Calls to the API from server components, server actions and route handlers. */
import { SignJWT } from "jose";
import { todoClient } from "todo-api-client";

export const apiUrl = process.env.TODO_API_INTERNAL_URL || process.env.TODO_API_URL || "http://localhost:8000";
export const key = new TextEncoder().encode(process.env.BETTER_AUTH_SECRET);

/** The client of a signed-in user, with tokens that this server signs itself. */
export function todoOf({ user, session }: { user: { id: string; email: string; name: string }; session: { id: string } }) {
  const token = () =>
    new SignJWT({ email: user.email, name: user.name, sid: session.id })
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(user.id)
      .setIssuedAt()
      .setExpirationTime("5m")
      .sign(key);
  return todoClient({ url: apiUrl, userId: user.id, token, retries: 0 });
}
