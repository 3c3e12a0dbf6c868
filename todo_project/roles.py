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
    """Receiver of post_migrate: the permissions exist by then, unless only some apps were migrated."""
    from django.contrib.auth.models import Group, Permission

    if Group._meta.db_table not in connections[using].introspection.table_names():
        return
    for name, permissions in ROLES.items():
        group, is_new = Group.objects.using(using).get_or_create(name=name)
        if is_new:
            for permission in permissions:
                app_label, codename = permission.split(".")
                group.permissions.add(
                    Permission.objects.using(using).get(content_type__app_label=app_label, codename=codename)
                )
