"""Operators of each role, signed in to the admin."""

from django.contrib.auth.models import Group
from django.contrib.auth.models import User as StaffUser
from django.test import Client

from tests.support.people import STAFF_HASH

ROLES = ("Nobody", "Viewer", "Support", "Operator", "Superuser")


def operator(role: str, name: str = "") -> Client:
    """Return the client of a staff user with a role; a `Nobody` is staff without any permission."""
    user = StaffUser.objects.create(
        username=name or role.lower(), password=STAFF_HASH, is_staff=True, is_superuser=role == "Superuser"
    )
    if role not in {"Nobody", "Superuser"}:
        user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client
