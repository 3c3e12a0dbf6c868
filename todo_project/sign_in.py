"""The sign-in of operators: bounded in number, and logged. A guess that is refused costs no hash of a password.

Django's hash takes most of a second of CPU, on purpose; without a bound, a few guesses a second stop the API.
"""

import logging
from datetime import timedelta
from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import User as Operator
from django.core.exceptions import ValidationError
from django.db.models.functions import Now

from accounts.models import FailedSignIn
from todo_project.client_address import address_of, counted_address_of

logger = logging.getLogger(__name__)

WINDOW = timedelta(minutes=15)
MAX_PER_NAME = 10
MAX_PER_ADDRESS = 20
TOO_MANY = "Too many sign-ins have failed. Wait 15 minutes, then try again."


class SignInForm(AdminAuthenticationForm):
    """Django's form, which asks first whether this name and this address may still guess."""

    is_throttled = False

    def clean(self) -> dict[str, Any]:
        username, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not username or not password or self.request is None:
            return super().clean()
        address, counted = address_of(self.request), counted_address_of(self.request)
        if is_throttled(username, counted):
            self.is_throttled = True
            logger.warning("Sign-in of operator %r from %s: refused, after too many failed ones.", username, address)
            raise ValidationError(TOO_MANY, code="throttled")
        # Counted before the hash is computed: many guesses at the same time count, too.
        attempt = FailedSignIn.objects.create(username=username[:150], address=counted)
        FailedSignIn.objects.filter(at__lt=Now() - WINDOW).delete()
        if not is_operator(username):  # No hash for a name that nobody has.
            logger.warning("Sign-in of operator %r from %s: failed, there is no such operator.", username, address)
            raise self.get_invalid_login_error()
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError:
            logger.warning("Sign-in of operator %r from %s: failed.", username, address)
            raise
        attempt.delete()
        logger.info("Sign-in of operator %r from %s: signed in.", username, address)
        return cleaned


def is_operator(username: str) -> bool:
    return Operator.objects.filter(username=username, is_active=True, is_staff=True).exists()


def is_throttled(username: str, address: str) -> bool:
    recent = FailedSignIn.objects.filter(at__gte=Now() - WINDOW)
    return (
        recent.filter(address=address).count() >= MAX_PER_ADDRESS
        or recent.filter(username=username[:150]).count() >= MAX_PER_NAME
    )
