from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "jetsync.demo"
    label = "demo"
