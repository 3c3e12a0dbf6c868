import { betterAuth } from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { nextCookies } from "better-auth/next-js";
import { anonymous, jwt } from "better-auth/plugins";
import { db, schema } from "@/db";
import { moveTasks } from "./move-tasks";

export const auth = betterAuth({
  baseURL: process.env.BETTER_AUTH_URL,
  secret: process.env.BETTER_AUTH_SECRET,
  database: drizzleAdapter(db, { provider: "pg", schema }),
  emailAndPassword: { enabled: true },
  user: { deleteUser: { enabled: true } },
  telemetry: { enabled: false },
  plugins: [
    jwt({
      // `sid` ends the token together with its session.
      jwt: { definePayload: ({ user, session }) => ({ email: user.email, name: user.name, sid: session.id }) },
    }),
    // Guests who sign up keep their tasks.
    anonymous({ onLinkAccount: ({ anonymousUser, newUser }) => moveTasks(anonymousUser.user, newUser.user) }),
    nextCookies(), // the last one: sets the cookies of server actions
  ],
});
