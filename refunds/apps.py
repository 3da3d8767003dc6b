from django.apps import AppConfig


class RefundsConfig(AppConfig):
    name = "refunds"
    has_merchant_pages = True
