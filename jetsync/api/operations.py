"""Operations and jobs over HTTP, to read: how far the work is that another address answered with."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from jetsync.actions.operation import can_undo
from jetsync.api.paging import CursorPaging
from jetsync.api.views import OfMerchant
from jetsync.enums import OperationState, RowState
from jetsync.models import Job, Operation, OperationRow
from jetsync.panel.shoppers import masks_by_job, masks_for, shown_words, words_through
from jetsync.queries.activity import get_job, get_operation, jobs_of, operations_of, rows_of
from jetsync.sync.registry import kind_label, no_undo_words
from jetsync.tenancy.rights import Right

# Fits the column of ids; more digits are nobody's.
ID = r"\d{1,18}"


class OperationSerializer(serializers.ModelSerializer[Operation]):
    """What an address answers that started one."""

    class Meta:
        model = Operation
        fields: tuple[str, ...] = (
            "id",
            "kind",
            "title",
            "state",
            "total",
            "done",
            "failed",
            "skipped",
            "message",
            "created_at",
        )


class OperationListSerializer(OperationSerializer):
    """`rows`: the address of its results. `undone_by`: the operation that took it back."""

    started_by = serializers.CharField(source="actor_label", read_only=True)
    undone_by = serializers.IntegerField(source="undone_by_id", read_only=True, allow_null=True)
    rows = serializers.SerializerMethodField()

    class Meta(OperationSerializer.Meta):
        fields = (
            *OperationSerializer.Meta.fields,
            *("hint", "started_by", "started_at", "finished_at", "undone_by", "rows"),
        )

    def get_rows(self, operation: Operation) -> str:
        slug = self.context["view"].merchant.slug
        kwargs = {"merchant_slug": slug, "pk": operation.pk}
        return reverse("api:operation-rows", kwargs=kwargs, request=self.context["request"])


class OperationDetailSerializer(OperationListSerializer):
    """`no_undo` says why a kind has no way back; both are empty while the operation runs."""

    can_undo = serializers.SerializerMethodField()
    no_undo = serializers.SerializerMethodField()

    class Meta(OperationListSerializer.Meta):
        fields = (*OperationListSerializer.Meta.fields, "can_undo", "no_undo")

    def get_can_undo(self, operation: Operation) -> bool:
        return can_undo(operation)

    def get_no_undo(self, operation: Operation) -> str:
        return "" if operation.is_open else no_undo_words(operation.kind)


class OperationRowSerializer(serializers.ModelSerializer[OperationRow]):
    """One object: `line` of the file it came from, `code` of what went wrong, `hint` what to do."""

    message = serializers.SerializerMethodField()
    hint = serializers.SerializerMethodField()

    class Meta:
        model = OperationRow
        fields = (
            "id",
            "object_type",
            "object_id",
            "label",
            "line",
            "state",
            "code",
            "message",
            "hint",
            "updated_at",
        )

    def get_message(self, row: OperationRow) -> str:
        """`masks` of the context blot out shoppers that it may quote."""
        return shown_words(self.context["masks"], row)(row.message)

    def get_hint(self, row: OperationRow) -> str:
        return shown_words(self.context["masks"], row)(row.hint)


class OperationApiFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    state = django_filters.ChoiceFilter(choices=OperationState.choices)
    kind = django_filters.CharFilter()
    created_after = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")


class OperationRowApiFilter(django_filters.FilterSet):  # type: ignore[misc]  # as above
    state = django_filters.ChoiceFilter(choices=RowState.choices)
    code = django_filters.CharFilter()


class RowPaging(CursorPaging):
    """In the order of the file or of the choice that the operation froze."""

    ordering = "pk"


class OperationViewSet(OfMerchant, viewsets.ReadOnlyModelViewSet[Operation]):
    """Operations, newest first. Filter by `state`, `kind` and `created_after`."""

    right = Right.ACTIVITY_VIEW
    filterset_class = OperationApiFilter
    lookup_value_regex = ID

    def get_queryset(self) -> QuerySet[Operation]:
        return Operation.objects.none() if self.is_schema else operations_of(self.merchant).defer("data")

    def get_object(self) -> Operation:
        return get_operation(self.merchant, int(self.kwargs["pk"]))

    def get_serializer_class(self) -> type[OperationSerializer]:
        return OperationListSerializer if self.action == "list" else OperationDetailSerializer

    @extend_schema(responses=OperationRowSerializer(many=True))
    @action(
        detail=True,
        methods=["get"],
        filterset_class=OperationRowApiFilter,
        pagination_class=RowPaging,
    )
    def rows(self, _request: Request, **_kwargs: Any) -> Response:
        """The result of each object; an import keeps those of its failed rows alone. Filter by `state` and `code`."""
        found = rows_of(self.get_object()).defer("before", "data")
        page = self.paginate_queryset(self.filter_queryset(found))  # type: ignore[arg-type]  # rows, not operations
        context = {"masks": masks_for(self.merchant, self.actor, page or [])}
        return self.get_paginated_response(OperationRowSerializer(page, many=True, context=context).data)


class JobSerializer(serializers.ModelSerializer[Job]):
    """`failure_end`: `retry` (tried again at `not_before`), `permanent`, `settings` or `ours`; empty without trouble."""

    label = serializers.SerializerMethodField()  # type: ignore[assignment]  # Field has an attribute of that name
    message = serializers.SerializerMethodField()
    hint = serializers.SerializerMethodField()
    operation = serializers.IntegerField(source="operation_id", read_only=True, allow_null=True)

    class Meta:
        model = Job
        fields = (
            "id",
            "kind",
            "label",
            "key",
            "state",
            "attempts",
            "not_before",
            "failure_end",
            "code",
            "message",
            "hint",
            "operation",
            "created_at",
            "started_at",
            "finished_at",
        )

    def get_label(self, job: Job) -> str:
        return kind_label(job.kind)

    def get_message(self, job: Job) -> str:
        """Jet may quote a shopper; the words for whoever may not see one have him blotted out."""
        return self._words(job.message)

    def get_hint(self, job: Job) -> str:
        return self._words(job.hint)

    def to_representation(self, job: Job) -> dict[str, Any]:
        view = self.context["view"]
        self._words = words_through(masks_by_job(view.merchant, view.actor, [job]).get(job.pk))
        return super().to_representation(job)


class JobViewSet(OfMerchant, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Job]):
    """One job: what it is for, whether it is done, and what went wrong."""

    right = Right.ACTIVITY_VIEW
    serializer_class = JobSerializer
    lookup_value_regex = ID

    def get_queryset(self) -> QuerySet[Job]:
        return Job.objects.none() if self.is_schema else jobs_of(self.merchant)

    def get_object(self) -> Job:
        return get_job(self.merchant, int(self.kwargs["pk"]))
