"""Daily reports over HTTP, to read."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from jetsync.tenancy.rights import Right
from refunds.daily.queries import COUNTED, all_daily_reports
from refunds.models import DailyReport


class DailyReportSerializer(serializers.ModelSerializer[DailyReport]):
    net = serializers.DecimalField(max_digits=14, decimal_places=2, read_only=True)

    class Meta:
        model = DailyReport
        fields = ("id", "day", *COUNTED, "net", "counted_at")


class DailyApiFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    since = django_filters.DateFilter(field_name="day", lookup_expr="gte")
    until = django_filters.DateFilter(field_name="day", lookup_expr="lte")


class DailyReportViewSet(ReadOnlyModelViewSet[DailyReport]):
    """Days of the current mode, the last counted first. `since` and `until` bound them, both included."""

    right = Right.REFUNDS_VIEW
    serializer_class = DailyReportSerializer
    filterset_class = DailyApiFilter
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[DailyReport]:
        if getattr(self, "swagger_fake_view", False):  # the schema is made without a merchant
            return DailyReport.objects.none()
        return all_daily_reports(self.request._request.merchant)  # type: ignore[attr-defined]  # set by the middleware
