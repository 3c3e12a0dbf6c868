"""The pages of operators and of their roles: Django's own, whose lists are as strict as ours."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User

from accounts.admin_requests import StrictListMixin

admin.site.unregister((User, Group))


@admin.register(User)
class OperatorAdmin(StrictListMixin, UserAdmin):  # type: ignore[type-arg]  # UserAdmin[…] fails at run time
    pass


@admin.register(Group)
class RoleAdmin(StrictListMixin, GroupAdmin):
    pass
