/** Better Auth's tables, as its generator writes them for Drizzle (with the jwt and anonymous plugins).
 *
 * Columns have no names here: `casing` (index.ts) makes `email_verified` or `emailVerified` of them. The API's own
 * migrations write the second, with time zones.
 */
import { boolean, index, pgTable, text, timestamp } from "drizzle-orm/pg-core";

export const casing = process.env.BETTER_AUTH_SCHEMA === "camelCase" ? "camelCase" : "snake_case";
const moment = () => timestamp({ withTimezone: casing === "camelCase" });
const updated = () => moment().defaultNow().$onUpdate(() => new Date()).notNull();

export const user = pgTable("user", {
  id: text().primaryKey(),
  name: text().notNull(),
  email: text().notNull().unique(),
  emailVerified: boolean().default(false).notNull(),
  image: text(),
  createdAt: moment().defaultNow().notNull(),
  updatedAt: updated(),
  isAnonymous: boolean().default(false),
});

export const session = pgTable(
  "session",
  {
    id: text().primaryKey(),
    expiresAt: moment().notNull(),
    token: text().notNull().unique(),
    createdAt: moment().defaultNow().notNull(),
    updatedAt: moment().$onUpdate(() => new Date()).notNull(),
    ipAddress: text(),
    userAgent: text(),
    userId: text().notNull().references(() => user.id, { onDelete: "cascade" }),
  },
  (table) => [index("session_userId_idx").on(table.userId)],
);

export const account = pgTable(
  "account",
  {
    id: text().primaryKey(),
    accountId: text().notNull(),
    providerId: text().notNull(),
    userId: text().notNull().references(() => user.id, { onDelete: "cascade" }),
    accessToken: text(),
    refreshToken: text(),
    idToken: text(),
    accessTokenExpiresAt: moment(),
    refreshTokenExpiresAt: moment(),
    scope: text(),
    password: text(),
    createdAt: moment().defaultNow().notNull(),
    updatedAt: moment().$onUpdate(() => new Date()).notNull(),
  },
  (table) => [index("account_userId_idx").on(table.userId)],
);

export const verification = pgTable(
  "verification",
  {
    id: text().primaryKey(),
    identifier: text().notNull(),
    value: text().notNull(),
    expiresAt: moment().notNull(),
    createdAt: moment().defaultNow().notNull(),
    updatedAt: updated(),
  },
  (table) => [index("verification_identifier_idx").on(table.identifier)],
);

export const jwks = pgTable("jwks", {
  id: text().primaryKey(),
  publicKey: text().notNull(),
  privateKey: text().notNull(),
  createdAt: moment().notNull(),
  expiresAt: moment(),
  alg: text(),
  crv: text(),
});
