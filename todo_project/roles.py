"""The roles of operators, ready made: groups of Django's, which `migrate` creates where they are missing.

A group that exists is left as it is: whoever gives a role more or fewer permissions keeps that.
"""

from typing import Any

from django.db import connections

VIEWER = ("accounts.view_user", "tasks.view_task", "tasks.view_taskchange")
SUPPORT = (*VIEWER, "tasks.add_task", "tasks.change_task", "accounts.sign_out_user", "accounts.export_user")
OPERATOR = (*SUPPORT, "accounts.ban_user", "accounts.move_user_tasks", "accounts.erase_user")
ROLES = {"Viewer": VIEWER, "Support": SUPPORT, "Operator": OPERATOR}


def create_roles(using: str, **kwargs: Any) -> None:
    """Receiver of post_migrate: the permissions exist by then, unless only some apps are migrated."""
    from django.contrib.auth.models import Group, Permission

    if Group._meta.db_table not in connections[using].introspection.table_names():
        return
    groups, permissions = Group.objects.using(using), Permission.objects.using(using)
    for name, wanted in ROLES.items():
        found = [
            permission
            for permission in permissions.filter(codename__in=[item.partition(".")[2] for item in wanted])
            if f"{permission.content_type.app_label}.{permission.codename}" in wanted
        ]
        if len(found) == len(wanted) and not groups.filter(name=name).exists():
            groups.create(name=name).permissions.set(found)
