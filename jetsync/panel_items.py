"""The kernel's own menu entries and set-up steps."""

from __future__ import annotations

from typing import Any

from jetsync.activation.queries import may_go_live, was_live
from jetsync.models import FulfillmentNode, JetAccount, Merchant, ReturnLocation
from jetsync.panel import (
    activity_items,  # noqa: F401 -- registers the activity pages
    job_case,  # noqa: F401 -- registers the case file of jobs
)
from jetsync.panel.about import page_by_id, register_about
from jetsync.panel.guide import page_address, search_topics, topic_address
from jetsync.panel.home import HomeCard, SetupStep, register_card, register_step
from jetsync.panel.items import MenuItem, register
from jetsync.panel.palette import MAX_PER_PROVIDER, PaletteHit, register_provider
from jetsync.queries.schedules import schedule_rows
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right

register(
    MenuItem("Home", "Home", "panel:home", Right.HOME_VIEW, 0, ("dashboard",)),
    MenuItem(
        "Home",
        "Dashboard",
        "panel:dashboard",
        Right.HOME_VIEW,
        5,
        ("graphs", "reports", "charts", "counters"),
    ),
    MenuItem("Settings", "General", "panel:general", Right.SETTINGS_VIEW, 10, ("store name", "time zone")),
    MenuItem(
        "Settings",
        "Jet account",
        "panel:account",
        Right.SETTINGS_VIEW,
        20,
        ("api keys", "secret", "node", "jet configuration"),
    ),
    MenuItem(
        "Settings",
        "API activation",
        "panel:activation",
        Right.SETTINGS_VIEW,
        25,
        (
            "jet api activation",
            "enable api",
            "activate api",
            "rehearsal",
            "go live",
            "order generator",
            "return generator",
        ),
    ),
    MenuItem(
        "Settings",
        "Orders and stock",
        "panel:options",
        Right.SETTINGS_VIEW,
        30,
        ("auto acknowledge", "buffer", "extra settings"),
    ),
    MenuItem(
        "Settings", "Return locations", "panel:return-locations", Right.SETTINGS_VIEW, 40, ("return address",)
    ),
    MenuItem(
        "Settings",
        "Mail",
        "panel:mail-settings",
        Right.SETTINGS_VIEW,
        45,
        ("notification mail", "order notice", "mail on new return", "digest", "e-mail"),
    ),
    MenuItem("Settings", "Members", "panel:members", Right.SETTINGS_VIEW, 50, ("invite", "roles", "team")),
    MenuItem(
        "Help",
        "Guide",
        "panel:help",
        Right.HOME_VIEW,
        10,
        ("help", "knowledge base", "faq", "manual", "questions"),
    ),
    MenuItem(
        "Help",
        "Contact support",
        "panel:support",
        Right.HOME_VIEW,
        15,
        ("support", "ask", "message", "case file", "bug", "problem"),
    ),
    MenuItem("Help", "About Jet", "panel:about-jet", Right.HOME_VIEW, 20, ("sandbox", "closed", "2020")),
    MenuItem("Settings", "API tokens", "panel:tokens", Right.TOKENS_MANAGE, 60, ("api", "key")),
    MenuItem(
        "Settings", "Webhooks", "panel:webhooks", Right.TOKENS_MANAGE, 65, ("events", "callback", "signature")
    ),
    MenuItem(
        "Settings",
        "Your data",
        "panel:data",
        Right.DATA_EXPORT,
        70,
        ("export", "download", "backup", "zip", "take out", "delete store", "close account"),
    ),
)

register_about("jetsync.job", Right.ACTIVITY_VIEW, page_by_id("panel:job-detail"))
register_about("jetsync.operation", Right.ACTIVITY_VIEW, page_by_id("panel:operation-detail"))
register_about("jetsync.schedule", Right.ACTIVITY_VIEW, page_by_id("panel:schedule-detail"))
register_about("jetsync.mail", Right.ACTIVITY_VIEW, page_by_id("panel:mail-detail"))
register_about("jetsync.webhook", Right.TOKENS_MANAGE, page_by_id("panel:webhook"))
register_about(
    "jetsync.dataexport",
    Right.DATA_EXPORT,
    lambda merchant, ids: dict.fromkeys(ids, page_address("panel:data", merchant)),
)
register_about("jetsync.supportrequest", Right.MEMBERS_MANAGE, page_by_id("panel:support-detail"))


def _has_good_keys(merchant: Merchant) -> bool:
    return JetAccount.objects.filter(
        merchant=merchant, mode=merchant.mode, validation=JetAccount.Validation.OK
    ).exists()


def _has_node(merchant: Merchant) -> bool:
    return FulfillmentNode.objects.filter(merchant=merchant, account__mode=merchant.mode).exists()


def _has_return_location(merchant: Merchant) -> bool:
    return ReturnLocation.objects.filter(merchant=merchant, account__mode=merchant.mode).exists()


register_step(
    SetupStep(
        "keys",
        10,
        "Enter Jet API keys",
        "User and secret from the partner portal, checked at once.",
        "panel:account",
        Right.SETTINGS_EDIT,
        _has_good_keys,
    )
)
register_step(
    SetupStep(
        "node",
        20,
        "Name a fulfilment node",
        "The warehouse that ships; Jet lists its id in the portal.",
        "panel:account",
        Right.SETTINGS_EDIT,
        _has_node,
    )
)
register_step(
    SetupStep(
        "returns",
        30,
        "Add a return location",
        "Where shoppers send goods back to.",
        "panel:return-locations",
        Right.SETTINGS_EDIT,
        _has_return_location,
    )
)


register_step(
    SetupStep(
        "activation",
        70,
        "Enable the APIs with the test keys",
        "One press exercises each of them with a product of yours; live mode stays locked until all are ok.",
        "panel:activation",
        Right.SETTINGS_EDIT,
        may_go_live,
    )
)
register_step(
    SetupStep(
        "live",
        80,
        "Go live",
        "With the live keys, beginning with a share of your SKUs.",
        "panel:go-live",
        Right.SETTINGS_EDIT,
        was_live,
    )
)


register_about(
    "jetsync.activationstep",
    Right.SETTINGS_VIEW,
    lambda merchant, ids: dict.fromkeys(ids, page_address("panel:activation", merchant)),
)


def _running(merchant: Merchant, _actor: Actor) -> dict[str, Any] | None:
    rows = schedule_rows(merchant)
    return {"rows": rows} if rows else None


register_card(HomeCard("schedules", "running", 10, Right.ACTIVITY_VIEW, "home/running.html", _running))


@register_provider
def find_topics(merchant: Merchant, actor: Actor, text: str) -> list[PaletteHit]:
    """Pages of the guide; every member may read them."""
    if not actor.may(Right.HOME_VIEW):
        return []
    return [
        PaletteHit(topic.title, topic_address(topic.slug, merchant), "", "help-circle", "Guide")
        for topic in search_topics(text)[:MAX_PER_PROVIDER]
    ]
