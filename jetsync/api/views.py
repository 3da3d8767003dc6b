"""What the view sets of every app share: whose request it is, who asks, and reading what was sent."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.views import APIView

from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor


class OfMerchant(APIView):
    """Mixin of view sets below /m/<merchant>/, before their other bases."""

    @property
    def merchant(self) -> Merchant:
        merchant: Merchant = self.request._request.merchant  # type: ignore[attr-defined]  # set by the middleware
        return merchant

    @property
    def actor(self) -> Actor:
        actor: Actor = self.request._request.actor  # type: ignore[attr-defined]  # as above
        return actor

    @property
    def is_schema(self) -> bool:
        """The schema is made without a merchant."""
        return bool(getattr(self, "swagger_fake_view", False))

    def read(self, serializer: type[Any], request: Request) -> Any:
        """The serializer with what was sent, judged. Raises ValidationError."""
        form = serializer(data=request.data, context=self.get_serializer_context())  # type: ignore[attr-defined]  # mixin
        form.is_valid(raise_exception=True)
        return form
