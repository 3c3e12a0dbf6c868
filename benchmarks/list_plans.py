"""How PostgreSQL finds one person's tasks among a million: the plan of each list, as EXPLAIN ANALYZE tells it.

python -m benchmarks.list_plans [tasks]
"""

import re
import sys

from benchmarks.scratch import scratch_database

PEOPLE = 1000
LONG_TEXT = re.compile(r"'[^']{100,}'")  # The alphabets of lower_case().
FILL = """
INSERT INTO tasks (user_id, title, completed, created_at)
SELECT 'user-' || mod(number, %(people)s), md5(number::text), mod(number, 3) = 0, now() - number * interval '1 second'
FROM generate_series(1, %(tasks)s) number
"""


def main(tasks: int) -> None:
    """Fill a table and print the plans."""
    with scratch_database():
        from django.db import connection

        from accounts.models import User
        from tasks.models import SORTS, Task
        from tasks.task_json import TaskJSON

        User.objects.bulk_create(
            User(id=f"user-{number}", name="", email=f"{number}@example.com", email_verified=False)
            for number in range(PEOPLE)
        )
        with connection.cursor() as cursor:
            cursor.execute(FILL, {"people": PEOPLE, "tasks": tasks})
            cursor.execute("VACUUM ANALYZE tasks")
        print(f"{tasks:,} tasks of {PEOPLE:,} people")
        for sort in SORTS:
            for status in ("all", "pending", "completed"):
                tasks_listed = Task.objects.owned_by("user-7").listed(status=status, sort=sort)
                query = tasks_listed.annotate(json_text=TaskJSON()).values_list("json_text")
                plan = LONG_TEXT.sub("'…'", query.explain(analyze=True, buffers=True))
                print(f"\nstatus={status} sort={sort}\n{plan}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
