"""The server itself: tokens, tolerant paths, faults, throttle, control calls, restarts and many writers at once."""

from __future__ import annotations

import ast
import base64
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox.goods import kettle, put_kettle, stock
from tests.sandbox.market import SECRET, USER, Market, other_market
from tests.sandbox_server import ROOT, ControlError, start_sandbox

DENIED = {"Message": "Authorization has been denied for this request."}


def test_a_token_looks_like_jets_and_lives_ten_hours(market: Market) -> None:
    market.control.freeze("2018-03-01T12:00:00+00:00")
    answer = requests.post(
        f"{market.server.api_url}/Token/",
        data=json.dumps({"user": USER, "pass": SECRET}),
        headers={"Authorization": "", "Content-Type": "application/x-www-form-urlencoded"},
        timeout=30,
    )

    body = answer.json()
    header, claims, signature = (part + "=" * (-len(part) % 4) for part in body["id_token"].split("."))
    assert (answer.status_code, sorted(body)) == (200, ["expires_on", "id_token", "token_type"])
    assert (body["token_type"], body["expires_on"]) == ("Bearer", "2018-03-01T22:00:00Z")
    assert json.loads(base64.urlsafe_b64decode(header))["alg"] == "RS256"
    assert len(base64.urlsafe_b64decode(signature)) == 256
    read = json.loads(base64.urlsafe_b64decode(claims))
    assert (read["is_sandbox_uid"], read["exp"] - read["nbf"]) == ("True", 36_000)
    assert read["merchant_id"] == market.control.account(USER)["merchant_id"]


def test_the_same_dice_bring_the_same_shoppers(market: Market) -> None:
    def shopper(dice: int | None) -> Any:
        market.control.reset(dice=dice)
        market.add_sku("KETTLE-1")
        (order_id,) = market.generate(("KETTLE-1", 2, 0))
        order = market.order(order_id)
        return order["buyer"], order["shipping_to"], order["order_totals"], order["reference_order_id"]

    first = shopper(7)
    assert shopper(8) != first
    assert shopper(7) == first
    assert shopper(None) != first


@pytest.mark.parametrize(
    "body", [{"user": USER, "pass": "wrong"}, {"user": "nobody", "pass": SECRET}, {"user": USER}, [], {}]
)
def test_bad_keys_are_a_bad_request(market: Market, body: Any) -> None:
    answer = requests.post(f"{market.server.api_url}/token", json=body, timeout=30)

    assert (answer.status_code, answer.json()) == (400, {"errors": ["Bad Request"]})


def test_a_token_ends_by_time_by_revocation_and_by_forgery(market: Market) -> None:
    good = market.session.headers["Authorization"]
    check = f"{market.server.api_url}/authcheck"

    def ask(authorization: str | None) -> tuple[int, Any]:
        answer = requests.get(check, headers={"Authorization": authorization}, timeout=30)
        return answer.status_code, answer.json()

    assert ask(good) == (200, "This message is authorized.")
    assert ask(good.replace("bearer", "BEARER"))[0] == 200
    for bad in (None, "null", "bearer", "basic abc", good[:-8] + "AAAAAAAA", "bearer a.b.c"):
        assert ask(bad) == (401, DENIED)
    market.control.advance(35_990)
    assert ask(good)[0] == 200
    market.control.advance(20)
    assert ask(good) == (401, DENIED)
    market.renew()
    assert ask(market.session.headers["Authorization"])[0] == 200
    market.control.revoke_tokens(user=USER)
    assert ask(market.session.headers["Authorization"]) == (401, DENIED)


def test_test_and_live_keys_see_different_data(market: Market) -> None:
    market.control.add_account("shop-live", "live-secret", is_live=True)
    live = Market(market.server, "shop-live", "live-secret")
    rows = {
        row["mode"]: row
        for row in market.control.accounts()
        if row["merchant_id"] == _id(market, "shop-live")
    }
    test_token = live.session.headers["Authorization"]

    put_kettle(live, "A")

    assert sorted(rows) == ["live", "test"]
    assert rows["live"]["nodes"] != rows["test"]["nodes"]
    claims = test_token.split()[1].split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(claims + "=="))["is_sandbox_uid"] == "False"
    assert live.get("merchant-skus")["sku_urls"] == ["merchant-skus/A"]
    assert market.get("merchant-skus")["sku_urls"] == []


def _id(market: Market, user: str) -> str:
    return str(market.control.account(user)["merchant_id"])


def test_paths_have_any_case_and_tolerate_slashes(market: Market) -> None:
    put_kettle(market, "MiXed")
    for path in (
        "/api/Merchant-SKUs/MiXed",
        "/API/merchant-skus/MiXed/",
        "/api//merchant-skus//MiXed",
        "//api/merchant-skus/MiXed?",
    ):
        answer = market.session.get(f"{market.server.url}{path}", timeout=30)
        assert (path, answer.status_code, answer.json()["merchant_sku"]) == (path, 200, "MiXed")


