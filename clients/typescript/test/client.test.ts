import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import vm from "node:vm";
import { TodoError, type Page, type Task, type TodoClient } from "../src/client";
import { countRequests, loseNextAnswer, person, signed, url } from "./people";

const failed = (code: string) => (error: unknown) => error instanceof TodoError && error.code === code;

test("a token that has ended is renewed unseen, once for all requests", async () => {
  const ended = signed("ada", -100, 1000); // valid for 15 minutes by this machine's clock
  const tokens = [ended, signed("ada"), "not asked for"];
  let asked = 0;
  const ada = person({ userId: "ada", token: async () => tokens[asked++]! });

  const lists = await Promise.all(Array.from({ length: 5 }, () => ada.list()));

  assert.equal(lists.length, 5);
  assert.equal(asked, 2);
});

test("a token is renewed before it ends", async () => {
  let asked = 0;
  const bob = person({ userId: "bob", token: async () => { asked++; return signed("bob", asked === 1 ? 20 : 900); } });
  const requests = countRequests();

  await bob.list();
  await bob.list();
  await bob.list();
  requests.stop();

  assert.equal(asked, 2); // the first had less than 30 seconds left
  assert.ok(!requests.statuses.includes(401));
});

test("a second 401 is an error, and the next request asks for a token again", async () => {
  let asked = 0;
  const nobody = person({ token: async () => { asked++; return "nonsense"; } });

  await assert.rejects(nobody.list(), failed("INVALID_TOKEN"));
  await assert.rejects(nobody.list(), failed("INVALID_TOKEN"));

  assert.equal(asked, 3); // 2, and 1: the token that has just been refused is tried once more
});

test("an error has the code, the status and the messages of the fields", async () => {
  await assert.rejects(person().create({ title: " ", tags: [""] }), (error: unknown) => {
    assert.ok(error instanceof TodoError);
    assert.deepEqual([error.status, error.code, error.isTemporary], [422, "VALIDATION_ERROR", false]);
    assert.deepEqual(Object.keys(error.errors), ["title", "tags"]);
    return true;
  });
});

test("an error of a proxy, which is no JSON, is an error too", async () => {
  const proxy = createServer((_, response) => response.writeHead(502, "Bad Gateway").end("<h1>Bad Gateway</h1>"));
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;

  const behind = person({ url: `http://127.0.0.1:${port}`, retries: 0 });

  await assert.rejects(behind.list(), (error: TodoError) => error.status === 502 && error.message === "Bad Gateway");
  proxy.close();
});

test("a server that cannot be reached is the error NETWORK", async () => {
  const away = person({ url: "http://127.0.0.1:9", retries: 0 });

  await assert.rejects(away.list(), (error: TodoError) => error.code === "NETWORK" && error.isTemporary);
});

test("a task whose answer was lost is created once", async () => {
  const ada = person();
  loseNextAnswer("POST");

  const task = await ada.create({ title: "Buy milk" });

  assert.deepEqual((await ada.list()).map(({ id }) => id), [task.id]);
});

test("a change of another version is refused, with the task as it is now", async () => {
  const ada = person();
  const task = await ada.create({ title: "Buy milk" });
  await ada.update(task, { title: "Buy oat milk" });

  await assert.rejects(ada.update(task, { title: "Buy soy milk" }), (error: TodoError) => {
    assert.equal(error.code, "PRECONDITION_FAILED");
    assert.equal(error.current?.title, "Buy oat milk");
    return true;
  });
});

test("a change whose answer was lost succeeds, and counts once", async () => {
  const ada = person();
  const task = await ada.create({ title: "Buy milk" });
  loseNextAnswer("PATCH");

  const changed = await ada.update(task, { title: "Buy oat milk", tags: ["home"] });

  assert.deepEqual([changed.title, changed.version], ["Buy oat milk", 2]);
});

test("a task that is trashed twice is trashed, and can be restored", async () => {
  const ada = person();
  const task = await ada.create({ title: "Buy milk" });

  await ada.remove(task);
  await ada.remove({ id: task.id });
  assert.deepEqual(await ada.list(), []);

  assert.equal((await ada.restore(task.id)).title, "Buy milk");
});

test("completed tasks are marked, cleared and exported", async () => {
  const ada = person();
  await ada.create({ title: "Buy milk" });
  await ada.create({ title: "Buy bread" });

  assert.deepEqual(await ada.markAll(true), { updated: 2 });
  assert.deepEqual(await ada.clearCompleted(), { deleted: 2 });
  assert.equal((await ada.exportAll()).trash.length, 2);
});

test("a list that has not changed is not transferred again", async () => {
  const ada = person();
  await ada.create({ title: "Buy milk", priority: "high" });
  const query = { status: "pending", priority: "high", tag: [] as string[] } as const;
  const requests = countRequests();

  const first = await ada.list(query);
  const second = await ada.list(query);
  await ada.create({ title: "Buy bread" });
  const third = await ada.list(query);
  requests.stop();

  assert.equal(second, first);
  assert.deepEqual(requests.statuses, [200, 304, 201, 200]);
  assert.deepEqual(third, first);
});

async function follow(client: TodoClient, copy: Map<number, Task>, since?: string): Promise<Page> {
  let last: Page | undefined;
  for await (const page of client.changes(since)) {
    if (page.reset) copy.clear();
    for (const change of page.changes) {
      if (change.op === "upsert") copy.set(change.task.id, change.task);
      else copy.delete(change.id);
    }
    last = page;
  }
  return last!;
}

test("a copy follows the list, and starts again when its revision has expired", async () => {
  const ada = person();
  const copy = new Map<number, Task>();
  const titles = () => [...copy.values()].map(({ title }) => title).sort();
  const milk = await ada.create({ title: "Buy milk" });
  const bread = await ada.create({ title: "Buy bread" });

  const first = await follow(ada, copy);
  assert.deepEqual([titles(), first.reset], [["Buy bread", "Buy milk"], true]);

  await ada.remove(milk);
  await ada.update(bread, { title: "Buy rye bread" });
  const second = await follow(ada, copy, first.revision);
  assert.deepEqual([titles(), second.reset], [["Buy rye bread"], false]);

  const { userId } = ada;
  await fetch(`${url}/api/${userId}?confirm=${userId}`,
              { method: "DELETE", headers: { Authorization: `Bearer ${signed(userId)}` } });
  const third = await follow(ada, copy, second.revision);
  assert.deepEqual([titles(), third.reset], [[], true]);
});

test("the feed goes on asking, until it is left", async () => {
  const ada = person();
  const seen: number[] = [];
  let task: Task | undefined;

  for await (const { changes } of ada.changes(null, { every: 1 })) {
    seen.push(changes.length);
    task ??= await ada.create({ title: "Buy milk" });
    if (changes.length) break;
  }

  assert.equal(seen.at(-1), 1);
});

test("the client needs nothing but the interfaces that edge runtimes have", async () => {
  const web = { fetch, URL, URLSearchParams, Headers, Response, AbortSignal, atob, crypto, setTimeout };
  const exports: { todoClient?: typeof import("../src/client").todoClient } = {};
  vm.runInNewContext(readFileSync(`${__dirname}/../src/client.js`, "utf8"), { ...web, exports });

  const ada = exports.todoClient!({ url, userId: "eve", token: async () => signed("eve") });

  assert.equal((await ada.create({ title: "Buy milk" })).title, "Buy milk");
});
