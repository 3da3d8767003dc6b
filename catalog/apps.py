from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
    has_merchant_pages = True
