"""Variation groups: the list, one group with what it lacks, and the confirm pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from catalog.actions.variation import dissolve_group, form_group, make_group, resend_group
from catalog.csv_columns import MOST_CHILDREN
from catalog.enums import GroupOrigin, GroupState
from catalog.forms.variation import GroupForm, MakeGroupForm
from catalog.models import Variant, VariationGroup
from catalog.pages import page_url, section_url
from catalog.queries.product import get_product, title_of
from catalog.queries.variation import (
    all_groups,
    attribute_names,
    get_group,
    group_of,
    group_setting,
    members_in_order,
)
from catalog.variations import ATTRIBUTE, GroupGap, differing_attributes, variant_attributes
from catalog.views.timeline import group_timeline
from jetsync.exceptions import DomainError
from jetsync.models import Merchant, Selection
from jetsync.panel import cells
from jetsync.panel.confirm import ConfirmPage
from jetsync.panel.filters import PanelFilterSet, SearchFilter
from jetsync.panel.lists import Column, EmptyState, ListPage, PageAction, Tab
from jetsync.panel.messages import say, say_error
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view

SHOWN = 12
TABS = (GroupState.INCOMPLETE, GroupState.REFUSED, GroupState.WAITING, GroupState.SENT)
# The inputs of the group's own page.
ANCHORS = {"children": "children", "parent": "id_parent", "group_title": "id_group_title"}


@dataclass(frozen=True)
class ShownGap:
    gap: GroupGap
    level_word: str
    url: str


def shown_gaps(group: VariationGroup) -> list[ShownGap]:
    """What the group lacks, each with the address of the very input that mends it."""
    from catalog.views.product import LEVEL_WORDS  # noqa: PLC0415 -- that page imports the tabs of all subjects

    gaps = [GroupGap.from_json(stored) for stored in group.gaps]
    return [ShownGap(gap, LEVEL_WORDS[gap.level], gap_url(group, gap)) for gap in gaps]


def gap_url(group: VariationGroup, gap: GroupGap) -> str:
    if gap.variant is None:
        anchor = ANCHORS.get(gap.field, "refinements")
        return f"{page_url(group.merchant, 'group-detail', pk=group.pk)}#{anchor}"
    return input_url(group.merchant, gap.variant, gap.field)


def group_card(merchant: Merchant, variant: Variant, _actor: Actor) -> dict[str, Any] | None:
    """What the SKU's overview says of its group; nothing where it stands in none. One query."""
    group = group_of(merchant, [variant.pk])
    if group is None:
        return None
    return {
        "group": group,
        "state_key": f"group.{group.state}",
        "gaps": shown_gaps(group),
        "leads": group.parent_id == variant.pk,
    }


def input_url(merchant: Merchant, variant_id: int, name: str) -> str:
    """The input of a SKU's editor for a field of the listing or `attribute:<id>`."""
    from catalog.listing import Gap  # noqa: PLC0415 -- only its table of sections is needed

    if name.startswith(ATTRIBUTE):
        return (
            f"{section_url(merchant, variant_id, 'attributes')}#id_attribute_{name.removeprefix(ATTRIBUTE)}"
        )
    place = Gap(name, "", "", "")
    return f"{section_url(merchant, variant_id, place.section)}#{place.anchor}"


class StateFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # django-filter ships no types
    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return qs.filter(state=value) if value in GroupState.values else qs


class GroupSearch(SearchFilter):
    def __init__(self) -> None:
        super().__init__(lookups=(), placeholder="SKU, title")

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        merchant = self.parent.merchant
        inside = VariationGroup.objects.filter(merchant=merchant, members__variant__sku__icontains=value)
        found = (
            Q(group_title__icontains=value) | Q(parent__sku__icontains=value) | Q(pk__in=inside.values("pk"))
        )
        return qs.filter(found)


class GroupFilter(PanelFilterSet):
    q = GroupSearch()
    state = StateFilter(choices=GroupState.choices, label="State", empty_label="Any state")
    origin = django_filters.ChoiceFilter(choices=GroupOrigin.choices, label="Made", empty_label="Any way")
    bar: ClassVar[tuple[str, ...]] = ("q", "state")


def _parent(row: Any) -> cells.Cell:
    return cells.text(row.parent.sku, sub=title_of(row.parent))


def _problems(row: Any) -> cells.Cell:
    blocking = [gap for gap in row.gaps if gap.get("level") == "blocks"]
    first = str(blocking[0]["message"]) if blocking else ""
    more = f" +{len(blocking) - 1}" if len(blocking) > 1 else ""
    return cells.text(f"{_cut(first)}{more}" if first else "", hint=first)


def _cut(text: str) -> str:
    return text if len(text) <= 90 else f"{text[:89]}…"  # noqa: PLR2004 -- two lines of a cell


