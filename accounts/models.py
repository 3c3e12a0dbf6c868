"""Better Auth's tables under its default names, as its server expects to find them.

Its columns are camelCase; the fields have Python names. Every default is in the database, because Better Auth inserts
without Django. Source: its schema of 1.7, with the admin plugin's columns.
"""

from django.db import models
from django.db.models import DB_CASCADE
from django.db.models.functions import Now


class User(models.Model):
    """A user. Better Auth writes the row if it shares the database; otherwise it is created from a token."""

    id = models.TextField(primary_key=True)
    name = models.TextField()
    email = models.TextField()
    email_verified = models.BooleanField(db_column="emailVerified")
    image = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField(db_column="createdAt", db_default=Now())
    updated_at = models.DateTimeField(db_column="updatedAt", db_default=Now())
    role = models.TextField(null=True, blank=True)
    banned = models.BooleanField(null=True, blank=True)
    ban_reason = models.TextField(null=True, blank=True, db_column="banReason")
    ban_expires = models.DateTimeField(null=True, blank=True, db_column="banExpires")

    class Meta:
        db_table = "user"
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
    expires_at = models.DateTimeField(db_column="expiresAt")
    token = models.TextField()
    created_at = models.DateTimeField(db_column="createdAt", db_default=Now())
    updated_at = models.DateTimeField(db_column="updatedAt")
    ip_address = models.TextField(null=True, blank=True, db_column="ipAddress")
    user_agent = models.TextField(null=True, blank=True, db_column="userAgent")
    user = models.ForeignKey(User, on_delete=DB_CASCADE, db_column="userId", related_name="sessions", db_index=False)
    impersonated_by = models.TextField(null=True, blank=True, db_column="impersonatedBy")

    class Meta:
        db_table = "session"
        constraints = [models.UniqueConstraint(fields=["token"], name="session_token_key")]
        indexes = [models.Index(fields=["user"], name="session_userId_idx")]

    def __str__(self) -> str:
        return f"session of {self.user_id}"


class Account(models.Model):
    """One way a user signs in: a password or a provider. It contains credentials that are never shown."""

    id = models.TextField(primary_key=True)
    account_id = models.TextField(db_column="accountId")
    provider_id = models.TextField(db_column="providerId")
    user = models.ForeignKey(User, on_delete=DB_CASCADE, db_column="userId", related_name="accounts", db_index=False)
    access_token = models.TextField(null=True, blank=True, db_column="accessToken")
    refresh_token = models.TextField(null=True, blank=True, db_column="refreshToken")
    id_token = models.TextField(null=True, blank=True, db_column="idToken")
    access_token_expires_at = models.DateTimeField(null=True, blank=True, db_column="accessTokenExpiresAt")
    refresh_token_expires_at = models.DateTimeField(null=True, blank=True, db_column="refreshTokenExpiresAt")
    scope = models.TextField(null=True, blank=True)
    password = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField(db_column="createdAt", db_default=Now())
    updated_at = models.DateTimeField(db_column="updatedAt")

    class Meta:
        db_table = "account"
        indexes = [models.Index(fields=["user"], name="account_userId_idx")]

    def __str__(self) -> str:
        return f"{self.provider_id} of {self.user_id}"


class Verification(models.Model):
    """A pending verification, for example of an email address."""

    id = models.TextField(primary_key=True)
    identifier = models.TextField()
    value = models.TextField()
    expires_at = models.DateTimeField(db_column="expiresAt")
    created_at = models.DateTimeField(db_column="createdAt", db_default=Now())
    updated_at = models.DateTimeField(db_column="updatedAt", db_default=Now())

    class Meta:
        db_table = "verification"
        indexes = [models.Index(fields=["identifier"], name="verification_identifier_idx")]

    def __str__(self) -> str:
        return self.identifier


class Jwk(models.Model):
    """A key pair of the jwt plugin. The id is the `kid`; `alg` is null in every key that Better Auth 1.4 made."""

    id = models.TextField(primary_key=True)
    public_key = models.TextField(db_column="publicKey")
    private_key = models.TextField(db_column="privateKey")
    created_at = models.DateTimeField(db_column="createdAt")
    expires_at = models.DateTimeField(null=True, blank=True, db_column="expiresAt")
    alg = models.TextField(null=True, blank=True)
    crv = models.TextField(null=True, blank=True)

    class Meta:
        db_table = "jwks"

    def __str__(self) -> str:
        return self.id


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
