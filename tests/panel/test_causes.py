"""Every cause of trouble that the product names has a page of its own in the guide, and every page such a cause."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.test import Client, RequestFactory
from django.utils import timezone
from django.utils.html import escape

from catalog.codes import Code
from catalog.enums import ErrorCode, Step
from catalog.error_groups import cause_of as refusal_of
from catalog.error_groups import refusal_codes
from catalog.images import _FOUND
from jetsync.api.errors import help_for
from jetsync.enums import JobState
from jetsync.exceptions import InvalidInput, NotAllowed
from jetsync.models import Job, Mail, Membership, Merchant, Schedule, Webhook, WebhookDelivery
from jetsync.panel.forms import add_words, put_on_form
from jetsync.panel.guide import cause_address, cause_of, causes, search_topics, topics
from jetsync.tenancy.context import merchant_scope
from orders.enums import FailureReason

APPS = ("jetsync", "catalog", "orders", "returns", "refunds", "repricer")
# Where codes of other things stand: the sandbox speaks as Jet, and a result of the setting-up checks is no error.
OUTSIDE = ("jetsync/sandbox/", "jetsync/demo/", "/migrations/", "jetsync/devstack/", "jetsync/benchmarks/")
NO_CAUSES = ("catalog/prerequisites.py",)


def trees() -> Iterator[tuple[str, ast.Module]]:
    root = Path(settings.BASE_DIR)
    for path in (found for app in APPS for found in (root / app).rglob("*.py")):
        name = str(path.relative_to(root))
        if not any(part in name for part in OUTSIDE):
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def words_of(node: ast.AST) -> str:
    """What the node says: a string, or a member of the catalogue's codes."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Code":
        return Code[node.attr].value
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def codes_in_the_source() -> set[str]:
    """`code = "…"` of error classes, `code="…"` of calls, and the catalogue's own."""
    found: set[str] = {*Code, *ErrorCode, *(f"{step}_refused" for step in Step)}
    for _name, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                own = [part for part in node.body if isinstance(part, ast.Assign)]
                found |= {words_of(part.value) for part in own if ast.unparse(part.targets[0]) == "code"}
            if isinstance(node, ast.Call):
                found |= {words_of(pair.value) for pair in node.keywords if pair.arg == "code"}
    return found - {""}


def rules_in_the_source() -> set[str]:
    """The rules of problems with values, gaps of listings and findings about pictures."""
    found = {rule for rule, *_rest in _FOUND.values()} | {Code.PRICE_STEP.value}
    place = {"Problem": 1, "lack": 1, "Finding": 0}
    for name, tree in trees():
        for node in ast.walk(tree) if name.startswith("catalog/") and name not in NO_CAUSES else ():
            if isinstance(node, ast.Call):
                at = place.get(getattr(node.func, "id", getattr(node.func, "attr", "")))
                found |= {words_of(node.args[at])} if at is not None and len(node.args) > at else set()
    return (found | {"shared"}) - {""}


def named(family: str) -> set[str]:
    return {code for cause in causes() if cause.family == family for code in cause.codes}


@pytest.mark.parametrize(
    ("family", "known"),
    [
        ("refusal", lambda: set(refusal_codes())),
        ("order", lambda: set(FailureReason.values)),
        ("value", rules_in_the_source),
        ("work", codes_in_the_source),
    ],
)
def test_every_cause_has_a_page_and_every_page_a_cause(family: str, known: object) -> None:
    wanted = known()  # type: ignore[operator]  # functions above
    assert len(wanted) > 10
    assert (wanted - named(family), named(family) - wanted) == (set(), set())


def test_a_cause_stands_on_one_page_alone_under_an_address_of_its_own() -> None:
    named_by = Counter((cause.family, code) for cause in causes() for code in cause.codes)
    assert {key for key, count in named_by.items() if count > 1} == set()
    slugs = [topic.slug for topic in (*topics(), *causes())]
    assert len(slugs) == len(set(slugs))


def test_every_page_says_what_it_means_whose_move_it_is_and_what_to_do() -> None:
    poor = [
        cause.slug
        for cause in causes()
        if not (cause.summary and "**Whose move:**" in cause.body and "\n1. " in cause.body)
    ]
    assert poor == []


def test_jets_words_lead_to_the_cause_behind_them() -> None:
    words = "UPC 123 is invalid. Path: standard_product_codes[0].standard_product_code"
    found = cause_of(refusal_of("content", words).code, "refusal")
    assert found is not None
    assert found.title == "Product code is invalid"