def _sent(row: Any) -> cells.Cell:
    older = row.dirty and row.sent
    return (
        cells.ago(row.sent_at, sub="an older version" if older else "") if row.sent else cells.text("Never")
    )


class GroupList(ListPage):
    right = Right.PRODUCTS_VIEW
    page_key = "variation-groups"
    title = "Variation groups"
    subtitle = "SKUs that Jet shows on one page, with a choice of size, colour and the like."
    noun = ("group", "groups")
    default_sort = "-changed"
    filter_class = GroupFilter
    columns = (
        Column("parent", "Parent", cell=_parent, sort=("parent__sku",), is_primary=True),
        Column("group_title", "Title", sort=("group_title",), default_on=False),
        Column("children", "Children", cell=lambda row: row.child_count, sort=("child_count",), align="end"),
        Column("differ", "Differ in", cell=lambda row: row.refinement_names),
        Column("origin", "Made", cell=lambda row: row.get_origin_display(), default_on=False),
        Column("state", "State", cell=lambda row: cells.status(f"group.{row.state}"), sort=("state",)),
        Column("problems", "What is missing", cell=_problems),
        Column(
            "error", "Error", cell=lambda row: cells.text(_cut(row.error_message), hint=row.error_message)
        ),
        Column("sent", "Jet has it since", cell=_sent, sort=("sent_at",)),
        Column(
            "changed",
            "Changed",
            cell=lambda row: cells.ago(row.updated_at),
            sort=("updated_at",),
            default_on=False,
        ),
    )

    def get_queryset(self) -> QuerySet[Any]:
        return all_groups(self.request.merchant).defer("sent_body", "parent__listing__live_body")

    def get_rows(self, rows: list[Any]) -> list[Any]:
        names = attribute_names(self.request.merchant, {pk for row in rows for pk in row.refinements})
        for row in rows:
            row.refinement_names = ", ".join(names.get(pk, str(pk)) for pk in row.refinements)
        return rows

    def row_url(self, row: Any) -> str:
        return page_url(self.request.merchant, "group-detail", pk=row.pk)

    def row_label(self, row: Any) -> str:
        return str(row.parent.sku)

    def get_tabs(self) -> Sequence[Tab]:
        rows = self.get_queryset()
        return (
            Tab("All"),
            *(Tab(state.label, f"state={state}", rows=rows.filter(state=state)) for state in TABS),
        )

    def get_page_actions(self) -> Sequence[PageAction]:
        url = f"{page_url(self.request.merchant, 'csv-upload')}?kind=variations"
        return (PageAction("Upload a variations file", url, right=Right.PRODUCTS_EDIT, icon="file-upload"),)

    def get_empty(self) -> EmptyState:
        return EmptyState(
            "No variation group yet",
            "The SKUs of a variable product form one by themselves. Or tick SKUs among the products and choose "
            "“Make variation group”.",
            "versions",
            PageAction("To the products", page_url(self.request.merchant, "product-list"), icon="package"),
        )


@merchant_view(Right.PRODUCTS_VIEW, write=Right.PRODUCTS_EDIT)
def group_detail(request: MerchantRequest, pk: int) -> HttpResponse:
    """One group: state, what it lacks, its SKUs, and the form that changes it."""
    merchant = request.merchant
    group = get_group(merchant, pk)
    members = members_in_order(group)
    ids = [row.pk for row in members]
    setting = group_setting(merchant, ids, group.refinements)
    first = setting.facts[group.parent_id]
    offered = variant_attributes(setting.taxonomy, first.jet_node_id)
    names = attribute_names(merchant, group.refinements)
    data = request.POST if request.method == "POST" else None
    form = GroupForm(
        data,
        group=group,
        members=members,
        offered=offered,
        names=names,
        read_only=not request.actor.may(Right.PRODUCTS_EDIT),
    )
    changed = form.save(request.actor) if data is not None else None
    if changed is not None:
        say(request, "success", f"The group of {changed.parent.sku} is saved.")
        return HttpResponseRedirect(page_url(merchant, "group-detail", pk=changed.pk))
    context = {
        "group": group,
        "state_key": f"group.{group.state}",
        "gaps": shown_gaps(group),
        "form": form,
        "category": setting.taxonomy.categories.get(first.jet_node_id or 0),
        "refinement_names": ", ".join(names.get(key, str(key)) for key in group.refinements),
        "timeline": group_timeline(merchant, group),
        "is_own": group.origin == GroupOrigin.PRODUCT,
    }
    return render(request, "catalog/variation/group.html", context, status=400 if form.errors else 200)


@require_POST
@merchant_view(Right.PRODUCTS_PUBLISH)
def group_resend(request: MerchantRequest, pk: int) -> HttpResponse:
    group = get_group(request.merchant, pk)
    try:
        resend_group(group, actor=request.actor)
        say(request, "success", f"The group of {group.parent.sku} is being sent to Jet.")
    except DomainError as error:
        say_error(request, error)
    return HttpResponseRedirect(page_url(request.merchant, "group-detail", pk=group.pk))


