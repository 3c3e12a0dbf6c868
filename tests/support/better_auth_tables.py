"""The SQL with which Better Auth's own migrations, Drizzle and Prisma create its tables."""

from pathlib import Path

# What Better Auth's own migration wrote, by its version and plugins.
CORE_TABLES = """
create table "user" ("id" text not null primary key, "name" text not null, "email" text not null unique,
    "emailVerified" boolean not null, "image" text,
    "createdAt" timestamptz default CURRENT_TIMESTAMP not null,
    "updatedAt" timestamptz default CURRENT_TIMESTAMP not null);
create table "session" ("id" text not null primary key, "expiresAt" timestamptz not null,
    "token" text not null unique, "createdAt" timestamptz default CURRENT_TIMESTAMP not null,
    "updatedAt" timestamptz not null, "ipAddress" text, "userAgent" text,
    "userId" text not null references "user" ("id") on delete cascade);
create table "account" ("id" text not null primary key, "accountId" text not null, "providerId" text not null,
    "userId" text not null references "user" ("id") on delete cascade, "accessToken" text, "refreshToken" text,
    "idToken" text, "accessTokenExpiresAt" timestamptz, "refreshTokenExpiresAt" timestamptz, "scope" text,
    "password" text, "createdAt" timestamptz default CURRENT_TIMESTAMP not null, "updatedAt" timestamptz not null);
create table "verification" ("id" text not null primary key, "identifier" text not null, "value" text not null,
    "expiresAt" timestamptz not null, "createdAt" timestamptz default CURRENT_TIMESTAMP not null,
    "updatedAt" timestamptz default CURRENT_TIMESTAMP not null);
"""
INDEXES = """
create index "session_userId_idx" on "session" ("userId");
create index "account_userId_idx" on "account" ("userId");
create index "verification_identifier_idx" on "verification" ("identifier");
"""
ADMIN_COLUMNS = """
alter table "user" add column "role" text, add column "banned" boolean, add column "banReason" text,
    add column "banExpires" timestamptz;
alter table "session" add column "impersonatedBy" text;
"""
JWKS_OF_1_4 = """
create table "jwks" ("id" text not null primary key, "publicKey" text not null, "privateKey" text not null,
    "createdAt" timestamptz not null, "expiresAt" timestamptz);
"""
JWKS_COLUMNS_OF_1_7 = 'alter table "jwks" add column "alg" text, add column "crv" text;'
ROWS = """
insert into "user" ("id", "name", "email", "emailVerified") values ('alice', 'Alice', 'alice@example.com', true);
insert into "session" ("id", "expiresAt", "token", "updatedAt", "userId")
    values ('s1', now() + interval '7 days', 'token-of-alice', now(), 'alice');
insert into "account" ("id", "accountId", "providerId", "userId", "password", "updatedAt")
    values ('a1', 'alice', 'credential', 'alice', 'hash-of-alice', now());
insert into "verification" ("id", "identifier", "value", "expiresAt") values ('v1', 'alice@example.com', 'x', now());
"""
JWKS_ROW = """insert into "jwks" ("id", "publicKey", "privateKey", "createdAt") values ('k1', '{}', '{}', now());"""

MADE_BY_BETTER_AUTH = {
    "1.7": CORE_TABLES + INDEXES + ROWS,
    "1.7 with jwt": CORE_TABLES + INDEXES + JWKS_OF_1_4 + JWKS_COLUMNS_OF_1_7 + ROWS + JWKS_ROW,
    "1.7 with admin": CORE_TABLES + INDEXES + ADMIN_COLUMNS + ROWS,
    "1.7 with jwt and admin": CORE_TABLES
    + INDEXES
    + ADMIN_COLUMNS
    + JWKS_OF_1_4
    + JWKS_COLUMNS_OF_1_7
    + ROWS
    + JWKS_ROW,
    "1.4 with jwt": CORE_TABLES + INDEXES + JWKS_OF_1_4 + ROWS + JWKS_ROW,
    "before it made indexes": CORE_TABLES + ROWS,
    "with varchar ids": CORE_TABLES.replace('"id" text', '"id" varchar(36)') + ROWS,
}

SCHEMAS = Path(__file__).resolve().parent.parent / "better_auth" / "schemas"  # Its README says what wrote them.
MADE_BY_TOOLS = {
    name: (SCHEMAS / f"{file}.sql").read_text()
    for name, file in {
        "Drizzle": "drizzle",
        "Drizzle without plugins": "drizzle-plain",
        "Drizzle, users": "drizzle-users",
        "Drizzle, plural": "drizzle-plural",
        "Prisma": "prisma",
    }.items()
}
