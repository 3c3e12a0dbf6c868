/** Makes Better Auth's tables with its own migrations: a database as a frontend's first release left it. */
import { betterAuthOptions, getMigrations } from "./options.mjs";

const options = betterAuthOptions("http://localhost");
const { runMigrations } = await getMigrations(options);
await runMigrations();
await options.database.end();
