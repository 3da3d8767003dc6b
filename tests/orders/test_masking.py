"""The shopper is taken out of bodies wherever he stands: by the member, by the value, and where a body was cut."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from orders.masking import BuyerMask
from tests.orders.rows import jet_order, line

SECRETS = ("Zoë", "zoë", "Lee", "Quarry", "Unit 3", "Montclair", "07042", "0143", "customer.jet.com")


def mask_of(raw: dict[str, Any]) -> BuyerMask:
    target = raw["shipping_to"]
    columns = {
        "buyer_name": raw["buyer"]["name"],
        "buyer_phone": raw["buyer"]["phone_number"],
        "ship_to_name": target["recipient"]["name"],
        "ship_to_phone": target["recipient"]["phone_number"],
        "ship_to_city": target["address"]["city"],
        "ship_to_zip": target["address"]["zip_code"],
        "ship_to_address1": target["address"]["address1"],
        "ship_to_address2": target["address"]["address2"],
    }
    return BuyerMask.of(SimpleNamespace(raw=raw, hash_email=raw["hash_email"], **columns))  # type: ignore[arg-type]


@pytest.fixture
def raw() -> dict[str, Any]:
    return jet_order(
        line(),
        buyer={"name": "Zoë Lee", "phone_number": "2015550143"},
        gift={"text": "For zoë  lee, 48 Quarry Lane", "call": "(201) 555-0143", "number": 2015550143},
        note_of_jet=["Write to other.person@example.com", "No reply"],
    )


def test_values_of_the_shopper_are_hidden_in_members_nobody_knows(raw: dict[str, Any]) -> None:
    assert all(secret in json.dumps(raw, ensure_ascii=False) for secret in SECRETS if secret != "0143")

    masked = json.loads(mask_of(raw).body(json.dumps(raw)))

    assert masked["gift"] == {"text": "For •••, •••", "call": "(•••", "number": "•••"}
    assert masked["note_of_jet"] == ["Write to •••", "No reply"]
    assert masked["buyer"] == {"name": "•••", "phone_number": "•••"}
    assert masked["shipping_to"]["address"]["state"] == "•••"
    assert masked["order_items"] == raw["order_items"]
    assert set(raw) == set(masked)


@pytest.mark.parametrize("escaped", [True, False])
def test_cut_bodies_tell_nothing_wherever_the_cut_falls(raw: dict[str, Any], escaped: bool) -> None:  # noqa: FBT001
    mask, body = mask_of(raw), json.dumps(raw, ensure_ascii=escaped)

    for end in range(len(body) - 1, 0, -7):
        masked = mask.body(body[:end])
        assert not [secret for secret in SECRETS if secret in masked], body[:end][-60:]
        assert "Zo\\u00eb" not in masked


def test_ordinary_words_stay(raw: dict[str, Any]) -> None:
    text = "Sleeve 070421 and Leeds; unit 31 of NJ at $24.99"

    assert mask_of(raw).text(text) == text
    assert BuyerMask().text(text) == text