@require_POST
@merchant_view(Right.PRODUCTS_EDIT)
def group_form(request: MerchantRequest, pk: int) -> HttpResponse:
    """A product's SKUs form their group by themselves again."""
    product = get_product(request.merchant, pk)
    back = page_url(request.merchant, "product-detail", pk=product.pk)
    try:
        group = form_group(product, actor=request.actor)
    except DomainError as error:
        say_error(request, error)
        return HttpResponseRedirect(back)
    if group is None:
        say(request, "warning", f"“{product.title}” has fewer than two SKUs for Jet, so there is no group.")
        return HttpResponseRedirect(back)
    say(request, "success", f"The SKUs of “{product.title}” form their group by themselves.")
    return HttpResponseRedirect(page_url(request.merchant, "group-detail", pk=group.pk))


class DissolveGroup(ConfirmPage):
    right = write_right = Right.PRODUCTS_EDIT
    noun = ("variation group", "variation groups")
    confirm_label = "Dissolve"
    danger = True

    def get_target(self, **kwargs: Any) -> Any:
        return get_group(self.request.merchant, kwargs["pk"])

    def get_title(self, target: Any) -> str:
        return f"Dissolve the group of {target.parent.sku}"

    def get_names(self, target: Any) -> Sequence[str]:
        return [row.sku for row in members_in_order(target)]

    def get_consequences(self, target: Any) -> Sequence[str]:
        texts = ["The SKUs stay; Jet shows each of them on a page of its own."]
        if target.sent:
            texts.append(
                "Jet is told with an empty list of children. The group goes from this list once Jet has it."
            )
        if target.origin == GroupOrigin.PRODUCT:
            texts.append(
                "The product's SKUs stay apart until you form their group again on its tab Variations."
            )
        return texts

    def get_cancel_url(self, target: Any) -> str:
        return page_url(self.request.merchant, "group-detail", pk=target.pk)

    def perform(self, target: Any, form: Any) -> str:  # noqa: ARG002 -- no form
        told = dissolve_group(target, actor=self.request.actor)
        after = " It goes once Jet has accepted that." if told else ""
        say(self.request, "success", f"The group of {target.parent.sku} is dissolved.{after}")
        return page_url(self.request.merchant, "group-list")


class MakeGroup(ConfirmPage):
    """Over the grid's frozen selection: the ticked SKUs become one group."""

    right = write_right = Right.PRODUCTS_EDIT
    page_key = "products"
    noun = ("SKU", "SKUs")
    confirm_label = "Make variation group"
    form_class = MakeGroupForm

    def get_title(self, target: Selection) -> str:
        return f"Make a variation group of {self.count_words(target)}"

    def rows(self, target: Selection) -> list[tuple[int, str]]:
        rows = Variant.objects.filter(merchant=self.request.merchant, pk__in=target.ids[: MOST_CHILDREN + 1])
        return list(rows.order_by("product", "position", "sku").values_list("pk", "sku"))

    def get_names(self, target: Selection) -> Sequence[str]:
        return [sku for _pk, sku in self.rows(target)[:SHOWN]]

    def get_blockers(self, target: Selection) -> Sequence[str]:
        if len(target.ids) > MOST_CHILDREN + 1:
            return [f"A group takes the parent and at most {MOST_CHILDREN} children; tick fewer SKUs."]
        return ["A group takes at least two SKUs; tick more."] if len(target.ids) < 2 else []  # noqa: PLR2004 -- said here

    def get_form_kwargs(self, target: Selection) -> dict[str, Any]:
        rows = self.rows(target)
        setting = group_setting(self.request.merchant, [pk for pk, _sku in rows])
        facts = [setting.facts[pk] for pk, _sku in rows if pk in setting.facts]
        offered = variant_attributes(setting.taxonomy, facts[0].jet_node_id) if facts else []
        return {"skus": rows, "offered": offered, "differing": differing_attributes(facts, offered)}

    def get_consequences(self, target: Selection) -> Sequence[str]:  # noqa: ARG002 -- hook
        return [
            "They need one brand and one Jet category, and their own value of each attribute chosen below.",
            "What is missing is named on the group's page, and nothing is sent before.",
            "Groups that variable products formed by themselves are dissolved when one of their SKUs is taken.",
        ]

    def perform(self, target: Selection, form: MakeGroupForm) -> str:
        group = make_group(
            self.request.merchant,
            [pk for pk, _sku in self.rows(target)],
            parent=int(form.cleaned_data["parent"]),
            title=form.cleaned_data["group_title"],
            refinements=form.refinements,
            actor=self.request.actor,
        )
        say(self.request, "success", f"The group of {group.parent.sku} is made.")
        return page_url(self.request.merchant, "group-detail", pk=group.pk)
