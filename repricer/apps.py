from django.apps import AppConfig


class RepricerConfig(AppConfig):
    name = "repricer"
