"""Senseless values in addresses, filters and bodies are refused; none of them is a crash."""

from __future__ import annotations

from base64 import b64encode

import pytest

from jetsync.models import Operation
from jetsync.panel.filters import IdFilter, NumberField, NumberRangeFilter, PanelFilterSet
from tests.factories import make_account
from tests.permissions.test_matrix import API_PAGES, PANEL_PAGES, address

pytestmark = pytest.mark.django_db

HOSTILE = (
    "1e999999",
    "-1e999999",
    "NaN",
    "9" * 4999,
    "\u0663",
    "\x00",
    "\ud7ff%",
    "0001-01-01",
    "9999-12-31",
)
# One of them in each; the walk over all addresses is long.
FORMS = ("1e999999", "9" * 4999, "\x00")
LISTS = [
    entry
    for entry in (*PANEL_PAGES, *API_PAGES)
    if not entry[0].startswith("catalog:")
    and (entry[0].startswith("api:") or hasattr(entry[1], "view_class"))
]
NAMES = (
    "q", "page", "sort", "state", "status", "view", "customer", "order", "order_id", "object_id", "job", "total_min",
    "total_max", "placed_min", "placed_max", "at_min", "at_max", "created_min", "selection", "variant", "node",
    "from", "kind", "page_size", "cursor", "reference_order_id", "merchant_order_id", "send_state", "placed_after",
    "updated_after", "merchant", "sku", "quantity_min", "price_min", "price_max", "amount_min", "amount_max",
)  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_no_query_crashes_a_page(merchant, client_for, value) -> None:
    client = client_for("owner")
    client.raise_request_exception = False
    query = dict.fromkeys(NAMES, value)
    crashed = [
        name
        for name, _callback, args in LISTS
        if client.get(address(name, args, merchant.slug), query).status_code >= 500
    ]
    assert crashed == []


@pytest.mark.parametrize("value", FORMS, ids=range(len(FORMS)))
def test_no_form_crashes_a_page(merchant, client_for, value) -> None:
    client = client_for("owner")
    client.raise_request_exception = False
    make_account(merchant)
    names = (*NAMES, "ids", "do", "change", "name", "email", "role", "node_id", "zip_code", "rights", "expires_on",
             "api_url", "api_user", "api_secret", "time_zone", "return_id", "columns", "interval", "minutes")  # fmt: skip
    crashed = []
    for do in (value, "save_view", "change_view"):
        form = {**dict.fromkeys(names, value), "do": do, "view": value}
        crashed += [
            f"{name} {do[:12]}"
            for name, _callback, args in PANEL_PAGES
            if not name.startswith("catalog:")
            and client.post(address(name, args, merchant.slug), form).status_code >= 500
        ]
    assert crashed == []


@pytest.mark.parametrize("mode", ["nothing", "TEST", "live%00"])
def test_modes_that_do_not_exist(merchant, client_for, mode) -> None:
    client = client_for("owner")
    for rest in ("use/", "validate/", "nodes/", "nodes/import/"):
        status = client.post(f"/m/{merchant.slug}/settings/jet/{mode}/{rest}").status_code
        assert status == 404, rest


@pytest.mark.parametrize("position", ["abc", "9" * 30, "\x00", "1e9"])
def test_cursor_of_the_api_with_a_senseless_position(merchant, client_for, position) -> None:
    cursor = b64encode(b"p=" + position.encode()).decode()
    response = client_for("owner").get(f"/api/v1/m/{merchant.slug}/orders/", {"cursor": cursor})
    assert response.status_code in {200, 404}


def test_ids_too_large_for_the_database(merchant, client_for) -> None:
    client = client_for("owner")
    for app in ("orders", "returns", "refunds"):
        for pk in ("9" * 30, "\u0669" * 30):
            assert client.get(f"/api/v1/m/{merchant.slug}/{app}/{pk}/").status_code == 404


def test_ticked_rows_with_senseless_ids(merchant, client_for) -> None:
    client = client_for("owner")
    response = client.post(
        f"/m/{merchant.slug}/orders/", {"bulk": "acknowledge", "ids": ["9" * 30, "x", "-1", "\u0663"]}
    )
    assert response.status_code == 302
    assert "selection" not in response.url


@pytest.mark.parametrize("value", ["1e999999", "-1e999999", "1e-999999", "9" * 30])
def test_number_filters_refuse_what_no_column_holds(value) -> None:
    class Numbers(PanelFilterSet):
        total = NumberRangeFilter(field_name="total")
        number = IdFilter(field_name="total")

    form = Numbers({"total_min": value, "number": value}, Operation.objects.none(), merchant=None).form

    assert not form.is_valid()
    assert set(form.errors) == {"total", "number"}


def test_a_zero_with_an_exponent_is_a_plain_zero() -> None:
    assert str(NumberField().clean("0e999999")) == "0"
