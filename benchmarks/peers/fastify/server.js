// A small task API on Fastify, as fast as its documents say: response schemas, prepared statements, cached tokens.
import cluster from "node:cluster";
import fastify from "fastify";
import jwt from "@fastify/jwt";
import pg from "pg";

// bigint as a number, and a timestamp as RFC 3339 with its microseconds: Date would lose them, and costs more.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => {
  const [moment, fraction = ""] = text.slice(0, -3).replace(" ", "T").split(".");
  return `${moment}.${fraction.padEnd(6, "0")}Z`;
});

const COLUMNS = "id, user_id, title, description, completed, created_at, updated_at";
const STATUSES = { all: "", pending: "AND NOT completed", completed: "AND completed" };
const ORDERS = { created: "created_at DESC, id DESC", title: "lower(title), id" };

const TASK = {
  type: "object",
  properties: {
    id: { type: "integer" },
    user_id: { type: "string" },
    title: { type: "string" },
    description: { type: "string", nullable: true },
    completed: { type: "boolean" },
    created_at: { type: "string" },
    updated_at: { type: "string" },
  },
};
const TITLE = { type: "string", minLength: 1, maxLength: 200, pattern: "\\S" };
const DESCRIPTION = { type: "string", maxLength: 1000, nullable: true };
const PARAMS = { type: "object", properties: { user_id: { type: "string" }, task_id: { type: "integer" } } };

async function api(app) {
  const pool = new pg.Pool({
    connectionString: process.env.DATABASE_URL,
    max: 10,
    options: "-c timezone=UTC",
  });
  app.addHook("onClose", () => pool.end());

  /** Runs a statement, which is prepared once per connection under its name. */
  const query = (name, text, values) => pool.query({ name, text, values }).then((result) => result.rows);
  const found = ([task], reply) => task ?? reply.code(404).send({ detail: "Task not found" });

  app.addHook("onRequest", async (request, reply) => {
    await request.jwtVerify();
    if (request.user.sub !== request.params.user_id) {
      return reply.code(403).send({ detail: "Cannot access another user's tasks" });
    }
  });

  app.get("/", {
    schema: {
      params: PARAMS,
      querystring: {
        type: "object",
        properties: {
          status: { enum: Object.keys(STATUSES), default: "all" },
          sort: { enum: Object.keys(ORDERS), default: "created" },
          limit: { type: "integer", minimum: 1, maximum: 200 },
          offset: { type: "integer", minimum: 0, default: 0 },
        },
      },
      response: { 200: { type: "array", items: TASK } },
    },
  }, ({ user, query: { status, sort, limit, offset } }) => query(
    `list ${status} ${sort}`,
    `SELECT ${COLUMNS} FROM tasks WHERE user_id = $1 ${STATUSES[status]} ORDER BY ${ORDERS[sort]} LIMIT $2 OFFSET $3`,
    [user.sub, limit ?? null, offset],
  ));

  app.post("/", {
    schema: {
      params: PARAMS,
      body: { type: "object", required: ["title"], properties: { title: TITLE, description: DESCRIPTION } },
      response: { 201: TASK },
    },
  }, async ({ user, body }, reply) => {
    const [task] = await query(
      "create",
      `INSERT INTO tasks (user_id, title, description) VALUES ($1, $2, $3) RETURNING ${COLUMNS}`,
      [user.sub, body.title.trim(), body.description ?? null],
    );
    return reply.code(201).send(task);
  });

  app.get("/:task_id", { schema: { params: PARAMS, response: { 200: TASK } } }, async ({ user, params }, reply) =>
    found(await query("get", `SELECT ${COLUMNS} FROM tasks WHERE id = $1 AND user_id = $2`, [params.task_id, user.sub]), reply));

  app.put("/:task_id", {
    schema: {
      params: PARAMS,
      body: {
        type: "object",
        properties: { title: TITLE, description: DESCRIPTION, completed: { type: "boolean" } },
        additionalProperties: false,
      },
      response: { 200: TASK },
    },
  }, async ({ user, params, body }, reply) => {
    const names = Object.keys(body);
    const assignments = names.map((name, place) => `${name} = $${place + 3}, `).join("");
    return found(await query(
      `update ${names}`,
      `UPDATE tasks SET ${assignments} updated_at = now() WHERE id = $1 AND user_id = $2 RETURNING ${COLUMNS}`,
      [params.task_id, user.sub, ...names.map((name) => (name === "title" ? body.title.trim() : body[name]))],
    ), reply);
  });

  app.patch("/:task_id/complete", { schema: { params: PARAMS, response: { 200: TASK } } }, async ({ user, params }, reply) =>
    found(await query(
      "toggle",
      `UPDATE tasks SET completed = NOT completed, updated_at = now() WHERE id = $1 AND user_id = $2 RETURNING ${COLUMNS}`,
      [params.task_id, user.sub],
    ), reply));

  app.delete("/:task_id", { schema: { params: PARAMS } }, async ({ user, params }, reply) => {
    const deleted = await query("delete", "DELETE FROM tasks WHERE id = $1 AND user_id = $2 RETURNING id", [params.task_id, user.sub]);
    return deleted.length ? reply.code(204).send() : reply.code(404).send({ detail: "Task not found" });
  });
}

if (cluster.isPrimary) {
  for (let worker = 0; worker < Number(process.env.WEB_CONCURRENCY); worker += 1) cluster.fork();
  process.on("SIGTERM", () => process.exit());
} else {
  const app = fastify();
  app.register(jwt, { secret: process.env.BETTER_AUTH_SECRET, verify: { algorithms: ["HS256"], cache: 10_000 } });
  app.register(api, { prefix: "/api/:user_id/tasks" });
  await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
}
