"""Better Auth's tables, as its server expects to find them; BETTER_AUTH_SCHEMA says how they are called.

Every default is in the database, because Better Auth inserts without Django. Source: its schema of 1.7, with the admin
plugin's columns. The last table is ours.
"""

from django.db import models
from django.db.models import DB_CASCADE
from django.db.models.functions import Now

from accounts.fields import BetterAuthDateTimeField, PluginBooleanField, PluginDateTimeField, PluginTextField
from accounts.schema_names import column_name, table_name


class User(models.Model):
    """A user. Better Auth writes the row if it shares the database; otherwise it is created from a token."""

    id = models.TextField(primary_key=True)
    name = models.TextField()
    email = models.TextField()
    email_verified = models.BooleanField(db_column=column_name("emailVerified"))
    image = models.TextField(null=True, blank=True)
    created_at = BetterAuthDateTimeField(db_column=column_name("createdAt"), db_default=Now())
    updated_at = BetterAuthDateTimeField(db_column=column_name("updatedAt"), db_default=Now())
    role = PluginTextField(null=True, blank=True, plugin="admin")
    banned = PluginBooleanField(null=True, blank=True, plugin="admin")
    ban_reason = PluginTextField(null=True, blank=True, db_column=column_name("banReason"), plugin="admin")
    ban_expires = PluginDateTimeField(null=True, blank=True, db_column=column_name("banExpires"), plugin="admin")

    class Meta:
        db_table = table_name("user")
        verbose_name = "person"  # Django's own users are the staff.
        verbose_name_plural = "people"
        ordering = ("-created_at", "id")
        permissions = [
            ("sign_out_user", "Can end all sessions of a person"),
            ("ban_user", "Can ban and block a person"),
            ("export_user", "Can export all data of a person"),
            ("move_user_tasks", "Can move the tasks of a person to another"),
            ("erase_user", "Can erase all data of a person"),
        ]
        constraints = [models.UniqueConstraint(fields=["email"], name="user_email_key")]
        indexes = [
            models.Index(fields=["-created_at", "id"], name="user_created_idx"),
            models.Index(fields=["email"], opclasses=["text_pattern_ops"], name="user_email_prefix_idx"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def __repr__(self) -> str:
        """Return whom it is about, without a name or an email: it can get into a log."""
        return f"<User {self.pk}>"


class Session(models.Model):
    """A sign-in of a user, deleted at sign-out. `token` is a credential and is never shown."""

    id = models.TextField(primary_key=True)
    expires_at = BetterAuthDateTimeField(db_column=column_name("expiresAt"))
    token = models.TextField()
    created_at = BetterAuthDateTimeField(db_column=column_name("createdAt"), db_default=Now())
    updated_at = BetterAuthDateTimeField(db_column=column_name("updatedAt"))
    ip_address = models.TextField(null=True, blank=True, db_column=column_name("ipAddress"))
    user_agent = models.TextField(null=True, blank=True, db_column=column_name("userAgent"))
    user = models.ForeignKey(
        User, on_delete=DB_CASCADE, db_column=column_name("userId"), related_name="sessions", db_index=False
    )
    impersonated_by = PluginTextField(null=True, blank=True, db_column=column_name("impersonatedBy"), plugin="admin")

    class Meta:
        db_table = table_name("session")
        constraints = [models.UniqueConstraint(fields=["token"], name="session_token_key")]
        indexes = [models.Index(fields=["user"], name="session_userId_idx")]

    def __str__(self) -> str:
        return f"session of {self.user_id}"


class Account(models.Model):
    """One way a user signs in: a password or a provider. It contains credentials that are never shown."""

    id = models.TextField(primary_key=True)
    account_id = models.TextField(db_column=column_name("accountId"))
    provider_id = models.TextField(db_column=column_name("providerId"))
    user = models.ForeignKey(
        User, on_delete=DB_CASCADE, db_column=column_name("userId"), related_name="accounts", db_index=False
    )
    access_token = models.TextField(null=True, blank=True, db_column=column_name("accessToken"))
    refresh_token = models.TextField(null=True, blank=True, db_column=column_name("refreshToken"))
    id_token = models.TextField(null=True, blank=True, db_column=column_name("idToken"))
    access_token_expires_at = BetterAuthDateTimeField(
        null=True, blank=True, db_column=column_name("accessTokenExpiresAt")
    )
    refresh_token_expires_at = BetterAuthDateTimeField(
        null=True, blank=True, db_column=column_name("refreshTokenExpiresAt")
    )
    scope = models.TextField(null=True, blank=True)
    password = models.TextField(null=True, blank=True)
    created_at = BetterAuthDateTimeField(db_column=column_name("createdAt"), db_default=Now())
    updated_at = BetterAuthDateTimeField(db_column=column_name("updatedAt"))

    class Meta:
        db_table = table_name("account")
        indexes = [models.Index(fields=["user"], name="account_userId_idx")]

    def __str__(self) -> str:
        return f"{self.provider_id} of {self.user_id}"


class Verification(models.Model):
    """A pending verification, for example of an email address."""

    id = models.TextField(primary_key=True)
    identifier = models.TextField()
    value = models.TextField()
    expires_at = BetterAuthDateTimeField(db_column=column_name("expiresAt"))
    created_at = BetterAuthDateTimeField(db_column=column_name("createdAt"), db_default=Now())
    updated_at = BetterAuthDateTimeField(db_column=column_name("updatedAt"), db_default=Now())

    class Meta:
        db_table = table_name("verification")
        indexes = [models.Index(fields=["identifier"], name="verification_identifier_idx")]

    def __str__(self) -> str:
        return self.identifier


class Jwk(models.Model):
    """A key pair of the jwt plugin. The id is the `kid`; `alg` is null in every key that Better Auth 1.4 made."""

    id = models.TextField(primary_key=True)
    public_key = models.TextField(db_column=column_name("publicKey"))
    private_key = models.TextField(db_column=column_name("privateKey"))
    created_at = BetterAuthDateTimeField(db_column=column_name("createdAt"))
    expires_at = BetterAuthDateTimeField(null=True, blank=True, db_column=column_name("expiresAt"))
    alg = PluginTextField(null=True, blank=True, plugin="jwt")
    crv = PluginTextField(null=True, blank=True, plugin="jwt")

    class Meta:
        db_table = table_name("jwks")

    def __str__(self) -> str:
        return self.id


class PublicKeySet(models.Model):
    """The public keys that were last fetched from a URL. This table is ours: Better Auth does not know it.

    document: a JSON array of JWKs (RFC 7517).
    """

    source = models.TextField(primary_key=True)
    document = models.TextField()
    fetched_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_key_sets"

    def __str__(self) -> str:
        return self.source


class Block(models.Model):
    """A user whom operators do not let use this API, whichever database Better Auth has. This table is ours.

    There is no foreign key: the row of a user is deleted with their data, and the next valid token would create it
    again, without the block.
    """

    user_id = models.TextField(primary_key=True)
    reason = models.TextField(blank=True)
    operator = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "accounts_blocks"
        default_permissions = ()

    def __str__(self) -> str:
        return f"block of {self.user_id}"


class FailedSignIn(models.Model):
    """A sign-in to the admin that failed. It is counted for some minutes, and then deleted. This table is ours."""

    username = models.TextField()
    address = models.TextField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "accounts_failed_sign_ins"
        default_permissions = ()
        indexes = [models.Index(fields=["at"], name="failed_sign_in_at_idx")]

    def __str__(self) -> str:
        return f"{self.username} from {self.address}"
