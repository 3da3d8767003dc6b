from django.apps import AppConfig


class RepricerConfig(AppConfig):
    name = "repricer"
    has_merchant_pages = True
