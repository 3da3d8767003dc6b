"""Addresses of the return pages."""

from __future__ import annotations

from django.urls import path

from returns.views import detail, lists

app_name = "returns"
urlpatterns = [
    path("", lists.ReturnList.as_view(), name="return-list"),
    path("fetch/", detail.fetch, name="fetch"),
    path("settle/", lists.SettleMany.as_view(), name="settle-many"),
    path("<int:pk>/", detail.return_detail, name="return-detail"),
    path("<int:pk>/settle/", detail.settle, name="settle"),
    path("<int:pk>/confirm/", detail.confirm, name="confirm"),
    path("<int:pk>/decline/", detail.decline, name="decline"),
    path("<int:pk>/take-back/", detail.take_back, name="take-back"),
    path("<int:pk>/refresh/", detail.refresh, name="refresh"),
    path("<int:pk>/note/", detail.write_note, name="note"),
]
