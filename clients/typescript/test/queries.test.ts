import assert from "node:assert/strict";
import { test } from "node:test";
import { MutationObserver, QueryClient, QueryObserver } from "@tanstack/query-core";
import type { Task } from "../src/client";
import { todoQueries } from "../src/queries";
import { person } from "./people";

/** A user with one task, in an app that shows the list. */
async function app() {
  const todo = person();
  const cache = new QueryClient();
  const queries = todoQueries(todo, cache);
  const task = await todo.create({ title: "Buy milk" });
  await cache.fetchQuery(queries.list());
  const shown: string[] = [];
  const stop = new QueryObserver<Task[]>(cache, { ...queries.list(), enabled: false }).subscribe(({ data }) => {
    const titles = data!.map((one) => one.title).join(", ");
    if (shown.at(-1) !== titles) shown.push(titles);
  });
  return { todo, cache, queries, task, shown, stop };
}

test("a change is shown before it is answered", async () => {
  const { queries, cache, task, shown, stop } = await app();
  const update = new MutationObserver(cache, queries.update);

  const changed = update.mutate({ task, changes: { title: "Buy oat milk" } });
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(shown, ["Buy oat milk"]);

  assert.equal((await changed).version, 2);
  stop();
});

test("a change that another one has overtaken is taken back, and the other one shown", async () => {
  const { todo, queries, cache, task, shown, stop } = await app();
  await todo.update(task, { title: "Buy soy milk" }); // on another device
  const update = new MutationObserver(cache, queries.update);

  await assert.rejects(update.mutate({ task, changes: { title: "Buy oat milk" } }));

  assert.deepEqual([shown[0], shown.at(-1)], ["Buy oat milk", "Buy soy milk"]);
  assert.equal((await todo.get(task.id)).title, "Buy soy milk");
  stop();
});

test("a deleted task disappears at once, and comes back if it was changed elsewhere", async () => {
  const { todo, queries, cache, task, shown, stop } = await app();
  await todo.update(task, { priority: "high" });
  const remove = new MutationObserver(cache, queries.remove);

  await assert.rejects(remove.mutate(task));
  assert.deepEqual(shown, ["", "Buy milk"]);

  await remove.mutate(await todo.get(task.id));
  assert.deepEqual(await cache.fetchQuery(queries.list()), []);
  stop();
});

test("a created task and a restored one are in the list that is fetched next", async () => {
  const { queries, cache, task, stop } = await app();

  await new MutationObserver(cache, queries.create).mutate({ title: "Buy bread", key: "draft-1" });
  await new MutationObserver(cache, queries.create).mutate({ title: "Buy bread", key: "draft-1" });
  assert.equal((await cache.fetchQuery(queries.list())).length, 2);

  await new MutationObserver(cache, queries.remove).mutate(await cache.fetchQuery(queries.task(task.id)));
  await new MutationObserver(cache, queries.restore).mutate(task);
  assert.equal((await cache.fetchQuery(queries.list())).length, 2);
  stop();
});
