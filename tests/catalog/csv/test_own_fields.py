"""Own fields have limits, per SKU and per store, however they come in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.actions import field_register
from catalog.actions.csv_upload import start_upload
from catalog.actions.field_register import note_fields
from catalog.enums import CsvKind
from catalog.models import CsvUpload, StoreField, Variant
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor
from tests.catalog import rows
from tests.catalog.conftest import csv_bytes
from tests.catalog.csv.test_products import GOOD, failures

pytestmark = pytest.mark.django_db
ImportCsv = Callable[..., CsvUpload]


def fields(start: int, stop: int) -> dict[str, str]:
    return {f"field:f{number}": "x" for number in range(start, stop)}


def test_a_file_brings_no_sku_above_the_limit_of_own_fields(shop: Merchant, import_csv: ImportCsv) -> None:
    import_csv([{**GOOD, **fields(0, 150)}])

    upload = import_csv(
        [{**GOOD, **fields(100, 220)}, {**GOOD, "sku": "NEW", **fields(100, 220)}, {**GOOD, "sku": "FEW"}]
    )

    message = "There are 220 own fields, at most 200 are kept."
    assert failures(upload) == [(2, message)]
    assert len(Variant.objects.get(sku=GOOD["sku"]).data) == 150
    assert len(Variant.objects.get(sku="NEW").data) == 120
    assert failures(import_csv([{**GOOD, "sku": "BIG", **fields(0, 201)}])) == [
        (2, message.replace("220", "201"))
    ]


def test_fields_too_many_already_may_be_changed_and_taken_away(shop: Merchant, import_csv: ImportCsv) -> None:
    import_csv([GOOD])
    stored = {name.removeprefix("field:"): text for name, text in fields(0, 210).items()}
    Variant.objects.update(data=stored)

    upload = import_csv([{**GOOD, "field:f0": "", "field:f1": "y"}])

    assert (failures(upload), upload.updated_count) == ([], 1)
    assert len(Variant.objects.get().data) == 209


@pytest.fixture
def full(shop: Merchant, monkeypatch: pytest.MonkeyPatch) -> Merchant:
    monkeypatch.setattr(field_register, "MOST_KNOWN", 3)
    note_fields(shop, {"field:a": "1", "field:b": "1", "option:Size": "L"})
    return shop


def names() -> list[str]:
    return sorted(map(str, StoreField.objects.all()))


def test_a_file_with_more_new_fields_than_a_store_may_have_is_refused(full: Merchant, actor: Actor) -> None:
    def take(*columns: str) -> CsvUpload:
        content = csv_bytes([{**GOOD, **{f"field:{name}": "x" for name in columns}}])
        return start_upload(full, CsvKind.PRODUCTS, SimpleUploadedFile("x.csv", content), actor=actor)

    with pytest.raises(InvalidInput, match="Your products have 2 own fields, at most 3 are kept") as caught:
        take("a", "c", "d")

    assert caught.value.code == "too_many_fields"
    assert not CsvUpload.objects.exists()
    assert take("a", "b", "c").pk


def test_the_api_refuses_a_field_too_many_and_keeps_options(full: Merchant, client_for: Any) -> None:
    variant = rows.make_variant(full, sku="A")
    client: Client = client_for("owner")
    address = f"/api/v1/m/{full.slug}/catalog/variants/{variant.pk}/"

    answer = client.patch(address, {"data": {"c": "1", "d": "1"}}, content_type="application/json")
    fits = client.patch(address, {"data": {"a": "1", "c": "1"}}, content_type="application/json")
    note_fields(full, {"option:Color": "x", "option:Length": "x", "option:Width": "x"})

    assert (answer.status_code, answer.json()["code"]) == (400, "too_many_fields")
    assert "“c”" in answer.json()["message"]
    assert fits.status_code == 200
    variant.refresh_from_db()
    assert variant.data == {"a": "1", "c": "1"}
    assert [name for name in names() if name.startswith("field:")] == ["field:a", "field:b", "field:c"]
    assert len([name for name in names() if name.startswith("option:")]) == 3
