"""Better Auth's tables: created if they are missing, adopted if it created them. Their names are those of BETTER_AUTH_SCHEMA."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from accounts.migrations._better_auth_tables_0001 import adopt, column_name, drop, table_name


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Jwk",
                    fields=[
                        ("id", models.TextField(primary_key=True, serialize=False)),
                        ("public_key", models.TextField(db_column=column_name("publicKey"))),
                        ("private_key", models.TextField(db_column=column_name("privateKey"))),
                        ("created_at", models.DateTimeField(db_column=column_name("createdAt"))),
                        ("expires_at", models.DateTimeField(blank=True, db_column=column_name("expiresAt"), null=True)),
                        ("alg", models.TextField(blank=True, null=True)),
                        ("crv", models.TextField(blank=True, null=True)),
                    ],
                    options={
                        "db_table": table_name("jwks"),
                    },
                ),
                migrations.CreateModel(
                    name="User",
                    fields=[
                        ("id", models.TextField(primary_key=True, serialize=False)),
                        ("name", models.TextField()),
                        ("email", models.TextField()),
                        ("email_verified", models.BooleanField(db_column=column_name("emailVerified"))),
                        ("image", models.TextField(blank=True, null=True)),
                        (
                            "created_at",
                            models.DateTimeField(
                                db_column=column_name("createdAt"), db_default=django.db.models.functions.datetime.Now()
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(
                                db_column=column_name("updatedAt"), db_default=django.db.models.functions.datetime.Now()
                            ),
                        ),
                        ("role", models.TextField(blank=True, null=True)),
                        ("banned", models.BooleanField(blank=True, null=True)),
                        ("ban_reason", models.TextField(blank=True, db_column=column_name("banReason"), null=True)),
                        (
                            "ban_expires",
                            models.DateTimeField(blank=True, db_column=column_name("banExpires"), null=True),
                        ),
                    ],
                    options={
                        "verbose_name": "person",
                        "verbose_name_plural": "people",
                        "db_table": table_name("user"),
                        "ordering": ("-created_at", "id"),
                        "indexes": [
                            models.Index(fields=["-created_at", "id"], name="user_created_idx"),
                            models.Index(
                                fields=["email"], name="user_email_prefix_idx", opclasses=["text_pattern_ops"]
                            ),
                        ],
                        "constraints": [models.UniqueConstraint(fields=("email",), name="user_email_key")],
                    },
                ),
                migrations.CreateModel(
                    name="Verification",
                    fields=[
                        ("id", models.TextField(primary_key=True, serialize=False)),
                        ("identifier", models.TextField()),
                        ("value", models.TextField()),
                        ("expires_at", models.DateTimeField(db_column=column_name("expiresAt"))),
                        (
                            "created_at",
                            models.DateTimeField(
                                db_column=column_name("createdAt"), db_default=django.db.models.functions.datetime.Now()
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(
                                db_column=column_name("updatedAt"), db_default=django.db.models.functions.datetime.Now()
                            ),
                        ),
                    ],
                    options={
                        "db_table": table_name("verification"),
                        "indexes": [models.Index(fields=["identifier"], name="verification_identifier_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="Session",
                    fields=[
                        ("id", models.TextField(primary_key=True, serialize=False)),
                        ("expires_at", models.DateTimeField(db_column=column_name("expiresAt"))),
                        ("token", models.TextField()),
                        (
                            "created_at",
                            models.DateTimeField(
                                db_column=column_name("createdAt"), db_default=django.db.models.functions.datetime.Now()
                            ),
                        ),
                        ("updated_at", models.DateTimeField(db_column=column_name("updatedAt"))),
                        ("ip_address", models.TextField(blank=True, db_column=column_name("ipAddress"), null=True)),
                        ("user_agent", models.TextField(blank=True, db_column=column_name("userAgent"), null=True)),
                        (
                            "impersonated_by",
                            models.TextField(blank=True, db_column=column_name("impersonatedBy"), null=True),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                db_column=column_name("userId"),
                                db_index=False,
                                on_delete=django.db.models.deletion.DB_CASCADE,
                                related_name="sessions",
                                to="accounts.user",
                            ),
                        ),
                    ],
                    options={
                        "db_table": table_name("session"),
                        "indexes": [models.Index(fields=["user"], name="session_userId_idx")],
                        "constraints": [models.UniqueConstraint(fields=("token",), name="session_token_key")],
                    },
                ),
                migrations.CreateModel(
                    name="Account",
                    fields=[
                        ("id", models.TextField(primary_key=True, serialize=False)),
                        ("account_id", models.TextField(db_column=column_name("accountId"))),
                        ("provider_id", models.TextField(db_column=column_name("providerId"))),
                        ("access_token", models.TextField(blank=True, db_column=column_name("accessToken"), null=True)),
                        (
                            "refresh_token",
                            models.TextField(blank=True, db_column=column_name("refreshToken"), null=True),
                        ),
                        ("id_token", models.TextField(blank=True, db_column=column_name("idToken"), null=True)),
                        (
                            "access_token_expires_at",
                            models.DateTimeField(blank=True, db_column=column_name("accessTokenExpiresAt"), null=True),
                        ),
                        (
                            "refresh_token_expires_at",
                            models.DateTimeField(blank=True, db_column=column_name("refreshTokenExpiresAt"), null=True),
                        ),
                        ("scope", models.TextField(blank=True, null=True)),
                        ("password", models.TextField(blank=True, null=True)),
                        (
                            "created_at",
                            models.DateTimeField(
                                db_column=column_name("createdAt"), db_default=django.db.models.functions.datetime.Now()
                            ),
                        ),
                        ("updated_at", models.DateTimeField(db_column=column_name("updatedAt"))),
                        (
                            "user",
                            models.ForeignKey(
                                db_column=column_name("userId"),
                                db_index=False,
                                on_delete=django.db.models.deletion.DB_CASCADE,
                                related_name="accounts",
                                to="accounts.user",
                            ),
                        ),
                    ],
                    options={
                        "db_table": table_name("account"),
                        "indexes": [models.Index(fields=["user"], name="account_userId_idx")],
                    },
                ),
            ]
        ),
        migrations.RunPython(adopt, drop),
    ]
