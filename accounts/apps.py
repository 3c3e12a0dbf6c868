"""The accounts app."""

from django.apps import AppConfig
from django.db.models.signals import pre_migrate

from accounts.better_auth_tables import refuse_unsupported


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        from accounts import checks  # noqa: F401  Registers the system checks, which import the models.

        pre_migrate.connect(refuse_unsupported, sender=self)
