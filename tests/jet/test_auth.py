"""Login, token life, the 401 flow."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from jetsync.jet import MemoryTokenStore, Token, errors
from tests.jet.conftest import BASE, SECRET, USER, Jet, JetFactory, recorded, stored_tokens

NOW = datetime(2031, 6, 1, 12, 15, 40, tzinfo=UTC)


def test_login_sends_the_keys_and_keeps_the_token(make_jet: JetFactory) -> None:
    jet = make_jet()
    jet.answer("POST", "/token", json=recorded("token"))

    with time_machine.travel(NOW, tick=False):
        token = jet.client.auth.token()
        again = jet.client.auth.token()

    assert jet.sent_json() == {"user": USER, "pass": SECRET}
    assert token == Token(recorded("token")["id_token"], NOW, datetime(2031, 6, 1, 22, 15, 40, tzinfo=UTC))
    assert again == token
    assert jet.logins() == 1
    assert "Authorization" not in jet.http.calls[0].request.headers


def test_calls_carry_the_token(jet: Jet) -> None:
    jet.answer("GET", "/authcheck", json="This message is authorized.")

    assert jet.client.auth.check() == "This message is authorized."
    headers = jet.http.calls[0].request.headers
    assert headers["Authorization"] == f"Bearer {recorded('token')['id_token']}"
    assert headers["Content-Type"] == headers["Accept"] == "application/json"
    assert jet.before == [("GET", "/authcheck")]
    assert jet.verified == [f"{BASE}/authcheck"]


def test_fresh_token_logs_in_again(jet: Jet) -> None:
    jet.answer("POST", "/token", json={**recorded("token"), "id_token": "another"})

    assert jet.client.auth.token(fresh=True).value == "another"
    assert [token.value for token in stored_tokens(jet.store)] == ["another"]


@pytest.mark.parametrize("status", [400, 401])
def test_refused_keys_are_told_apart_from_a_refused_token(make_jet: JetFactory, status: int) -> None:
    jet = make_jet()
    jet.answer("POST", "/token", status=status, json={"errors": ["Bad Request"]})

    with pytest.raises(errors.JetBadCredentials) as caught:
        jet.client.orders.urls("ready")

    assert (caught.value.status, caught.value.jet_message, caught.value.path) == (
        status,
        "Bad Request",
        "/token",
    )
    assert stored_tokens(jet.store) == []
    assert jet.sent() == []
    assert jet.logins() == 1


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"id_token": ""},
        {"id_token": 5},
        {"id_token": "two words"},
        {"id_token": "new\nline"},
        ["x"],
        {"id_token": None},
    ],
)
def test_login_without_a_token_is_a_bad_answer(make_jet: JetFactory, answer: object) -> None:
    jet = make_jet()
    jet.answer("POST", "/token", json=answer)

    with pytest.raises(errors.JetBadAnswer):
        jet.client.auth.token()


@pytest.mark.parametrize(
    ("answer", "life"),
    [
        ({"id_token": "t", "expires_on": "2031-06-01T22:15:40Z"}, timedelta(hours=10)),
        ({"access_token": "t"}, timedelta(hours=10)),
        ({"id_token": "t", "expires_on": "tomorrow"}, timedelta(hours=10)),
        ({"id_token": "t", "expires_on": "2031-06-01T12:20:40Z"}, timedelta(minutes=5)),
        ({"id_token": "t", "expires_on": "2030-01-01T00:00:00Z"}, timedelta(minutes=1)),
    ],
)
def test_token_life_is_read_with_tolerance(
    make_jet: JetFactory, answer: dict[str, str], life: timedelta
) -> None:
    jet = make_jet()
    jet.answer("POST", "/token", json=answer)

    with time_machine.travel(NOW, tick=False):
        token = jet.client.auth.token()

    assert token.expires_at - token.issued_at == life


@pytest.mark.parametrize(
    ("life", "renewed_before_end"),
    [(timedelta(hours=10), timedelta(minutes=10)), (timedelta(minutes=20), timedelta(minutes=2))],
)
@pytest.mark.feature("SCH-13")
def test_token_is_renewed_before_its_end(
    make_jet: JetFactory, life: timedelta, renewed_before_end: timedelta
) -> None:
    jet = make_jet()
    for name in ("first", "second"):
        expires = (NOW + life).strftime("%Y-%m-%dT%H:%M:%SZ")
        jet.answer("POST", "/token", json={"id_token": name, "expires_on": expires})
    with time_machine.travel(NOW, tick=False) as clock:
        assert jet.client.auth.token().value == "first"
        clock.move_to(NOW + life - renewed_before_end - timedelta(seconds=1))
        assert jet.client.auth.token().value == "first"
        clock.move_to(NOW + life - renewed_before_end)
        assert jet.client.auth.token().value == "second"


def test_failed_early_renewal_goes_on_with_the_old_token(make_jet: JetFactory) -> None:
    jet = make_jet(max_retries=0)
    jet.answer("POST", "/token", json={"id_token": "first", "expires_on": "2031-06-01T22:15:40Z"})
    jet.answer("POST", "/token", status=503)
    with time_machine.travel(NOW, tick=False) as clock:
        jet.client.auth.token()
        clock.move_to(NOW + timedelta(hours=9, minutes=55))
        assert jet.client.auth.token().value == "first"
        clock.move_to(NOW + timedelta(hours=10))
        with pytest.raises(errors.JetServerError):
            jet.client.auth.token()


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_refused_token_is_replaced_and_the_call_repeated_once(jet: Jet, method: str) -> None:
    path = "/orders/withoutShipmentDetail/7" if method == "GET" else "/orders/7/acknowledge"
    jet.answer("POST", "/token", json={**recorded("token"), "id_token": "second"})
    jet.answer(method, path, status=401, json={"Message": "Authorization has been denied for this request."})
    jet.answer(method, path, status=200, json=recorded("order"))

    if method == "GET":
        jet.client.orders.get("7")
    else:
        jet.client.orders.acknowledge("7", {"acknowledgement_status": "accepted", "order_items": []})

    assert jet.sent() == [f"{method} {path}"] * 2
    assert jet.logins() == 1
    assert jet.http.calls[-1].request.headers["Authorization"] == "Bearer second"
    assert [token.value for token in stored_tokens(jet.store)] == ["second"]
    assert [event.status for event in jet.events] == [401, 200, 200]


def test_second_refusal_is_raised(jet: Jet) -> None:
    jet.answer(
        "GET", "/authcheck", status=401, json={"Message": "Authorization has been denied for this request."}
    )

    with pytest.raises(errors.JetUnauthorized) as caught:
        jet.client.auth.check()

    assert type(caught.value) is errors.JetUnauthorized
    assert caught.value.jet_message == "Authorization has been denied for this request."
    assert (len(jet.sent()), jet.logins()) == (2, 1)


def test_token_renewed_by_another_worker_is_not_dropped(jet: Jet) -> None:
    mine = jet.client.auth.token()
    key = next(iter(jet.store._tokens))
    theirs = Token("theirs", mine.issued_at, mine.expires_at)
    jet.answer("GET", "/authcheck", status=401)

    class Rival(MemoryTokenStore):
        """Puts its own token there before the drop."""

        def drop(self, key: str, token_value: str) -> None:
            self.set(key, theirs)
            super().drop(key, token_value)

    rival = Rival()
    rival.set(key, mine)
    jet.client.auth._login._store = rival

    with pytest.raises(errors.JetUnauthorized):
        jet.client.auth.check()

    assert jet.logins() == 0
    assert jet.http.calls[-1].request.headers["Authorization"] == "Bearer theirs"


def test_changed_keys_never_meet_the_old_token(make_jet: JetFactory) -> None:
    store = MemoryTokenStore()
    first = make_jet(token_store=store)
    first.answer("POST", "/token", json=recorded("token"))
    first.client.auth.token()

    second = make_jet(token_store=store, secret="changed-by-the-merchant")
    second.client.auth.token()

    assert second.logins() == 2
    assert second.sent_json()["pass"] == "changed-by-the-merchant"


def test_one_login_at_a_time(make_jet: JetFactory) -> None:
    jet = make_jet()
    jet.answer("POST", "/token", json=recorded("token"))
    ready = threading.Barrier(6)
    values: list[str] = []

    def work() -> None:
        ready.wait()
        values.append(jet.client.auth.token().value)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert values == [recorded("token")["id_token"]] * 6
    assert jet.logins() == 1
