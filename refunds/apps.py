from django.apps import AppConfig


class RefundsConfig(AppConfig):
    name = "refunds"
    has_merchant_pages = True

    def ready(self) -> None:
        """Refunds pay from the same ledgers as returns, which know nothing of refunds."""
        from refunds.queries import refund_movements  # noqa: PLC0415 -- models load after the apps
        from returns.ledgers import register_movements  # noqa: PLC0415 -- as above

        register_movements(refund_movements)
