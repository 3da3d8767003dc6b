"""Answers that are not what Jet sends, and what Jet says when it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from jetsync.jet import errors
from jetsync.jet.refusal import messages_in
from tests.jet.conftest import Jet, JetFactory, recorded

HTML = "<!DOCTYPE html><html><head><title>Sign in\n to Wi-Fi</title></head></html>"

BAD_BODIES = [
    (HTML, "a page instead of JSON: Sign in to Wi-Fi"),
    ("\ufeff  <html></html>", "a page instead of JSON"),
    ("", "the answer is empty"),
    ('{"price": 3.5', "the answer is not JSON"),
    ('{"price": NaN}', "the answer is not JSON"),
    ("[" * 100_000, "the answer is not JSON"),
    (b"\xff\xfe\x00", "the answer is not JSON"),
    (
        '{"fulfillment_nodes": [{"fulfillment_node_price": 3.5}]}',
        "not a Price as Jet sends it: fulfillment_nodes.0.fulfillment_node_id: Field required",
    ),
    ('{"price": "dear"}', "not a Price as Jet sends it: price: Value error, not an amount"),
    ('{"price": true}', "not a Price as Jet sends it: price: Value error, not an amount"),
    ('{"price": 1e999}', "not a Price as Jet sends it: price: Value error, not an amount"),
    ("[]", "not a Price as Jet sends it: all of it: Input should be a valid dictionary or instance of Price"),
    (
        '"text"',
        "not a Price as Jet sends it: all of it: Input should be a valid dictionary or instance of Price",
    ),
]


@pytest.mark.parametrize(("body", "said"), BAD_BODIES)
def test_unreadable_answer_to_a_read_is_a_bad_answer(jet: Jet, body: str | bytes, said: str) -> None:
    jet.answer("GET", "/merchant-skus/A/price", body=body)

    with pytest.raises(errors.JetBadAnswer) as caught:
        jet.client.products.get_price("A")

    assert caught.value.jet_message == said
    assert (caught.value.status, caught.value.may_have_arrived) == (200, False)
    assert (caught.value.method, caught.value.path) == ("GET", "/merchant-skus/A/price")
    assert (len(jet.sent()), jet.sleeps) == (1, [])


@pytest.mark.parametrize("body", ["", HTML, '{"half": ', "null", '"accepted"', "[]", '{"errors": []}'])
@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_success_status_accepts_a_write_whatever_its_body(jet: Jet, status: int, body: str) -> None:
    jet.answer("PUT", "/orders/7/acknowledge", status=status, body=body)

    jet.client.orders.acknowledge("7", {"acknowledgement_status": "accepted", "order_items": []})

    assert [(event.status, event.error) for event in jet.events] == [(status, None)]


@pytest.mark.parametrize("body", ['{"errors": ["order is not ready"]}', '{"error": "order is not ready"}'])
def test_success_status_with_listed_errors_is_a_refusal(jet: Jet, body: str) -> None:
    jet.answer("PUT", "/orders/7/acknowledge", status=200, body=body)

    with pytest.raises(errors.JetBadRequest) as caught:
        jet.client.orders.acknowledge("7", {"acknowledgement_status": "accepted", "order_items": []})

    assert caught.value.messages == ["order is not ready"]


@pytest.mark.parametrize("body", ["", HTML, "{}", '{"refund_status": "created"}'])
def test_write_whose_answer_is_needed_may_have_arrived(jet: Jet, body: str) -> None:
    jet.answer("POST", "/refunds/7/R1", status=201, body=body)

    with pytest.raises(errors.JetBadAnswer) as caught:
        jet.client.refunds.create("7", "R1", {"items": []})

    assert caught.value.may_have_arrived is True
    assert len(jet.sent()) == 1


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        ('{"errors": ["Value 45L is greater than the maximum 30L. Path: time_to_return", "b"]}', None),
        ('{"error": "merchant sku unavailable"}', ["merchant sku unavailable"]),
        ('{"Message": "Authorization has been denied for this request."}', None),
        ('{"errors": "one text"}', ["one text"]),
        ('{"errors": [{"field": "price", "text": ["too low"]}]}', ["field: price", "text: too low"]),
        ('"bare"', ["bare"]),
        ("", []),
        ("null", []),
        ("{}", []),
        ('{"errors": [null, ""]}', []),
        ("Service unavailable \n try later", ["Service unavailable try later"]),
        (HTML, ["Sign in to Wi-Fi"]),
        ("<html>", []),
        (
            "<Error><Code>AuthenticationFailed</Code><Message>Signature &amp; time</Message></Error>",
            ["Signature & time"],
        ),
    ],
)
def test_jets_sentences_are_found(body: str, messages: list[str] | None) -> None:
    whole = {
        "Value": ["Value 45L is greater than the maximum 30L. Path: time_to_return", "b"],
        "Author": ["Authorization has been denied for this request."],
    }
    expected = (
        messages if messages is not None else next(value for key, value in whole.items() if key in body)
    )

    assert messages_in(body.encode()) == expected


def test_very_many_and_very_long_sentences_are_cut() -> None:
    import json

    found = messages_in(json.dumps({"errors": ["x" * 5000] * 500}).encode())

    assert (len(found), {len(message) for message in found}) == (200, {1000})


def test_bad_request_carries_all_there_is_to_know(jet: Jet) -> None:
    body = {"errors": ["brand is required", "title is too short"]}
    jet.answer("PUT", "/merchant-skus/A", status=400, json=body, headers={"X-Request-Id": "r-77"})

    with pytest.raises(errors.JetBadRequest) as caught:
        jet.client.products.put("A", {"product_title": "x", "multipack_quantity": 1})

    error = caught.value
    assert error.messages == body["errors"]
    assert error.jet_message == "brand is required; title is too short"
    assert (error.code, error.status, error.request_id) == ("bad_request", 400, "r-77")
    assert error.body == '{"errors": ["brand is required", "title is too short"]}'
    (event,) = jet.events
    assert (event.request_id, event.error) == ("r-77", "bad_request: brand is required; title is too short")
    assert event.request_body_cut == '{"product_title":"x","multipack_quantity":1}'
    assert event.answer_cut == error.body
    assert event.duration_ms >= 0


def test_event_texts_are_cut(jet: Jet) -> None:
    jet.answer("PUT", "/merchant-skus/A", status=400, body="y" * 9000)

    with pytest.raises(errors.JetBadRequest):
        jet.client.products.put("A", {"product_title": "x" * 9000, "multipack_quantity": 1})

    (event,) = jet.events
    assert (len(event.request_body_cut), len(event.answer_cut)) == (2000, 2000)


def test_redirect_is_not_followed(jet: Jet) -> None:
    jet.answer(
        "GET",
        "/orders/ready",
        status=301,
        headers={"Location": "https://elsewhere.example.com/api/orders/ready"},
    )

    with pytest.raises(errors.JetBadAnswer, match=r"redirect to elsewhere\.example\.com"):
        jet.client.orders.urls("ready")

    assert len(jet.sent()) == 1


def test_characters_that_the_database_refuses_are_dropped(jet: Jet) -> None:
    order = {**recorded("order"), "hash_email": "a\x00b", "alt_order_id": "\ud83d"}
    jet.answer("GET", "/orders/withoutShipmentDetail/7", json=order)

    found = jet.client.orders.get("7")

    assert (found.hash_email, found.alt_order_id) == ("ab", "?")
    assert (found.raw["hash_email"], found.raw["alt_order_id"]) == ("ab", "?")


@pytest.mark.parametrize("value", ["", ".", "..", "a/b", "a\\b", "\ud800"])
def test_value_that_no_address_carries_is_refused_before_sending(jet: Jet, value: str) -> None:
    calls = [
        lambda: jet.client.products.get(value),
        lambda: jet.client.products.archive(value, True),
        lambda: jet.client.orders.get(value),
        lambda: jet.client.refunds.create("7", value, {"items": []}),
        lambda: jet.client.files.get(value),
    ]
    for call in calls:
        with pytest.raises(errors.JetNotSendable):
            call()

    assert jet.http.calls.__len__() == 0
    assert jet.before == []


@pytest.mark.parametrize("value", [float("nan"), object()])
def test_value_that_is_not_json_is_refused_before_sending(jet: Jet, value: Any) -> None:
    with pytest.raises(errors.JetNotSendable):
        jet.client.products.set_price("A", value)

    assert jet.before == []


def test_hooks_may_refuse_and_their_errors_pass_through(make_jet: JetFactory) -> None:
    class Refused(Exception):
        pass

    def refuse(*args: object) -> None:
        raise Refused

    for hook in ("before_request", "verify_url"):
        jet = make_jet(**{hook: refuse})
        with pytest.raises(Refused):
            jet.client.auth.token()
        assert len(jet.http.calls) == 0
    jet = make_jet(after_request=refuse)
    jet.answer("POST", "/token", json=recorded("token"))
    with pytest.raises(Refused):
        jet.client.auth.token()


def test_address_from_jet_is_verified_before_use(make_jet: JetFactory) -> None:
    def only_jet(url: str) -> None:
        if not url.startswith("https://jet.example.com/"):
            raise LookupError(url)

    jet = make_jet(verify_url=only_jet)
    jet.answer("POST", "/token", json=recorded("token"))
    jet.answer("GET", "/files/5", json=recorded("file_with_errors"))

    record = jet.client.files.get("5")

    assert jet.client.files.errors(record) == record.error_excerpt
    with pytest.raises(errors.JetBadAnswer, match="may not be used") as caught:
        jet.client.files._requestor.download(record.error_url or "")
    assert caught.value.__context__ is None
    assert all((call.request.url or "").startswith("https://jet.example.com/") for call in jet.http.calls)
