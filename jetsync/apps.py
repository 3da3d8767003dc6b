from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.module_loading import autodiscover_modules


class JetsyncConfig(AppConfig):
    """Loads the Celery app and each app's `sync` (jobs, schedules), `mail` (kinds), `activation` (steps before live),
    `belongings` (what of its tables is no data of a merchant) and `panel_items` (menu, palette)."""

    name = "jetsync"

    def ready(self) -> None:
        import_module("jetsync.celery")
        import_module("jetsync.sync.data_export")
        import_module("jetsync.sync.mail")
        import_module("jetsync.sync.mail_writing")
        import_module("jetsync.sync.places")
        import_module("jetsync.sync.webhooks")
        import_module("jetsync.mail.data_export")
        import_module("jetsync.mail.deletion")
        import_module("jetsync.mail.schedules")
        import_module("jetsync.mail.support_session")
        import_module("jetsync.activation.sync")
        import_module("jetsync.activation.checklist")
        import_module("jetsync.activation.switching")
        autodiscover_modules("sync", "mail", "activation", "belongings", "panel_items")
        second_factor, sessions = (
            import_module("allauth.mfa.signals"),
            import_module("jetsync.tenancy.sessions"),
        )
        second_factor.authenticator_added.connect(
            sessions.end_other_sessions, dispatch_uid="jetsync.sessions.end"
        )
        policies = import_module("jetsync.tenancy.policies")
        pre_migrate.connect(policies.open_tables, dispatch_uid="jetsync.policies.open")
        post_migrate.connect(policies.lock_tables, dispatch_uid="jetsync.policies.lock")
