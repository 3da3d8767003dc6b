"""Addresses of the ShipStation pages, below those of the orders."""

from __future__ import annotations

from django.urls import URLPattern, path

from orders.shipstation import lists, views

urlpatterns: list[URLPattern] = [
    path("shipstation/", views.connection, name="shipstation"),
    path("shipstation/key/", views.MakeKey.as_view(), name="shipstation-key"),
    path("shipstation/switch/", views.switch, name="shipstation-switch"),
    path("shipstation/guide/", views.guide, name="shipstation-guide"),
    path("shipstation/carriers/", views.carriers, name="shipstation-carriers"),
    path("shipstation/carriers/usual/", views.default_carriers, name="shipstation-carriers-usual"),
    path("shipstation/preview/", views.preview, name="shipstation-preview"),
    path("shipstation/calls/", lists.CallList.as_view(), name="shipstation-calls"),
    path("shipstation/parcels/", lists.NoticeList.as_view(), name="shipstation-notices"),
    path("shipstation/parcels/<int:pk>/", lists.notice, name="shipstation-notice"),
    path("shipstation/parcels/<int:pk>/retry/", lists.notice_retry, name="shipstation-notice-retry"),
    path("shipstation/parcels/<int:pk>/close/", lists.CloseNotice.as_view(), name="shipstation-notice-close"),
]
