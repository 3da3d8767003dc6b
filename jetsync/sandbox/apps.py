from django.apps import AppConfig


class SandboxConfig(AppConfig):
    name = "jetsync.sandbox"
    label = "sandbox"
    verbose_name = "Jet sandbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Background steps and switches register themselves when their module is imported.
        from jetsync.sandbox import registrations  # noqa: F401, PLC0415 -- models must be loaded first