def test_search_finds_a_cause_by_its_code_and_by_its_words() -> None:
    assert search_topics("jet_keys_refused")[0].title == "Jet refused the API keys"
    assert "Acknowledge window missed" in [topic.title for topic in search_topics("withdrew window")]


def test_a_page_of_a_cause_opens_and_its_family_lists_it(merchant: Merchant, client_for: object) -> None:
    client: Client = client_for("analyst")  # type: ignore[operator]  # the fixture's function
    for cause in causes():
        page = client.get(cause_address(merchant, cause.codes[0], cause.family))
        assert (page.status_code, escape(cause.title) in page.content.decode()) == (200, True), cause.slug
    family = client.get(f"/m/{merchant.slug}/help/causes-orders/").content.decode()
    assert 'help/order-sku-unknown/">SKU not in the store</a>' in family


def test_a_failed_job_leads_to_its_cause(merchant: Merchant, client_for: object) -> None:
    with merchant_scope(merchant):
        job = Job.objects.create(
            merchant=merchant, kind="orders.fetch", key="1", state=JobState.FAILED, code="jet_throttled"
        )
    page = client_for("owner").get(f"/m/{merchant.slug}/jobs/{job.pk}/").content.decode()  # type: ignore[operator]  # as above
    assert f'href="/m/{merchant.slug}/help/work-jet-throttled/"' in page


def test_errors_of_the_api_lead_to_their_cause(merchant: Merchant, client_for: object) -> None:
    client: Client = client_for("owner")  # type: ignore[operator]  # the fixture's function
    base, guide = f"/api/v1/m/{merchant.slug}", f"http://testserver/m/{merchant.slug}/help"
    with merchant_scope(merchant):
        row = Schedule.objects.create(
            merchant=merchant, kind="orders.fetch", interval_seconds=600, next_due_at=timezone.now()
        )
    interval = f"{base}/schedules/{row.pk}/"

    def answer(address: str, minutes: object = None) -> tuple[str, str]:
        given = {"minutes": minutes}
        body = client.patch(address, given, content_type="application/json").json()
        return body["code"], body["help"]

    assert answer(interval, 99_999_999) == ("schedule_interval", f"{guide}/work-invalid/")
    assert answer(interval, "often") == ("invalid", f"{guide}/work-invalid/")
    assert answer(f"{base}/schedules/{row.pk + 1}/") == ("not_found", f"{guide}/work-not-found/")
    # Codes of the framework that mean something else at Jet lead nowhere, and no store that is not one's own is told of.
    assert answer(f"{base}/schedules/") == ("method_not_allowed", "")
    assert answer(interval.replace(merchant.slug, "elsewhere")) == ("not_found", "")


def test_an_error_of_the_api_says_no_cause_where_there_is_none(
    rf: RequestFactory, merchant: Merchant
) -> None:
    request = rf.get("/api/x")
    request.merchant = merchant  # type: ignore[attr-defined]  # as the middleware does
    assert help_for(request, "made_up") == ""
    assert help_for(request, "not_allowed") == f"http://testserver/m/{merchant.slug}/help/work-not-allowed/"


def test_a_toast_about_an_error_leads_to_its_cause(merchant: Merchant, client_for: object) -> None:
    client: Client = client_for("owner")  # type: ignore[operator]  # the fixture's function
    with merchant_scope(merchant):
        job = Job.objects.create(merchant=merchant, kind="orders.fetch", key="1", state=JobState.DONE)
        seat = Membership.objects.get(merchant=merchant, role="owner")
    guide = f"/m/{merchant.slug}/help/work-state-conflict/"

    part = client.post(f"/m/{merchant.slug}/jobs/{job.pk}/retry/", headers={"HX-Request": "true"})
    (toast,) = json.loads(part.headers["HX-Trigger"])["toasts"]
    assert (toast["level"], toast["help"]) == ("error", guide)

    page = client.post(f"/m/{merchant.slug}/settings/members/{seat.pk}/", {"role": "analyst"}, follow=True)
    region = page.content.decode().partition('id="toasts"')[2].partition("<template")[0]
    assert "is the only owner" in region
    assert f'href="{guide}"' in region

    fine = client.post(f"/m/{merchant.slug}/settings/members/{seat.pk}/", {"role": "owner"}, follow=True)
    region = fine.content.decode().partition('id="toasts"')[2].partition("<template")[0]
    assert "already" in region
    assert "/help/" not in region


