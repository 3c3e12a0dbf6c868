"""Refusals that DRF has no exception for."""

from rest_framework.exceptions import APIException


class LengthRequired(APIException):
    """The body came in chunks, which Django does not read: without this it would count as an empty one."""

    status_code = 411
    default_detail = "Send the body with a Content-Length."
    default_code = "length_required"
