"""Addresses of the refund pages."""

from __future__ import annotations

from django.urls import path

from refunds.daily import views as daily
from refunds.settlement import views as settlement
from refunds.views import detail, lists

app_name = "refunds"
urlpatterns = [
    path("", lists.RefundList.as_view(), name="refund-list"),
    path("new/", lists.ChooseOrder.as_view(), name="choose-order"),
    path("new/<int:pk>/", detail.refund_create, name="refund-create"),
    path("update-status/", detail.update_status, name="update-status"),
    path("daily/", daily.DailyList.as_view(), name="daily-list"),
    path("settlement/", settlement.SettlementList.as_view(), name="settlement-list"),
    path("settlement/fetch/", settlement.settlement_fetch, name="settlement-fetch"),
    path("settlement/<int:pk>/", settlement.settlement_detail, name="settlement-detail"),
    path("<int:pk>/", detail.refund_detail, name="refund-detail"),
    path("<int:pk>/confirm/", detail.confirm, name="confirm"),
    path("<int:pk>/decline/", detail.decline, name="decline"),
    path("<int:pk>/take-back/", detail.take_back, name="take-back"),
    path("<int:pk>/refresh/", detail.refresh, name="refresh"),
]
