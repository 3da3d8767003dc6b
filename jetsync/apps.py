from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JetsyncConfig(AppConfig):
    """Loads the Celery app and each app's `sync` (job handlers, schedules) and `panel_items` (menu, palette)."""

    name = "jetsync"

    def ready(self) -> None:
        import_module("jetsync.celery")
        autodiscover_modules("sync", "panel_items")
