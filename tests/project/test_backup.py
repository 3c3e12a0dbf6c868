"""A backup that is restored (docs/operations.md): what was there is there, and copies of lists notice what was not."""

from tests.better_auth.test_setups import bearer
from tests.support.api_server import Api, manage
from tests.support.databases import fresh_database, server_url
from tests.support.dumps import dump_and_restore
from tests.support.people import token_of


def test_after_a_restore_copies_go_on_or_start_again() -> None:
    with fresh_database(server_url()) as source, fresh_database(server_url()) as target:
        assert manage(source, "migrate", "--verbosity=0").returncode == 0
        with Api(source) as api:
            ada = bearer(token_of("ada", secret=api.secret))
            tasks, feed = "/api/ada/tasks", "/api/ada/tasks/changes"
            kept = api.send("POST", tasks, {"title": "In the backup"}, **ada).json
            of_the_backup = api.send("GET", feed, **ada).json["revision"]
            dump_and_restore(source, target)
            api.send("POST", tasks, {"title": "Lost"}, **ada)
            of_the_loss = api.send("GET", feed, **ada).json["revision"]

        with Api(target) as api:
            assert api.send("GET", tasks, **ada).json == [kept]
            up_to_date = api.send("GET", f"{feed}?since={of_the_backup}", **ada).json
            assert up_to_date["changes"] == []
            outdated = api.send("GET", f"{feed}?since={of_the_loss}", **ada)
            assert (outdated.status, outdated.json["error_code"]) == (410, "REVISION_EXPIRED")
            api.send("POST", tasks, {"title": "After the restore"}, **ada)
            following = api.send("GET", f"{feed}?since={of_the_backup}", **ada).json["changes"]
            assert [change["task"]["title"] for change in following] == ["After the restore"]
            assert api.send("GET", f"{feed}?since={of_the_loss}", **ada).status == 410, (
                "the same revision, another change"
            )
