"""Bodies of calls: shoppers stay hidden until one who may see them asks, and the log says who did."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from jetsync.models import LogEntry, Merchant
from jetsync.tenancy.context import merchant_scope
from tests.factories import make_merchant
from tests.panel.conftest import make_call, make_job

At = Callable[..., str]
BODY = '{"buyer": {"name": "Ann Lee"}, "note": "for Ann Lee", "n": 1}'
BUTTON = "Show the shoppers&#x27; data"


@pytest.fixture(params=["panel:call-detail", "panel:job-detail"])
def page(request: pytest.FixtureRequest, merchant: Merchant, at: At) -> str:
    """A call whose answer names a shopper, on its own page and on its job's."""
    with merchant_scope(merchant):
        job = make_job(merchant, "9")
        call = make_call(merchant, job, answer_cut=BODY)
    return at(request.param, pk=call.pk if request.param == "panel:call-detail" else job.pk)


def looks(merchant: Merchant) -> list[LogEntry]:
    with merchant_scope(merchant):
        return list(LogEntry.objects.filter(action="jetsync.call.shoppers_shown"))


@pytest.mark.feature("LOG-01")
def test_shoppers_are_hidden_from_everybody_until_one_who_may_asks(
    merchant: Merchant, page: str, client_for: Callable[..., Client]
) -> None:
    client = client_for("owner")
    hidden = client.get(page).content.decode()
    assert "Ann Lee" not in hidden
    assert "&quot;n&quot;: 1" in hidden
    assert BUTTON in hidden
    assert looks(merchant) == []

    response = client.post(page)
    assert "Ann Lee" in response.content.decode()
    assert "That you looked stands in the log" in response.content.decode()
    assert response["Cache-Control"] == "no-store, private"
    assert len(looks(merchant)) == 1
    assert looks(merchant)[0].actor_id == int(client.session["_auth_user_id"])
    assert "Ann Lee" not in client.get(page).content.decode()


def test_without_the_right_the_button_says_why_and_a_press_is_refused(
    merchant: Merchant, page: str, client_for: Callable[..., Client]
) -> None:
    client = client_for("analyst")
    html = client.get(page).content.decode()
    assert "Ann Lee" not in html
    assert "aria-disabled" in html[html.index("Shoppers are hidden") :][:500]
    refused = client.post(page)
    assert refused.status_code == 403
    assert "Ann Lee" not in refused.content.decode()
    assert looks(merchant) == []


def test_a_call_that_names_nobody_has_no_button(
    merchant: Merchant, at: At, client_for: Callable[..., Client]
) -> None:
    with merchant_scope(merchant):
        call = make_call(merchant, answer_cut='{"price": 1.5}')
    html = client_for("owner").get(at("panel:call-detail", pk=call.pk)).content.decode()
    assert BUTTON not in html
    assert "&quot;price&quot;: 1.5" in html


def test_a_cut_body_is_shown_in_lines_and_says_that_it_is_cut(
    merchant: Merchant, at: At, client_for: Callable[..., Client]
) -> None:
    body = '{"items": [' + ", ".join(f'{{"sku": "A-{number}"}}' for number in range(200))
    with merchant_scope(merchant):
        cut = make_call(merchant, answer_cut=body[:2000])
        whole = make_call(merchant, answer_cut='{"items": []}')
    client = client_for("owner")
    html = client.get(at("panel:call-detail", pk=cut.pk)).content.decode()
    assert "Answer is cut after 2,000 characters; the rest is not kept." in html
    assert "&quot;sku&quot;: &quot;A-1&quot;\n    }," in html
    assert "characters" not in client.get(at("panel:call-detail", pk=whole.pk)).content.decode()


def test_another_stores_call_is_not_shown(client_for: Callable[..., Client], at: At) -> None:
    other = make_merchant()
    call = make_call(other, answer_cut=BODY)
    assert client_for("owner").post(at("panel:call-detail", pk=call.pk)).status_code == 404
