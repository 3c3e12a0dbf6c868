"""The statements of the demo data (tasks/demo.py). Chance depends on the numbers of tasks alone: each run is equal."""

from accounts.users import COLUMNS, USERS

# The columns that Better Auth has without any plugin.
CREATE_USERS = f"""
INSERT INTO {USERS}
    (id, name, email, {COLUMNS["email_verified"]}, {COLUMNS["created_at"]}, {COLUMNS["updated_at"]})
SELECT id, name, id || '@example.com', true, signed_up, signed_up
FROM unnest(%(ids)s::text[], %(names)s::text[], %(signed_up)s::timestamptz[]) AS new (id, name, signed_up)
"""

VERBS = "Buy,Call,Send,Book,Check,Plan,Write,Return,Repair,Clean,Ask for,Pay for,Order,Review,Prepare,Cancel"
THINGS = (
    "milk and bread,the dentist,the invoice,a table for two,the smoke detector,the weekend,a letter to the landlord,"
    "the library books,the bicycle,the windows,a quote,the parking ticket,new shoes,the contract,the slides,the gym,"
    "Grüße an Zoë,東京の切符,the boiler,tickets"
)
CHANCE = "mod(abs(hashint8extended({part}, {seed})), {size})"


def chance(seed: int, size: int) -> str:
    """Return SQL of a number below `size` that looks random, and is the same for a task whenever it is asked for."""
    return CHANCE.format(part="number", seed=seed, size=size)


# Tasks of the users with the numbers from `first` to `last`, each with `per_user` of them and the first `rest` users
# with one more. They were created in the last 90 days.
CREATE = f"""
INSERT INTO tasks (user_id, title, description, completed, created_at, due_date, priority, tags)
SELECT user_id,
    (string_to_array('{VERBS}', ','))[1 + {chance(1, 16)}] || ' '
        || (string_to_array('{THINGS}', ','))[1 + {chance(2, 20)}],
    CASE WHEN {chance(3, 4)} = 0 THEN 'Not from the corner shop; ask whether it comes before noon.' END,
    {chance(4, 10)} < 4,
    now() - {chance(5, 7_776_000)} * interval '1 second',
    CASE WHEN {chance(6, 3)} = 0 THEN current_date - 20 + ({chance(7, 60)})::int END,
    (ARRAY['none', 'none', 'low', 'medium', 'high'])[1 + {chance(8, 5)}],
    CASE WHEN {chance(9, 4)} = 0 THEN ARRAY[(ARRAY['home', 'work', 'family'])[1 + {chance(10, 3)}]] ELSE '{{}}' END
FROM (
    SELECT %(prefix)s || lpad(person::text, 7, '0') AS user_id, person * 100000 + task AS number
    FROM generate_series(%(first)s::bigint, %(last)s) AS person,
        generate_series(1, %(per_user)s + (person <= %(rest)s)::int) AS task
) AS numbered
"""

# A tenth is completed and a twentieth deleted afterwards, by statements of their own: so there is a history.
# Only live tasks, so that the index of these finds the batch: without it each batch would read the whole table.
OF_BATCH = "user_id BETWEEN %(first_id)s AND %(last_id)s AND deleted_at IS NULL"
COMPLETE = f"UPDATE tasks SET completed = true WHERE {OF_BATCH} AND NOT completed AND id %% 10 = 0"
TRASH = f"UPDATE tasks SET deleted_at = clock_timestamp() WHERE {OF_BATCH} AND id %% 20 = 1"

ACT = "SELECT set_config('todo.actor', %(actor)s, true), set_config('todo.source', %(source)s, true)"
ANALYZE = "ANALYZE tasks, task_lists, task_changes"

# Lists first: then the trigger of a deleted task writes no tombstone, which would be deleted next.
REMOVE_LISTS = "DELETE FROM task_lists WHERE user_id = ANY(%(ids)s)"
# One statement for each index of tasks.
REMOVE_LIVE = "DELETE FROM tasks WHERE user_id = ANY(%(ids)s) AND deleted_at IS NULL"
REMOVE_TRASH = "DELETE FROM tasks WHERE user_id = ANY(%(ids)s) AND deleted_at IS NOT NULL"
VACUUM = "VACUUM tasks"
