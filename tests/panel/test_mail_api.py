"""Mails over the API: read only, content with the rights to what they name."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from jetsync.enums import MailState
from jetsync.models import Mail, Merchant
from jetsync.tenancy.context import merchant_scope
from tests.factories import make_merchant

ClientFor = Callable[..., Client]


def make_mail(merchant: Merchant, **values: object) -> Mail:
    with merchant_scope(merchant):
        return Mail.objects.create(
            merchant=merchant,
            **{
                "kind": "orders.new",
                "to": "a@example.com",
                "subject": "2 new orders",
                "text": "SECRET",
                "html": "<p>SECRET</p>",
                "rights": ["orders.view"],
                "named": [["orders.order", 7, "Order 7"]],
                "message_id": f"<{Mail.objects.count()}@test>",
                **values,
            },
        )


def address(name: str, merchant: Merchant, **kwargs: object) -> str:
    return reverse(f"api:{name}", kwargs={"merchant_slug": merchant.slug, **kwargs})


def test_list_has_no_content_and_filters(merchant: Merchant, client_for: ClientFor) -> None:
    make_mail(merchant)
    lost = make_mail(merchant, to="b@example.com", state=MailState.FAILED, message="No.", hint="Look.")
    rows = client_for("analyst").get(address("mail-list", merchant) + "?state=failed").json()["results"]
    assert [(row["id"], row["to"], row["message"], row["hint"]) for row in rows] == [
        (lost.pk, "b@example.com", "No.", "Look.")
    ]
    assert "SECRET" not in str(rows)


def test_detail_shows_content_to_those_who_may_see_it(merchant: Merchant, client_for: ClientFor) -> None:
    mail, hidden = make_mail(merchant), make_mail(merchant, rights=["settings.view"])
    client = client_for("analyst")
    shown = client.get(address("mail-detail", merchant, pk=mail.pk)).json()
    assert (shown["text"], shown["is_hidden"]) == ("SECRET", False)
    assert shown["named"] == [{"type": "orders.order", "id": 7, "label": "Order 7"}]
    data = client.get(address("mail-detail", merchant, pk=hidden.pk)).json()
    assert (data["text"], data["html"], data["named"], data["is_hidden"]) == ("", "", [], True)


def test_mails_of_another_store_do_not_exist(merchant: Merchant, client_for: ClientFor) -> None:
    other = make_merchant("Other Goods")
    theirs = make_mail(other)
    client = client_for("owner")
    assert client.get(address("mail-list", merchant)).json()["results"] == []
    assert client.get(address("mail-detail", merchant, pk=theirs.pk)).status_code == 404


def test_list_costs_the_same_with_one_and_three_rows(
    merchant: Merchant, client_for: ClientFor, count_queries: Callable[[Client, str], int]
) -> None:
    client = client_for("owner")
    make_mail(merchant)
    one = count_queries(client, address("mail-list", merchant))
    make_mail(merchant)
    make_mail(merchant)
    assert count_queries(client, address("mail-list", merchant)) == one


def test_nothing_can_be_written(merchant: Merchant, client_for: ClientFor) -> None:
    client = client_for("owner")
    assert client.post(address("mail-list", merchant), {}).status_code == 405
