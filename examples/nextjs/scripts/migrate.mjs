/**
 * Brings Better Auth's tables to the state that this app needs (`npm run migrate`), as BETTER_AUTH_SCHEMA says:
 * snake_case: Drizzle makes them, then `manage.py migrate` of the API adopts them.
 * camelCase: `manage.py migrate` has made them; here they only get the column of the anonymous plugin.
 */
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 1 });
const folder = process.env.BETTER_AUTH_SCHEMA === "camelCase" ? "camelCase" : "snake_case";
await migrate(drizzle(pool), { migrationsFolder: `${import.meta.dirname}/../drizzle/${folder}` });
await pool.end();
