"""Temporary: replaced when accounts is rebuilt."""

from accounts.mirror import mirror as sync_user
from accounts.mirror import restore_row as restore_user

__all__ = ["restore_user", "sync_user"]
