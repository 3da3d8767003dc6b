"""Keys, tokens and upload signatures reach no repr, event, error, log or pickle."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

from jetsync.jet import MemoryTokenStore, Token, bulk, errors
from jetsync.jet.exchange import Call
from jetsync.jet.redact import Redactor, Secret, public_address
from tests.jet.conftest import BASE, SECRET, USER, Jet, JetFactory, recorded

TOKEN = recorded("token")["id_token"]
UPLOAD = recorded("upload_token")
SIGNATURE = "wq3Zt7%2Fs1gn4tur3%3D"
ALL = (USER, SECRET, json.dumps(SECRET)[1:-1], quote(SECRET, safe=""), TOKEN, SIGNATURE, "r3ad0nly")


def assert_clean(*texts: object) -> None:
    for text in texts:
        for secret in ALL:
            assert secret not in str(text)
            assert secret not in repr(text)


def everything(exc: BaseException) -> str:
    """The traceback with all chained exceptions and their values, as an error reporter would take it."""
    parts = [*traceback.format_exception(exc)]
    seen: BaseException | None = exc
    while seen is not None:
        parts += [repr(seen), str(seen), repr(seen.args), repr(vars(seen))]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(parts)


def test_there_is_something_to_leak(jet: Jet) -> None:
    """The negative tests below would pass on an empty hand."""
    jet.answer("GET", "/authcheck", json="ok")
    jet.client.auth.check()

    assert jet.http.calls[-1].request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert TOKEN in everything(ValueError(TOKEN))
    assert SIGNATURE in UPLOAD["url"]


def test_login_event_holds_no_secret(make_jet: JetFactory) -> None:
    jet = make_jet()
    jet.answer("POST", "/token", json=recorded("token"))
    jet.client.auth.token()

    (event,) = jet.events
    assert (event.method, event.path, event.status) == ("POST", "/token", 200)
    assert json.loads(event.request_body_cut) == {"user": "•••", "pass": "•••"}
    assert json.loads(event.answer_cut) == {**recorded("token"), "id_token": "•••"}
    assert_clean(*jet.events)


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 400, "json": {"errors": [f"user {USER} with pass {SECRET} is unknown"]}},
        {"status": 401, "body": f"<html><title>{SECRET}</title></html>"},
        {"status": 500, "body": "x" * 7990 + SECRET},
        {"status": 200, "body": f"not json {SECRET}"},
        {"status": 302, "headers": {"Location": f"https://other.example.com/?pass={quote(SECRET)}"}},
        {"body": requests.ConnectionError(f"https://x/?secret={SECRET} {USER}")},
        {"body": requests.exceptions.InvalidHeader(f"Bearer {TOKEN}")},
    ],
)
def test_echoed_keys_are_blanked(make_jet: JetFactory, answer: dict[str, Any]) -> None:
    jet = make_jet(max_retries=0)
    jet.answer("POST", "/token", **answer)

    with pytest.raises(errors.JetError) as caught:
        jet.client.auth.token()

    assert_clean(everything(caught.value), caught.value.body, caught.value.messages, *jet.events)
    assert_clean(pickle.dumps(caught.value).decode("latin-1"))


def test_failed_call_carries_no_token(jet: Jet) -> None:
    jet.answer("GET", "/orders/ready", body=requests.ReadTimeout(f"Bearer {TOKEN}"))

    with pytest.raises(errors.JetTimeout) as caught:
        jet.client.orders.urls("ready")

    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    assert_clean(everything(caught.value), *jet.events)


def test_upload_address_is_shown_without_its_signature(
    jet: Jet, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    jet.answer("GET", "/files/uploadToken", json=UPLOAD)
    jet.answer(
        "PUT", UPLOAD["url"], status=403, body="<Error><Message>Signature sig=x not valid</Message></Error>"
    )
    jet.answer("POST", "/files/uploaded", status=400, json={"errors": [f"no file at {UPLOAD['url']}"]})
    file = bulk.write_file(tmp_path / "p.json.gz", [("A", {"price": 1})])

    token = jet.client.files.upload_token()
    with pytest.raises(errors.JetUploadRefused) as refused:
        jet.client.files.upload(token, file.path)
    with pytest.raises(errors.JetBadRequest) as announced:
        jet.client.files.announce(token.url, "Price", "p.json.gz")

    assert [event.path for event in jet.events] == [
        "/files/uploadToken",
        "https://files.example.com/merchant-files/5e6f708192a34b5c8d7e6f5041322314",
        "/files/uploaded",
    ]
    assert jet.sent_json()["url"] == UPLOAD["url"]  # Jet got it whole
    assert_clean(token, *jet.events, everything(refused.value), everything(announced.value), caplog.text)


def test_file_record_hides_its_addresses(jet: Jet) -> None:
    jet.answer("GET", "/files/5", json=recorded("file_with_errors"))

    assert_clean(jet.client.files.get("5"), *jet.events)


def test_nothing_with_secrets_is_pickled_or_shown(jet: Jet) -> None:
    now = datetime(2031, 6, 1, tzinfo=UTC)
    token = Token(TOKEN, now, now)
    call = Call("POST", "/token", f"{BASE}/token", body=SECRET.encode(), token=TOKEN)
    things = [jet.client, token, Secret(SECRET), Redactor(SECRET), jet.store, call]

    for thing in things:
        with pytest.raises(TypeError):
            pickle.dumps(thing)
        with pytest.raises(TypeError):
            copy.deepcopy(thing)
    login = jet.client.auth._login
    assert_clean(*things, vars(login), vars(jet.client), {"all": things})
    assert repr(jet.client) == "<JetClient https://jet.example.com/api merchant:7:test>"


def test_error_survives_pickling_whole() -> None:
    error = errors.JetBadRequest(
        "",
        status=400,
        messages=["first", "second"],
        method="PUT",
        path="/merchant-skus/A",
        request_id="r-1",
        retry_after=3.0,
        body="b" * 3000,
        may_have_arrived=True,
    )
    copied = pickle.loads(pickle.dumps(error))  # noqa: S301 -- our own bytes

    assert type(copied) is errors.JetBadRequest
    assert vars(copied) == vars(error)
    assert (copied.args, len(copied.body)) == (("first; second",), 2000)
    assert str(copied) == "PUT /merchant-skus/A answered 400: first; second"
    assert repr(errors.JetTimeout(method="GET", path="/x")) == "<JetTimeout GET /x timeout>"


def test_secret_torn_by_the_cut_leaves_no_beginning() -> None:
    redactor = Redactor(SECRET)
    whole = ("ab" * 4000)[: 8000 - 6] + SECRET

    assert SECRET[:3] not in redactor.cut(whole, limit=9000)
    assert redactor.cut("short") == "short"


def test_short_values_do_not_blank_ordinary_words() -> None:
    assert Redactor("a", "").clean("a banana") == "a banana"


def test_known_shapes_are_blanked_without_knowing_the_value() -> None:
    text = '{"id_token":"abc.def","pass": "x\\"y"} Authorization: Bearer abcdefghijkl https://f/x?sv=1&sig=A%2B&se=2'

    assert Redactor().clean(text) == (
        '{"id_token":"•••","pass": "•••"} Authorization: Bearer ••• https://f/x?sv=1&sig=•••&se=2'
    )


def test_public_address_leaves_user_and_query_out() -> None:
    assert public_address("https://me:pw@h.example.com:8443/a/b?sig=1#f") == "https://h.example.com:8443/a/b"


def test_memory_store_shows_nothing(jet: Jet) -> None:
    assert isinstance(jet.store, MemoryTokenStore)
    assert_clean(jet.store, jet.store._tokens)


def test_netrc_never_replaces_the_token(jet: Jet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine jet.example.com login intruder password intruder\n", encoding="ascii")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    jet.answer("GET", "/authcheck", json="ok")
    jet.answer("POST", "/token", json=recorded("token"))

    jet.client.auth.check()
    jet.client.auth.token(fresh=True)

    assert jet.http.calls[0].request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert "Authorization" not in jet.http.calls[1].request.headers
