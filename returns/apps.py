from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    name = "returns"
    has_merchant_pages = True
