"""Mails over HTTP: what was told to whom, and whether it arrived. Reading only; settings are changed in the panel."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from jetsync.models import Mail
from jetsync.queries.mail import CONTENT, get_mail, mails_of, may_read
from jetsync.tenancy.rights import Right


class MailSerializer(serializers.ModelSerializer[Mail]):
    class Meta:
        model = Mail
        fields: tuple[str, ...] = (
            "id",
            "kind",
            "to",
            "subject",
            "state",
            "is_test",
            "message_id",
            "attempts",
            "code",
            "message",
            "hint",
            "created_at",
            "sent_at",
        )


class MailDetailSerializer(MailSerializer):
    """`text`, `html` and `named` are empty, and `is_hidden` true, without the rights to what the mail names."""

    is_hidden = serializers.SerializerMethodField()
    named = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField()
    html = serializers.SerializerMethodField()

    class Meta(MailSerializer.Meta):
        fields = (*MailSerializer.Meta.fields, "is_hidden", "named", "text", "html")

    def get_is_hidden(self, mail: Mail) -> bool:
        return not may_read(mail, self.context["request"]._request.actor)

    def get_named(self, mail: Mail) -> list[dict[str, str | int]]:
        if self.get_is_hidden(mail):
            return []
        return [{"type": kind, "id": pk, "label": label} for kind, pk, label in mail.named]

    def get_text(self, mail: Mail) -> str:
        return "" if self.get_is_hidden(mail) else mail.text

    def get_html(self, mail: Mail) -> str:
        return "" if self.get_is_hidden(mail) else mail.html


class MailApiFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    state = django_filters.CharFilter()
    kind = django_filters.CharFilter()
    to = django_filters.CharFilter(lookup_expr="iexact")


class MailViewSet(ReadOnlyModelViewSet[Mail]):
    """Mails of the last 90 days, newest first. Filter by `state`, `kind` and `to`."""

    right = Right.ACTIVITY_VIEW
    filterset_class = MailApiFilter
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[Mail]:
        if getattr(self, "swagger_fake_view", False):  # the schema is made without a merchant
            return Mail.objects.none()
        return mails_of(self.request._request.merchant).defer(*CONTENT)  # type: ignore[attr-defined]  # set by the middleware

    def get_object(self) -> Mail:
        return get_mail(self.request._request.merchant, int(self.kwargs["pk"]))  # type: ignore[attr-defined]  # as above

    def get_serializer_class(self) -> type[MailSerializer]:
        return MailSerializer if self.action == "list" else MailDetailSerializer
