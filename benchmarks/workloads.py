"""What the load asks for: each workload as the Lua that wrk runs, and the answers that count.

Every request is somebody else's than the one before: users, their tokens and their tasks take turns.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.population import Group, Population, person, token


@dataclass(frozen=True)
class Workload:
    """A kind of request.

    asks: Lua that returns a request; `n` is one more each time.
    deletes: how many tasks a request takes away, on average, and at most one.
    """

    title: str
    asks: str
    deletes: float = 0


LIST = "return ask(in_turn({}), 'GET', '{}')"
PAGE = "return ask(someone(), 'GET', '?limit=20')"
POLL = "local who = in_turn(twenty); return ask(who, 'GET', '', nil, known[who])"
GET = "local id = kept(); return ask(owner(id), 'GET', '/' .. id)"
CREATE = """return ask(someone(), 'POST', '', '{"title": "Buy milk, ' .. n .. '", "description": "Today."}')"""
UPDATE = """local id = kept(); return ask(owner(id), 'PUT', '/' .. id, '{"title": "Buy milk instead, ' .. n .. '"}')"""
TOGGLE = "local id = kept(); return ask(owner(id), 'PATCH', '/' .. id .. '/complete')"
DELETE = "local id = doomed(); return ask(owner(id), 'DELETE', '/' .. id)"
# One after the other: only for a load of one connection.
TRASH_AND_RESTORE = """
if not back then back = kept(); return ask(owner(back), 'DELETE', '/' .. back) end
local id = back; back = nil; return ask(owner(id), 'POST', '/' .. id .. '/restore')
"""
MIXED = f"""
local turn = n % 20
if turn < 8 then {LIST.format("twenty", "")} end
if turn < 16 then {GET} end
if turn == 16 then {CREATE} end
if turn == 17 then {UPDATE} end
if turn == 18 then {TOGGLE} end
{DELETE}
"""

WORKLOADS = {
    "list-20": Workload("list of 20", LIST.format("twenty", "")),
    "list-100": Workload("list of 100", LIST.format("hundred", "")),
    "page": Workload("first page of 10,000", LIST.format("ten_thousand", "?limit=20")),
    # Clients that were given an entity tag send it again; the others get the whole list again.
    "poll": Workload("poll, unchanged", POLL),
    "get": Workload("get", GET),
    "create": Workload("create", CREATE),
    "update": Workload("update", UPDATE),
    "toggle": Workload("toggle", TOGGLE),
    "delete": Workload("delete", DELETE, deletes=1),
    "mixed": Workload("mixed, 80 % reads", MIXED, deletes=1 / 20),
}

# Those of benchmarks.flat, which ask for the tasks of a crowd that it chooses.
OF_A_CROWD = {
    "page of crowd": Workload("first page", PAGE),
    "trash and restore": Workload("trash, restore", TRASH_AND_RESTORE),
    "list-10000": Workload("list of 10,000", LIST.format("ten_thousand", "")),
}

SCRIPT = """
local people, known = {{ {people} }}, {{ {known} }}
local crowd = {{
  person = {crowd.first_person}, people = {crowd.people}, task = {crowd.first}, rounds = {crowd.rounds}
}}
local active, n, d, back = {active}, {first}, {first_doomed}, nil
local twenty, hundred, ten_thousand = {twenty}, {hundred}, {ten_thousand}

function ask(who, method, path, body, header)
  local told = people[who + 1]
  local request = method .. " /api/" .. told[1] .. "/tasks" .. path .. " HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\n" ..
    "Authorization: Bearer " .. told[2] .. "\\r\\n" .. (header or "")
  if body then
    return request .. "Content-Type: application/json\\r\\nContent-Length: " .. #body .. "\\r\\n\\r\\n" .. body
  end
  return request .. "\\r\\n"
end
function in_turn(group) return group[1] + n % group[2] end
function someone() return crowd.person + n % active end
function owner(id) return crowd.person + id % crowd.people end
function kept() return crowd.task + math.floor(n / active) * 7919 % crowd.rounds * crowd.people + n % active end
function doomed() d = d + 1; return d end

function request()
  n = n + 1
  {asks}
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('\\nRESULT {{"requests": %d, "seconds": %f, "bytes": %d, "refused": %d, "broken": %d, ' ..
    '"p50_ms": %f, "p99_ms": %f}}\\n', summary.requests, summary.duration / 1e6, summary.bytes, e.status,
    e.connect + e.read + e.write + e.timeout, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


def script(
    workload: Workload,
    population: Population,
    crowd: Group,
    active: int,
    *,
    tags: Mapping[int, str],
    first: int,
    doomed: int,
) -> str:
    """The Lua of a workload.

    crowd: whose tasks are read and written, where the workload says nothing else.
    active: how many of them are.
    tags: by the number of a user, the entity tag of their list, where the server gave one.
    first: the number of the first request, so that no figure asks for what the one before it asked for.
    doomed: tasks up to this id are no longer there.
    """
    groups = {"twenty": 20, "hundred": 100, "ten_thousand": 10_000}
    ranges = {name: population.with_list_of(length) for name, length in groups.items()}
    return SCRIPT.format(
        people=", ".join(f'{{"{person(number)}", "{token(number)}"}}' for number in range(population.size)),
        known=", ".join(f"[{number}] = {header!r}" for number, header in if_none_match(tags).items()),
        crowd=crowd,
        active=active,
        first=first,
        first_doomed=doomed,
        asks=workload.asks,
        **{name: f"{{ {people.start}, {len(people)} }}" for name, people in ranges.items()},
    )


def if_none_match(tags: Mapping[int, str]) -> dict[int, str]:
    """The header lines of conditional requests."""
    return {number: f"If-None-Match: {tag}\r\n" for number, tag in tags.items()}
