from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "orders"
    has_merchant_pages = True