def codes_of_mails() -> set[str]:
    """Of `code=` and of the second word of `_again(mail, …)`; those of the server itself stand as `smtp_` there."""
    found: set[str] = set()
    (tree,) = (tree for name, tree in trees() if name == "jetsync/sync/mail.py")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found |= {words_of(pair.value) for pair in node.keywords if pair.arg == "code"}
            if getattr(node.func, "id", "") == "_again":
                found.add(words_of(node.args[1]))
    return found - {"", "too_late"}  # too late: among the causes of work


def test_every_end_of_a_mail_has_a_page() -> None:
    """The codes of mail servers are theirs; the guide names the usual ones of those that put off."""
    servers = {code for code in named("mail") if code.startswith("smtp_4")}
    assert {"unreachable", "refused", "unsure"} == codes_of_mails() == named("mail") - servers
    assert "smtp_450" in servers


@pytest.mark.parametrize(
    ("code", "cause"),
    [("unreachable", "mail-unreachable"), ("smtp_450", "mail-smtp-421"), ("too_late", "work-too-late")],
)
def test_a_mail_that_was_not_sent_leads_to_its_cause(
    merchant: Merchant, client_for: object, code: str, cause: str
) -> None:
    client: Client = client_for("owner")  # type: ignore[operator]  # the fixture's function
    with merchant_scope(merchant):
        mail = Mail.objects.create(
            merchant=merchant, kind="x.y", to="a@example.com", state="failed", code=code, message="No."
        )
        job = Job.objects.create(
            merchant=merchant, kind="mail.send", key=str(mail.pk), state=JobState.FAILED, code=code
        )
    link = f'href="/m/{merchant.slug}/help/{cause}/"'
    for page in (f"mails/{mail.pk}", f"jobs/{job.pk}"):
        assert link in client.get(f"/m/{merchant.slug}/{page}/").content.decode(), page


@pytest.mark.parametrize(("state", "links"), [("failed", True), ("waiting", True), ("done", False)])
def test_an_event_that_a_webhook_did_not_take_leads_to_its_cause(
    scoped: Merchant, client_for: object, state: str, *, links: bool
) -> None:
    webhook = Webhook.objects.create(
        merchant=scoped, url="https://example.com/x", topics=[], secret="s", seen_at=timezone.now()
    )
    WebhookDelivery.objects.create(
        merchant=scoped,
        webhook=webhook,
        source="log:1",
        event={"type": "order.ready", "object": {"label": "1"}},
        state=state,
        message="It answered 500.",
    )
    page = client_for("owner").get(f"/m/{scoped.slug}/settings/webhooks/{webhook.pk}/").content.decode()  # type: ignore[operator]  # as above
    assert (f'href="/m/{scoped.slug}/help/work-webhook-not-taken/"' in page) is links


class Numbers(forms.Form):
    name = forms.CharField()
    price = forms.CharField(required=False)


def bound(**values: str) -> Numbers:
    form = Numbers(values)
    form.is_valid()
    return form


def test_an_error_at_a_field_leads_to_its_cause(scoped: Merchant) -> None:
    form = bound(name="x")
    rules = {"price": ["range", "decimals"]}
    fields = {"price": ["Above 0.", "Two places."], "elsewhere": ["No."]}
    put_on_form(form, InvalidInput("No.", fields=fields, code="bad_address", data={"rules": rules}))

    field = form["price"].as_field_group()
    top = str(form).partition("form-row")[0]
    assert field.count(f'href="/m/{scoped.slug}/help/value-range/"') == 1  # both rules stand on one page
    assert (top.count("No."), f'href="/m/{scoped.slug}/help/work-invalid/"' in top) == (1, True)
    assert "cause-link" not in form["name"].as_field_group()


def test_what_a_form_says_by_itself_leads_nowhere(scoped: Merchant) -> None:
    form = bound()
    add_words(form, "price", "Not a number.", "invalid")
    assert "This field is required." in str(form)
    assert "Not a number." in str(form)
    assert "cause-link" not in str(form)


def test_an_error_outside_of_any_store_is_shown_without_a_link() -> None:
    form = bound(name="x")
    put_on_form(form, NotAllowed("You may not.", hint="Ask an owner."))
    assert "You may not. Ask an owner." in str(form)
    assert "cause-link" not in str(form)


def test_a_form_of_the_settings_links_the_cause_of_a_refusal(scoped: Merchant, client_for: object) -> None:
    address = f"/m/{scoped.slug}/settings/webhooks/"
    given = {"url": "ftp://example.com/x", "topics": ["orders"]}
    page = client_for("owner").post(address, given).content.decode()  # type: ignore[operator]  # as above
    assert "is not a web address" in page
    assert f'href="/m/{scoped.slug}/help/work-invalid/"' in page