def test_unknown_calls_and_methods_answer_as_the_framework_does(market: Market) -> None:
    unknown = market.call("GET", "weather")
    wrong = market.call("DELETE", "merchant-skus/A")

    assert (unknown.status_code, list(unknown.json())) == (404, ["Message"])
    assert (wrong.status_code, wrong.json()) == (
        405,
        {"Message": "The requested resource does not support http method 'DELETE'."},
    )


def test_a_bucket_throttles_when_asked_to(market: Market) -> None:
    other = other_market(market)
    market.control.switch(
        user=USER, rate_limit_per_second=0.001, rate_limit_burst=3.0, rate_limit_retry_after=7
    )

    answers = [market.call("GET", "authcheck") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert (answers[4].json(), answers[4].headers["Retry-After"]) == ({"errors": ["Too many requests."]}, "7")
    assert other.call("GET", "authcheck").status_code == 200


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_status_fault_hits_the_named_calls_so_many_times(market: Market, status: int) -> None:
    market.control.fault("status", path="/price", method="PUT", status=status, remaining=2, retry_after=3)
    put_kettle(market, "A")

    answers = [market.call("PUT", "merchant-skus/A/price", {"price": 5}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [status, status, 204]
    assert (list(answers[0].json()), answers[0].headers["Retry-After"]) == (["errors"], "3")
    (rule,) = market.control.faults()
    assert (rule["remaining"], rule["hits"]) == (0, 2)


def test_faults_before_the_effect_leave_nothing_and_faults_after_it_do(market: Market) -> None:
    put_kettle(market, "A")
    outcomes = {}
    for price, kind in enumerate(("reset", "html", "expired_token", "lost_answer"), 1):
        market.control.fault(kind, path="/price", method="PUT", remaining=1)
        try:
            answer = market.call("PUT", "merchant-skus/A/price", {"price": price})
        except requests.ConnectionError:
            seen: Any = "no answer"
        else:
            seen = (answer.status_code, answer.headers["Content-Type"].partition(";")[0])
        shown = market.get("merchant-skus/A/price")
        outcomes[kind] = (seen, shown.get("price"))

    assert outcomes == {
        "reset": ("no answer", None),
        "html": ((200, "text/html"), None),
        "expired_token": ((401, "application/json"), None),
        "lost_answer": ("no answer", 4),
    }


def test_half_a_body_late_answers_and_doubled_lists(market: Market) -> None:
    put_kettle(market, "A")
    market.control.fault("half_body", path="merchant-skus/A$", remaining=1)
    with pytest.raises(requests.RequestException):
        market.call("GET", "merchant-skus/A")

    market.control.fault("latency", path="authcheck", seconds=0.4, remaining=1)
    started = time.monotonic()
    assert market.call("GET", "authcheck").status_code == 200
    assert time.monotonic() - started >= 0.4

    market.control.fault("duplicate_listing", path="merchant-skus$", remaining=1)
    assert market.get("merchant-skus")["sku_urls"] == ["merchant-skus/A", "merchant-skus/A"]
    assert market.get("merchant-skus")["sku_urls"] == ["merchant-skus/A"]


def test_a_fault_may_name_one_merchant_and_a_rate(market: Market) -> None:
    other = other_market(market)
    market.control.fault("status", path="authcheck", user=USER, status=503, rate=0.5)

    own = [market.call("GET", "authcheck").status_code for _ in range(60)]
    others = {other.call("GET", "authcheck").status_code for _ in range(10)}

    assert others == {200}
    assert 10 <= own.count(503) <= 50
    with pytest.raises(ControlError):
        market.control.fault("gremlin")
    with pytest.raises(ControlError):
        market.control.fault("reset", path="(")


def test_the_log_keeps_what_clients_sent_but_no_keys(market: Market) -> None:
    market.control.clear_requests()
    market.renew()
    market.call("PUT", "merchant-skus/A/", kettle())
    market.control.fault("lost_answer", path="authcheck", remaining=1)
    with pytest.raises(requests.ConnectionError):
        market.call("GET", "authcheck")

    seen = market.control.requests()

    assert [(row["method"], row["path"], row["status"], row["user"]) for row in seen] == [
        ("POST", "/api/token", 200, USER),
        ("PUT", "/api/merchant-skus/A", 201, USER),
        ("GET", "/api/authcheck", 0, USER),
    ]
    assert json.loads(seen[1]["body"]) == kettle()
    assert (seen[0]["body"], seen[2]["faults"]) == ("", ["lost_answer"])
    assert SECRET not in json.dumps(seen)
    assert market.control.requests(limit=1) == seen[-1:]


def test_control_calls_need_their_key(market: Market) -> None:
    for headers in ({}, {"X-Sandbox-Control": "guess"}):
        answer = requests.post(f"{market.server.url}/control/reset", headers=headers, timeout=30)
        assert answer.status_code == 403
    with pytest.raises(ControlError):
        market.control.switch(no_such_switch=1)
    with pytest.raises(ControlError):
        market.control.switch(review_delay_seconds="soon")


def test_a_switch_of_one_merchant_goes_before_the_switch_of_all(market: Market) -> None:
    market.control.switch(review_delay_seconds=5)

    assert market.control.switch(user=USER, review_delay_seconds=7)["review_delay_seconds"] == 7
    assert market.control.switch()["review_delay_seconds"] == 5
    market.control.switch(user=USER, review_delay_seconds=None)
    assert market.control.switch(user=USER)["review_delay_seconds"] == 5


def test_reset_empties_everything_and_keeps_tokens_and_taxonomy(market: Market) -> None:
    put_kettle(market, "A")
    market.control.advance(100)
    market.control.switch(review_delay_seconds=5)
    other_market(market)

    market.control.reset()

    assert market.get("merchant-skus") == {"sku_urls": []}
    assert market.control.switch()["review_delay_seconds"] == 30
    assert {row["user"] for row in market.control.accounts() if row["mode"] == "test"} == {USER}
    assert len(market.get("taxonomy/links/v1")["node_urls"]) == 72


def test_many_writers_at_once_lose_nothing(market: Market) -> None:
    for number in range(8):
        put_kettle(market, f"S-{number}")
    codes: list[int] = []

    def write(number: int) -> None:
        hand = Market(market.server)
        for quantity in range(1, 16):
            answer = hand.call("PATCH", f"merchant-skus/S-{number}/inventory", stock(hand, quantity))
            codes.append(answer.status_code)
        hand.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert codes == [204] * 120
    shown = [market.get(f"merchant-skus/S-{number}/inventory")["fulfillment_nodes"][0] for number in range(8)]
    assert [row["quantity"] for row in shown] == [15] * 8


def test_a_restart_on_a_state_folder_goes_on_where_it_was(tmp_path: Path) -> None:
    first = start_sandbox(tmp_path, accounts=[(USER, SECRET)], memory=False)
    hand = Market(first)
    put_kettle(hand, "A")
    first.control.advance(3600)
    before, node = first.control.now(), hand.node_id
    hand.close()
    first.close()

    second = start_sandbox(tmp_path, accounts=[(USER, SECRET)], memory=False)
    again = Market(second)
    shown = again.get("merchant-skus")
    after, same_node = second.control.now(), again.node_id
    again.close()
    second.close()

    assert (shown, same_node) == ({"sku_urls": ["merchant-skus/A"]}, node)
    assert after > before


def test_the_background_thread_works_without_requests_and_memory_leaves_nothing(tmp_path: Path) -> None:
    memory = Path("/dev/shm")  # noqa: S108 -- where the server keeps its folder
    before = set(memory.glob("jet-sandbox-*")) if memory.is_dir() else set()
    server = start_sandbox(tmp_path, accounts=[(USER, SECRET)], SANDBOX_TICK_SECONDS="0.1")
    hand = Market(server)
    server.control.switch(review_delay_seconds=0.2)
    put_kettle(hand, "A")
    folder = set(memory.glob("jet-sandbox-*")) - before if memory.is_dir() else set()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        time.sleep(0.3)
        if hand.get("merchant-skus/A")["status"] != "Under Jet Review":
            break
    shown = hand.get("merchant-skus/A")
    hand.close()
    server.close()

    assert (shown["status"], shown["sub_status"]) == ("Missing Listing Data", ["Missing price"])
    assert not any(path.exists() for path in folder)


def test_the_sandbox_imports_nothing_of_ours() -> None:
    own = {"jetsync", "catalog", "orders", "returns", "refunds", "repricer"}
    for path in (ROOT / "jetsync" / "sandbox").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""] if node.module != "jetsync" else ["jetsync"]
                if node.module == "jetsync":
                    assert [alias.name for alias in node.names] == ["sandbox"], path
                    continue
            for name in names:
                foreign = name.split(".")[0] in own and not name.startswith("jetsync.sandbox")
                assert not foreign, f"{path} imports {name}"


def test_a_merchant_has_the_name_it_was_started_with_also_when_it_was_known_before(tmp_path: Path) -> None:
    for name in ("", "Harrow & Finch"):
        server = start_sandbox(tmp_path, accounts=[("user", "secret")], SANDBOX_NAME=name)
        try:
            rows = server.control.call("GET", "accounts")["accounts"]
        finally:
            server.close()
        assert {row["name"] for row in rows} == {name or "Merchant user"}
