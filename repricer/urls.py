"""Addresses of the repricer's pages."""

from __future__ import annotations

from django.urls import path

from repricer.views import offers

app_name = "repricer"
urlpatterns = [
    path("sales-data/", offers.SalesDataList.as_view(), name="sales-data"),
    path("sales-data/fetch/", offers.fetch, name="fetch"),
    path("sales-data/fetch-chosen/", offers.FetchChosen.as_view(), name="fetch-chosen"),
]
