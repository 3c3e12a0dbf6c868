"""The admin site under /admin: Django's stock design with this product's name."""

from django.contrib.admin import AdminSite


class BrandedAdminSite(AdminSite):
    site_header = "Todo API"
    site_title = "Todo API"
    index_title = "Administration"
    site_url = "/docs"
