"""The accounts app: Better Auth's people, as this API meets them."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Better Auth's tables and tokens."""

    name = "accounts"
    verbose_name = "Better Auth"

    def ready(self) -> None:
        """Register the system checks."""
        from accounts import checks  # noqa: F401  they want the models, which are there from now on.
