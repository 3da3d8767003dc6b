"""Products of a kind that Jet does not take."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.actions import publish
from catalog.actions.targets import refresh_targets
from catalog.enums import ProductKind
from catalog.models import Product
from jetsync.enums import RowState
from jetsync.models import Merchant, OperationRow
from jetsync.panel.guide import search_topics
from jetsync.tenancy.actor import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.mark.feature("GEN-02")
def test_product_of_another_kind_is_named_as_not_supported_and_never_sent(
    shop: Merchant, sandbox: Any, kettle: Any, drain: Callable[[], Any], client_for: Callable[..., Client]
) -> None:
    good, bundle = kettle("HF-1"), kettle("HF-BUNDLE")
    Product.objects.filter(pk=bundle.product_id).update(kind=ProductKind.UNSUPPORTED)
    refresh_targets(shop, [bundle.pk])

    html = client_for("owner").get(f"/m/{shop.slug}/catalog/products/").content.decode()
    assert "Kind of product: not supported" in html

    sandbox.control.clear_requests()
    operation = publish.upload(shop, [good.pk, bundle.pk], actor=SYSTEM)
    drain()
    row = OperationRow.objects.get(operation=operation, object_id=bundle.listing.pk)
    assert row.state == RowState.SKIPPED
    assert "only simple and variable products" in row.message
    paths = " ".join(call["path"] for call in sandbox.control.requests(user="demo-user"))
    assert "HF-1" in paths
    assert "HF-BUNDLE" not in paths


@pytest.mark.feature("GEN-02")
@pytest.mark.parametrize("kind", ["bundle", "grouped", "unsupported"])
def test_the_api_says_which_kinds_there_are_why_and_what_to_do(
    shop: Merchant, client_for: Callable[..., Client], kind: str
) -> None:
    body = {"title": "Set", "kind": kind, "variants": [{"sku": "SET-1"}]}
    answer = client_for("owner").post(
        f"/api/v1/m/{shop.slug}/catalog/products/", json.dumps(body), content_type="application/json"
    )

    assert answer.status_code == 400
    (words,) = answer.json()["fields"]["kind"]
    assert words.startswith(f"“{kind}” is not supported. There are “simple” (one SKU) and “variable”")
    assert "Jet sells single SKUs" in words
    assert "Enter a bundle as a simple product" in words
    assert not Product.objects.filter(merchant=shop).exists()


def test_the_guide_explains_it_under_the_words_of_the_answer() -> None:
    assert "value-kind" in [topic.slug for topic in search_topics("not supported")]
    assert search_topics("bundle grouped")[0].slug in {"value-kind", "csv"}
