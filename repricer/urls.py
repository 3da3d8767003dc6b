"""Addresses of the repricer's pages."""

from __future__ import annotations

from django.urls import path

from repricer.views import history, offers, rules, run

app_name = "repricer"
urlpatterns = [
    path("sales-data/", offers.SalesDataList.as_view(), name="sales-data"),
    path("sales-data/fetch/", offers.fetch, name="fetch"),
    path("sales-data/fetch-chosen/", offers.FetchChosen.as_view(), name="fetch-chosen"),
    path("", run.repricer, name="repricer"),
    path("resume/", run.resume, name="resume"),
    path("runs/<int:pk>/", run.run, name="run"),
    path("changes/", run.ChangeList.as_view(), name="changes"),
    path("simulator/", history.simulator, name="simulator"),
    path("sales-data/<int:pk>/", history.sku, name="sku"),
    path("bounds/", rules.BoundsList.as_view(), name="bounds-list"),
    path("bounds/<int:pk>/", rules.bounds, name="bounds"),
    path("bounds/upload/", rules.upload, name="upload"),
    path("bounds/set/", rules.SetMany.as_view(), name="set-many"),
    path("bounds/set-products/", rules.SetManyProducts.as_view(), name="set-products"),
    path("bounds/set-offers/", rules.SetManyOffers.as_view(), name="set-offers"),
    path("bounds/profiles/", rules.profile_list, name="profile-list"),
    path("bounds/profiles/<int:pk>/", rules.profile_bounds, name="profile-bounds"),
]
