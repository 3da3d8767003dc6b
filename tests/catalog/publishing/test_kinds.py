"""Products of a kind that Jet does not take."""

from __future__ import annotations

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
