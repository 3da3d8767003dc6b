from importlib import import_module

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
    has_merchant_pages = True

    def ready(self) -> None:
        import_module("catalog.sync.imports")  # registers the import and refresh jobs
        import_module("catalog.queries.named")
        import_module("catalog.signals")
