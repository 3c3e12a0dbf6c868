/**
 * The lab's config, and the Better Auth options it stands for: one place for the server and the migrations.
 *
 * BETTER_AUTH_LAB holds JSON:
 *   version   "1.7" or "1.4"
 *   database  postgresql://…
 *   port      0 picks a free one
 *   plugins   {jwt: {…}, admin: {…}, apiKey: {…}}: a name switches the plugin on, its value is the plugin's options
 *   adapter   null, or {tool, schema, usePlural}: "drizzle" or "prisma", and the file of schemas/ that it generated
 *   sid       true adds the session's id to the jwt plugin's tokens, and to those that the lab's route mints
 *   movesTo   where the anonymous plugin's onLinkAccount sends an order to move the tasks
 *   options   Better Auth's own options, as they are
 */
import { createRequire } from "node:module";
import { SignJWT } from "jose";
import pg from "pg";

const PACKAGES = {
  1.7: { root: "better-auth", migrations: "better-auth/db/migration" },
  1.4: { root: "better-auth-1-4", migrations: "better-auth-1-4/db" },
};

export const config = JSON.parse(process.env.BETTER_AUTH_LAB);

const { root, migrations } = PACKAGES[config.version];
const available = { ...(await import(`${root}/plugins`)), ...(config.version === "1.7" ? await packages() : {}) };
export const { betterAuth } = await import(root);
export const { toNodeHandler, fromNodeHeaders } = await import(`${root}/node`);
export const { getMigrations } = await import(migrations);

/** Plugins that are packages of their own. */
async function packages() {
  const { oauthProvider, oauthDeviceAuthorization } = await import("@better-auth/oauth-provider");
  const { apiKey } = await import("@better-auth/api-key");
  const { mcp } = await import("@better-auth/mcp");
  return { oauthProvider, oauthDeviceAuthorization, apiKey, mcp };
}

/** Every mail Better Auth wanted to send, oldest first: {sender, to, url, token}. */
export const mails = [];
const capture =
  (sender) =>
  async ({ user, newEmail, url, token }) => {
    mails.push({ sender, to: user.email, newEmail, url, token });
  };

/** What the README tells frontends to add, so that a JWT ends with its session. */
const definePayload = ({ user, session }) => ({ email: user.email, name: user.name, sid: session.id });

/** What Better Auth reads and writes its tables with: by itself, with Drizzle, or with Prisma. */
async function openDatabase() {
  const pool = new pg.Pool({ connectionString: config.database, max: 4 });
  if (!config.adapter) return pool;
  const { tool, schema, usePlural } = config.adapter;
  if (tool === "drizzle") {
    const [{ drizzle }, { drizzleAdapter }, tables] = await Promise.all([
      import("drizzle-orm/node-postgres"),
      import(`${root}/adapters/drizzle`),
      import(`./schemas/${schema}.mjs`),
    ]);
    return drizzleAdapter(drizzle(pool, { schema: tables }), { provider: "pg", schema: tables, usePlural });
  }
  const [{ PrismaPg }, { prismaAdapter }] = await Promise.all([
    import("@prisma/adapter-pg"),
    import(`${root}/adapters/prisma`),
  ]);
  const { PrismaClient } = createRequire(import.meta.url)(`./schemas/${schema}-client.cjs`);
  const adapter = new PrismaPg({ connectionString: config.database, max: 4 });
  return prismaAdapter(new PrismaClient({ adapter }), { provider: "postgresql", usePlural });
}

const database = await openDatabase();
/** As docs/better-auth.md has it: who signs up keeps what they did anonymously. */
const onLinkAccount = async ({ anonymousUser, newUser }) => {
  const order = await new SignJWT({ from: anonymousUser.user.id, email: newUser.user.email, name: newUser.user.name })
    .setProtectedHeader({ alg: "HS256", typ: "todo-move+jwt" })
    .setSubject(newUser.user.id)
    .setIssuedAt()
    .setExpirationTime("1m")
    .sign(new TextEncoder().encode(config.options.secret));
  const response = await fetch(config.movesTo, { method: "POST", headers: { Authorization: `Bearer ${order}` } });
  if (!response.ok) throw new Error(`The tasks were not moved: ${response.status}`);
};

function plugins() {
  return Object.entries(config.plugins).map(([name, options]) => {
    if (name === "jwt" && config.sid) return available.jwt({ ...options, jwt: { ...options.jwt, definePayload } });
    return available[name](name === "anonymous" ? { ...options, onLinkAccount } : options);
  });
}

/** Better Auth's options for a server that is reached at `origin` unless the config names a baseURL. */
export function betterAuthOptions(origin) {
  const { user, emailAndPassword, emailVerification, ...rest } = config.options;
  return {
    baseURL: origin,
    telemetry: { enabled: false },
    ...rest,
    database,
    plugins: plugins(),
    emailAndPassword: { enabled: true, sendResetPassword: capture("sendResetPassword"), ...emailAndPassword },
    emailVerification: {
      sendOnSignUp: true,
      sendVerificationEmail: capture("sendVerificationEmail"),
      ...emailVerification,
    },
    user: {
      ...user,
      changeEmail: {
        enabled: true,
        sendChangeEmailConfirmation: capture("sendChangeEmailConfirmation"),
        ...user?.changeEmail,
      },
      deleteUser: { enabled: true, ...user?.deleteUser },
    },
  };
}
