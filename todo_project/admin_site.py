"""The operators' site under /admin, in Django's stock look."""

from django.contrib.admin import AdminSite


class OperatorsSite(AdminSite):
    """Django's admin site, branded."""

    site_header = "Todo API"
    site_title = "Todo API"
    index_title = "Operators"
    site_url = "/docs"
