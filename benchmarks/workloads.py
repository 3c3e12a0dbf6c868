"""What is asked of each contestant: requests that wrk sends, as the Lua that makes them."""

import json
import time
import urllib.request
from dataclasses import dataclass
from typing import Any

import jwt

from benchmarks.contestants import LISTS, SECRET, Contestant

USERS = [f"user-{number}" for number in range(0, 1000, 10)]
DOOMED = [f"user-{number}" for number in range(5, 1000, 10)]  # Their tasks are there to be deleted.
TASKS_OF_EACH = 40
DELETES = 12_000  # More than anybody deletes in a run.
NAMES = ["list 20", "list 100", "first page", "poll (304)", "get", "create", "update", "toggle", "delete", "mixed"]


def token_of(user: str) -> str:
    """A token as an app mints it with the shared secret."""
    now = int(time.time())
    claims = {"sub": user, "email": f"{user}@example.com", "name": user, "iat": now, "exp": now + 86_400}
    return jwt.encode(claims, SECRET, "HS256")


@dataclass(frozen=True)
class Asked:
    """What the workloads need to know of a contestant: tokens, ids of tasks, and the entity tag of the list of 20.

    doomed: tasks to delete. Each run takes some of them off.
    """

    tokens: dict[str, str]
    tasks: list[tuple[str, int]]
    doomed: list[tuple[str, int]]
    etag: str


def look_around(one: Contestant) -> Asked:
    """Ask a contestant for the ids of tasks."""
    tokens = {user: token_of(user) for user in [*USERS, *DOOMED, *LISTS]}

    def in_turn(users: list[str], query: str) -> list[tuple[str, int]]:
        # One task of each person in turn: two requests at one moment are seldom about one list, as with people.
        lists = [
            [(user, row["id"]) for row in get(one, f"/api/{user}/tasks{query}", tokens[user])[0]] for user in users
        ]
        return [task for turn in zip(*lists, strict=False) for task in turn]

    _, headers = get(one, "/api/p20/tasks", tokens["p20"])
    return Asked(tokens, in_turn(USERS, f"?limit={TASKS_OF_EACH}"), in_turn(DOOMED, ""), headers.get("ETag", ""))


def get(one: Contestant, path: str, token: str) -> tuple[Any, Any]:
    """The JSON and the headers that `path` is answered with."""
    request = urllib.request.Request(f"http://127.0.0.1:{one.port}{path}", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response), response.headers


def script_of(workload: str, asked: Asked) -> str:
    """The Lua of a workload. It reports how many answers were neither 2xx nor 304."""
    tasks = asked.tasks
    if workload == "delete":
        tasks, asked.doomed[:DELETES] = asked.doomed[:DELETES], []
    return "\n".join([tables(asked, tasks), REQUESTS[workload].replace("ETAG", asked.etag), REPORT])


def tables(asked: Asked, of: list[tuple[str, int]]) -> str:
    """The tokens and the tasks, as tables of Lua."""
    tokens = ",".join(f'["{user}"]="Bearer {token}"' for user, token in asked.tokens.items())
    tasks = ",".join(f'{{"{user}",{task}}}' for user, task in of)
    return f"local tokens={{{tokens}}}\nlocal tasks={{{tasks}}}\nlocal n, count = math.random(#tasks), 0\n{HELP}"


HELP = """
local function headers(user, more)
  local all = {["Authorization"] = tokens[user], ["Content-Type"] = "application/json"}
  for name, value in pairs(more or {}) do all[name] = value end
  return all
end
local function next_task() n = n % #tasks + 1; count = count + 1; return tasks[n][1], tasks[n][2] end
local function fixed(path, user, more)
  return function() return wrk.format("GET", path, headers(user, more)) end
end
local function on_task(method, suffix, body)
  return function()
    local user, task = next_task()
    return wrk.format(method, "/api/" .. user .. "/tasks/" .. task .. suffix, headers(user), body and body() or nil)
  end
end
local function create()
  local user = next_task()
  return wrk.format("POST", "/api/" .. user .. "/tasks", headers(user), '{"title": "Buy milk"}')
end
local function title() return '{"title": "Title ' .. count .. '"}' end
local function page()
  local user = next_task()
  return wrk.format("GET", "/api/" .. user .. "/tasks?limit=20", headers(user))
end
"""
REQUESTS = {
    "list 20": 'request = fixed("/api/p20/tasks", "p20")',
    "list 100": 'request = fixed("/api/p100/tasks", "p100")',
    "first page": 'request = fixed("/api/p10000/tasks?limit=20", "p10000")',
    "poll (304)": """request = fixed("/api/p20/tasks", "p20", {["If-None-Match"] = 'ETAG'})""",
    "get": 'request = on_task("GET", "")',
    "create": "request = create",
    "update": 'request = on_task("PUT", "", title)',
    "toggle": 'request = on_task("PATCH", "/complete")',
    "delete": """
local deleted = 0
request = function()
  deleted = deleted + 1
  local task = tasks[deleted]
  return wrk.format("DELETE", "/api/" .. task[1] .. "/tasks/" .. task[2], headers(task[1]))
end""",
    "mixed": """
local reads = {on_task("GET", ""), page, fixed("/api/p20/tasks", "p20"), on_task("GET", "")}
local writes = {on_task("PATCH", "/complete"), on_task("PUT", "", title), create}
local turn = 0
request = function()
  turn = turn + 1
  if turn % 5 == 0 then return writes[(turn / 5) % #writes + 1]() end
  return reads[turn % #reads + 1]()
end""",
}
REPORT = """
local threads = {}
function setup(thread) table.insert(threads, thread) end
function init() bad = 0 end
function response(status) if status >= 400 or (status >= 300 and status ~= 304) then bad = bad + 1 end end
function done(summary, latency)
  local wrong = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  for _, thread in ipairs(threads) do wrong = wrong + thread:get("bad") end
  io.write(string.format("FIGURES %d %d %d %d %d\\n",
    summary.requests, summary.duration, wrong, latency:percentile(50), latency:percentile(99)))
end
"""
