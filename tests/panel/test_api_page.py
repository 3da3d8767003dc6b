"""The API's page: how to come in, calls by subject, and the way to the log-in."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from jetsync.devstack.parts import PROJECT
from jetsync.models import Merchant

HEADINGS = re.findall(r"^## (.+)$", (PROJECT / "docs" / "api.md").read_text(encoding="utf-8"), re.MULTILINE)
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

pytestmark = pytest.mark.django_db


def schema(client: Client) -> dict[str, Any]:
    return dict(client.get("/api/schema/?format=json").json())


def test_calls_stand_under_the_subjects_of_the_document(client_for: Callable[..., Client]) -> None:
    found = schema(client_for("analyst"))
    tags = {
        path: {tag for call in methods.values() for tag in call["tags"]}
        for path, methods in found["paths"].items()
    }

    start = "/api/v1/m/{merchant_slug}/"
    assert {len(names) for names in tags.values()} == {1}
    assert set().union(*tags.values()) == {row["name"] for row in found["tags"]} <= set(HEADINGS)
    assert tags[f"{start}catalog/products/"] == {"Products and variants"}
    assert tags[f"{start}catalog/vacations/"] == {"Vacations"}
    assert tags[f"{start}orders/shipstation/parcels/"] == {"ShipStation"}
    assert tags[f"{start}orders/{{id}}/ship/"] == {"Orders"}
    assert tags[f"{start}operations/"] == {"Following work"}


def test_it_begins_with_how_the_token_is_sent_and_where_one_is_made(
    merchant: Merchant, client_for: Callable[..., Client]
) -> None:
    first = schema(client_for("owner"))["info"]["description"].partition("\n\n")[0]
    assert "`Authorization: Bearer jts_…`" in first
    assert f"/m/{merchant.slug}/settings/tokens/" in first


@pytest.mark.parametrize("address", ["/api/docs/", "/api/schema/?format=json"])
def test_a_browser_that_is_signed_out_is_led_to_the_log_in_and_back(db: None, address: str) -> None:
    answer = Client().get(address, headers=BROWSER)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/api/")
    assert Client().get("/api/schema/", headers={"Accept": "application/json"}).status_code == 403
