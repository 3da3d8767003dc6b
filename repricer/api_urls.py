"""Addresses of the repricer's API."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from repricer.api.setting import RepricerSettingViewSet, SimulationViewSet
from repricer.api.views import ChangeViewSet, RuleViewSet, RunViewSet, SalesDataViewSet

router = SimpleRouter()
router.register("sales-data", SalesDataViewSet, basename="sales-data")
router.register("bounds", RuleViewSet, basename="reprice-rule")
router.register("runs", RunViewSet, basename="reprice-run")
router.register("changes", ChangeViewSet, basename="reprice-change")
urlpatterns = [
    path(
        "setting/",
        RepricerSettingViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="repricer-setting",
    ),
    path("setting/resume/", RepricerSettingViewSet.as_view({"post": "resume"}), name="repricer-resume"),
    path("simulation/", SimulationViewSet.as_view({"get": "retrieve"}), name="repricer-simulation"),
    *router.urls,
]
SUBJECTS = {"": "Sales data and repricing"}
