"""Links to pages of the admin, which spells special characters of ids in a way of its own: `user_2a` is `user_5F2a`."""

from typing import Any

from django.contrib.admin.utils import quote
from django.urls import reverse


def link_to(page: str, pk: Any) -> str:
    """Return the address of a page about one row. In a template: `{% url page pk|admin_urlquote %}`."""
    return reverse(f"admin:{page}", args=[quote(pk)])
