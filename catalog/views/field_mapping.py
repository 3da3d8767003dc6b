"""Mapping > Fields: which store field or fixed text fills each field of Jet, with the effect on a chosen product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from catalog.actions.field_mapping import map_price_slip, reset_mappings, stored_mappings
from catalog.actions.store_field import ask_read_fields, ensure_fields
from catalog.forms.field_mapping import MappingForm, fields_in, groups_with_counts
from catalog.jet_fields import GROUPS, JET_FIELDS
from catalog.models import Product, Variant
from catalog.pages import page_url
from catalog.price_guard import CONFIRMED, asked_about
from catalog.queries.product import title_of
from catalog.queries.rules import price_guard
from catalog.queries.store_field import (
    example_variant,
    find_examples,
    get_facts,
    store_fields,
    typed_words,
)
from catalog.views.product import SectionTab
from jetsync.ids import parse_id
from jetsync.models import Merchant
from jetsync.panel.confirm import ConfirmPage
from jetsync.panel.messages import say
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted

FIRST = next(iter(GROUPS))


@merchant_view(Right.MAPPING_VIEW, write=Right.MAPPING_EDIT)
def field_mapping(request: MerchantRequest) -> HttpResponse:
    """One part of Jet's fields at a time. POST saves, or shows the example with the lines as they are typed."""
    merchant, query = request.merchant, request.GET
    ensure_fields(merchant)
    group = query.get("part", FIRST) if query.get("part") in GROUPS else FIRST
    words = typed_words(query.get("q", ""))
    hits = find_examples(merchant, words) if words else []
    variant = example_variant(merchant, parse_id(query.get("example")) or (hits[0].pk if hits else 0))
    facts = get_facts(merchant, variant.pk) if variant else None
    data = request.POST if request.method == "POST" else None
    form = MappingForm(
        data,
        merchant=merchant,
        group=group,
        example=facts,
        read_only=not request.actor.may(Right.MAPPING_EDIT),
    )
    if data is not None and data.get("do") != "example":
        changed = form.save(request.actor)
        if changed is not None:
            say(request, "success" if changed else "info", saved_words(merchant, changed))
            return HttpResponseRedirect(_here(merchant, group, variant))
    return _page(request, form, group, words, hits, variant)


def _here(merchant: Merchant, group: str, variant: Variant | None) -> str:
    query = {"part": group, **({"example": str(variant.pk)} if variant else {})}
    return f"{page_url(merchant, 'field-mapping')}?{urlencode(query)}"


def _page(  # noqa: PLR0917 -- what the page shows, gathered above
    request: MerchantRequest,
    form: MappingForm,
    group: str,
    words: str,
    hits: list[Variant],
    variant: Variant | None,
) -> HttpResponse:
    merchant = request.merchant
    tabs = [
        SectionTab(label, _here(merchant, key, variant), key == group, count or None)
        for key, label, count in groups_with_counts(merchant)
    ]
    context = {
        "form": form,
        "group": group,
        "group_label": GROUPS[group],
        "tabs": tabs,
        "words": words,
        "hits": hits,
        "variant": variant,
        "title_of_example": title_of(variant) if variant else "",
        "here": _here(merchant, group, variant),
        "has_fields": bool(store_fields(merchant)),
        "is_mapped": any(row.name in form.stored for row in form.specs),
    }
    broken = form.is_bound and request.POST.get("do") != "example"
    return render(request, "catalog/fields/mapping.html", context, status=400 if broken else 200)


def saved_words(merchant: Merchant, changed: int) -> str:
    if not changed:
        return "No field was mapped otherwise than before."
    products = Product.objects.filter(merchant=merchant).count()
    return f"Mapping of {counted(changed, 'field')} saved. It applies to {counted(products, 'product')}."


@require_POST
@merchant_view(Right.MAPPING_EDIT)
def read_store_fields(request: MerchantRequest) -> HttpResponse:
    """Looks through all products for fields that the drop-downs do not know yet."""
    ask_read_fields(request.merchant)
    say(request, "success", "Your products are being read; new fields stand in the drop-downs in a moment.")
    return HttpResponseRedirect(page_url(request.merchant, "field-mapping"))


class ResetMapping(ConfirmPage):
    """Back to the defaults: one part of the page, or all of it without `part`."""

    right = write_right = Right.MAPPING_EDIT
    noun = ("mapped field", "mapped fields")
    danger = True
    template_name = "catalog/profile/assign.html"
    confirm_label = "Reset to defaults"

    def get_target(self, **kwargs: Any) -> list[str]:  # noqa: ARG002 -- hook
        part = self.request.GET.get("part", "")
        wanted = {spec.name for spec in fields_in(part)} if part in GROUPS else set(JET_FIELDS)
        return [name for name in stored_mappings(self.request.merchant) if name in wanted]

    def get_title(self, target: list[str]) -> str:  # noqa: ARG002 -- hook
        label = GROUPS.get(self.request.GET.get("part", ""), "")
        return f"Reset {label} to the defaults" if label else "Reset the field mapping to its defaults"

    def get_count(self, target: list[str]) -> int:
        return len(target)

    def get_names(self, target: list[str]) -> Sequence[str]:
        return [JET_FIELDS[name].label for name in target]

    def get_consequences(self, target: list[str]) -> Sequence[str]:  # noqa: ARG002 -- hook
        count = Product.objects.filter(merchant=self.request.merchant).count()
        return [
            "Each field takes the product's own value again, and its profile's where the product has none.",
            f"It applies to {counted(count, 'product')}.",
        ]

    def get_blockers(self, target: list[str]) -> Sequence[str]:
        return () if target else ("Nothing is mapped here, all fields are at their default.",)

    def extra_context(self, target: list[str]) -> dict[str, Any]:
        """A mapping that wins may have held a MAP price down; the products' own count again."""
        merchant = self.request.merchant
        slip = map_price_slip(merchant, dict.fromkeys(target), stored_mappings(merchant))
        return {"asked": asked_about([slip], price_guard(merchant).percent) if slip else None}

    def get_cancel_url(self, target: list[str]) -> str:  # noqa: ARG002 -- hook
        return page_url(self.request.merchant, "field-mapping")

    def perform(self, target: list[str], form: Any) -> str:  # noqa: ARG002 -- no form
        confirmed = self.request.POST.get(CONFIRMED, "")
        changed = reset_mappings(self.request.merchant, target, actor=self.request.actor, confirmed=confirmed)
        say(self.request, "success", saved_words(self.request.merchant, changed))
        return page_url(self.request.merchant, "field-mapping")
