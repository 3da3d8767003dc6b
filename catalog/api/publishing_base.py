"""What the views of publishing share: their rights, and the answer of an operation that has begun."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import viewsets
from rest_framework.response import Response

from jetsync.api.idempotency import IdempotentWrites
from jetsync.api.operations import OperationSerializer
from jetsync.api.views import OfMerchant
from jetsync.models import Operation
from jetsync.tenancy.rights import Right

MOST_NAMED = 20_000


class PublishingViewSet(OfMerchant, IdempotentWrites, viewsets.GenericViewSet[Any]):
    right = Right.PRODUCTS_VIEW
    write_right = Right.PRODUCTS_PUBLISH
    action_rights: ClassVar[dict[str, Right]] = {}
    lookup_value_regex = r"\d{1,18}"
    pagination_class: Any = None

    def started(self, operation: Operation) -> Response:
        operation.refresh_from_db()
        return Response(OperationSerializer(operation).data, status=202)
