/** drizzle-kit's config for the schema and the database in BETTER_AUTH_LAB (see options.mjs). */
const { adapter, database } = JSON.parse(process.env.BETTER_AUTH_LAB);

export default {
  dialect: "postgresql",
  schema: `./schemas/${adapter.schema}.mjs`,
  dbCredentials: { url: database },
};
