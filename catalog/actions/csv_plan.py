"""What a batch of rows would do: which are new, which change what, which are wrong. Nothing is written here.

The check before an import and the import itself both ask this, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef

from catalog.csv_rows import ParsedRow, check_attributes, check_whole
from catalog.enums import ProductKind
from catalog.facts import VariantFacts
from catalog.models import Listing, NodeStock, Variant
from catalog.node_columns import NodeColumn
from catalog.price_guard import PriceGuard, Slip, quantity_slip
from catalog.problems import Problem
from catalog.product_fields import CONTENT_FIELDS
from catalog.queries.listing import load_facts
from catalog.queries.sheet import Known
from catalog.queries.taxonomy import load_taxonomy
from catalog.store_values import MOST_FIELDS, count_problem, plain_text
from jetsync.models import Merchant
from jetsync.queries.settings import default_node

PRODUCT_FIELDS = ("title", "description", "brand", "manufacturer", "bullets", "jet_node_id")
VARIANT_FIELDS = (*CONTENT_FIELDS, "data")
# As many items of a list as a file has columns for; those behind them are kept.
LIMITS = {"codes": 2, "attributes": 5, "bullets": 5, "alternate_image_urls": 8}


@dataclass(frozen=True, slots=True)
class Change:
    """`names` differ; `values` is the whole row as it would be stored. `at_nodes`: what the nodes of the file have of
    their own now, under the keys of their columns.
    """

    row: ParsedRow
    facts: VariantFacts
    values: dict[str, Any]
    names: frozenset[str]
    at_nodes: Mapping[str, Any] = field(default_factory=dict)


class Respelled(NamedTuple):
    """A row that names a SKU with other capitals than it is stored with."""

    line: int
    given: str
    sku: str


class Same(NamedTuple):
    """A SKU whose row says what is stored of it already."""

    pk: int
    sku: str
    line: int


def _slip_of(change: Change, guard: PriceGuard, nodes: Sequence[NodeColumn]) -> Slip | None:
    """Of a row with several slips the first one of a price, else of a quantity, with all reasons."""
    facts, found = change.facts, list[Slip | None]()
    if "price" in change.names:
        found.append(guard.slip(facts.sku, facts.price, change.values["price"], facts))
    if "map_price" in change.names:
        found.append(guard.map_slip(facts.sku, facts.map_price, change.values["map_price"], facts.price))
    if "quantity" in change.names:
        new = change.values["quantity"]
        found.append(quantity_slip(facts.sku, facts.quantity, new, field="inventory", label="Inventory"))
    found += [_slip_at(change, guard, column) for column in nodes if column.key in change.names]
    slips = sorted(filter(None, found), key=lambda slip: slip.is_count)
    if not slips:
        return None
    reason, is_below_map = " ".join(slip.reason for slip in slips), any(slip.is_below_map for slip in slips)
    return replace(slips[0], reason=reason, is_below_map=is_below_map)


def _slip_at(change: Change, guard: PriceGuard, column: NodeColumn) -> Slip | None:
    """A node without a price of its own has the SKU's, as the product page takes it; the default one its quantity too."""
    facts, old, new = change.facts, change.at_nodes.get(column.key), change.values[column.key]
    place = {"field": column.name, "label": column.label}
    if column.field == "quantity":
        old = facts.quantity if old is None and column.node.is_default else old
        return quantity_slip(facts.sku, old, new, **place)
    return guard.node_slip(facts.sku, (old, new), change.values["price"], facts, **place)


@dataclass
class Plan:
    """`known`: every SKU of the batch that exists. `upload_id` is noted on every SKU that is written.

    `held`: changes of prices, MAP prices and quantities that are slips until they are confirmed. `own_counts`: pk -> what
    the default node counts by itself, which the file's quantity takes the place of; `recounted` are rows that change
    nothing else. `respelled`: rows that were taken for the SKU with other capitals.
    """

    new: list[ParsedRow] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    wrong: list[ParsedRow] = field(default_factory=list)
    held: list[tuple[Change, Slip]] = field(default_factory=list)
    same: list[Same] = field(default_factory=list)
    own_counts: dict[int, int] = field(default_factory=dict)
    recounted: list[Same] = field(default_factory=list)
    known: dict[str, Known] = field(default_factory=dict)
    respelled: list[Respelled] = field(default_factory=list)
    columns: Sequence[str] = ()
    upload_id: int | None = None

    @property
    def unchanged(self) -> int:
        return len(self.same)

    @property
    def updated(self) -> int:
        return len(self.changed) + len(self.recounted)

    def hold_back(self, guard: PriceGuard, nodes: Sequence[NodeColumn] = ()) -> None:
        """Moves changes whose price or quantity, of the SKU or at a node, is a slip out of `changed`."""
        kept: list[Change] = []
        for change in self.changed:
            slip = _slip_of(change, guard, nodes)
            if slip is None:
                kept.append(change)
            else:
                self.held.append((change, slip))
        self.changed = kept

    def recount(self, own_counts: Mapping[int, int]) -> None:
        """Rows whose quantity differs from an own count of the default node change something after all."""
        self.own_counts = dict(own_counts)
        self.recounted = [row for row in self.same if row.pk in own_counts]
        if self.recounted:
            self.same = [row for row in self.same if row.pk not in own_counts]


def stored_values(facts: VariantFacts) -> dict[str, Any]:
    """What is stored of a SKU, under the names that parsed rows use."""
    values = {name: getattr(facts, name) for name in VARIANT_FIELDS}
    return values | {
        "title": facts.own_title if facts.kind == ProductKind.VARIABLE else facts.product_title,
        "description": facts.description,
        "brand": facts.brand,
        "manufacturer": facts.manufacturer,
        "bullets": facts.bullets,
        "jet_node_id": facts.own_node_id,
        "store_category": facts.store_category or "",
    }


def lock_known(merchant: Merchant, known: Iterable[Known]) -> dict[str, VariantFacts]:
    """The SKUs with all that is stored of them, locked.

    Products before variants and each in order of their pk, as the forms lock them: else a form and an import would wait
    for each other, and an edit made between our reading and writing would be undone.
    """
    rows = list(known)
    _lock("catalog_product", merchant, {row.product_id for row in rows})
    _lock("catalog_variant", merchant, {row.pk for row in rows})
    return facts_of_known(merchant, rows)


def facts_of_known(merchant: Merchant, known: Iterable[Known]) -> dict[str, VariantFacts]:
    ids = [row.pk for row in known]
    return {facts.sku: facts for facts in load_facts(merchant, ids)} if ids else {}


def _lock(table: str, merchant: Merchant, ids: set[int]) -> None:
    if ids:
        with connection.cursor() as cursor:
            # "+ 0" keeps the planner to the primary key: right after a large import it believes that a merchant has one
            # row, and would read all of them.
            cursor.execute(
                f'SELECT id FROM "{table}" WHERE id = ANY(%s) AND merchant_id + 0 = %s '  # noqa: S608 -- two names of ours
                "ORDER BY id FOR NO KEY UPDATE",
                [sorted(ids), merchant.pk],
            )


def plan_products(
    merchant: Merchant, rows: Sequence[ParsedRow], known: Mapping[str, VariantFacts], *, is_on_jet: bool
) -> Plan:
    """Judges each row against the taxonomy and what is stored; rows with problems get them noted."""
    listed = _listed_at_jet(merchant, [facts.pk for facts in known.values()])
    nodes = {row.values["jet_node_id"] for row in rows if row.values.get("jet_node_id")}
    attributes = {item["id"] for row in rows for item in row.values.get("attributes", ())}
    taxonomy = load_taxonomy(merchant, nodes, attributes)
    plan = Plan()
    for row in rows:
        facts = known.get(row.sku)
        if row.is_read:
            check_attributes(row, taxonomy)
            new_to_jet = not is_on_jet and (facts is None or facts.pk not in listed)
            check_whole(row, stored_values(facts) if facts else None, new_to_jet=new_to_jet)
            _check_fields(row, facts.data if facts else {})
        if row.problems:
            plan.wrong.append(row)
        elif facts is None:
            plan.new.append(row)
        else:
            _take_known(plan, row, facts, stored_values(facts))
    return plan


def _check_fields(row: ParsedRow, stored: Mapping[str, Any]) -> None:
    """The own fields of the file and those that stay beside them; a SKU that has too many already may lose some."""
    given = row.values.get("data")
    if given and len(given) + len(stored) > MOST_FIELDS:
        count = len(_whole("data", given, stored))
        if count > len(stored):
            row.take(count_problem(count, column=""))


def plan_prices(
    _merchant: Merchant,
    rows: Sequence[ParsedRow],
    known: Mapping[str, VariantFacts],
    *,
    is_on_jet: bool,  # noqa: ARG001 -- one signature for every kind
    nodes: Sequence[NodeColumn] = (),
    at_nodes: Mapping[int, Mapping[str, Any]] | None = None,
) -> Plan:
    """Prices and quantities of known SKUs; an unknown SKU is a problem of its row.

    `nodes`: columns of the file that speak of a node; `at_nodes`: what is stored there, by SKU's pk.
    """
    plan = Plan()
    for row in rows:
        facts = known.get(row.sku)
        if facts is None and row.is_read:
            message = f"SKU {row.sku} is not among your products."
            fix = "Upload the product first, or correct the SKU."
            row.take(Problem("sku", "unknown", row.sku, message, fix))
        if row.problems or facts is None:
            plan.wrong.append(row)
        else:
            own = (at_nodes or {}).get(facts.pk, {})
            here = {column.key: own.get(column.key) for column in nodes}
            _take_known(plan, row, facts, {"price": facts.price, "quantity": facts.quantity, **here}, here)
    return plan


def _take_known(
    plan: Plan,
    row: ParsedRow,
    facts: VariantFacts,
    stored: dict[str, Any],
    at_nodes: Mapping[str, Any] | None = None,
) -> None:
    given = {name: _whole(name, value, stored[name]) for name, value in row.values.items()}
    names = frozenset(name for name, value in given.items() if stored[name] != value)
    if names:
        plan.changed.append(Change(row, facts, stored | given, names, at_nodes or {}))
    else:
        plan.same.append(Same(facts.pk, row.sku, row.line))


def _whole(name: str, value: Any, stored: Any) -> Any:
    """The value as it would be stored, with what the file has no columns for."""
    if name == "data":
        kept = {key: text for key, text in stored.items() if key not in value}
        said = {key: text for key, text in value.items() if text and plain_text(stored.get(key)) != text}
        same = {
            key: stored[key] for key, text in value.items() if text and plain_text(stored.get(key)) == text
        }
        return kept | same | said
    limit = LIMITS.get(name)
    if limit is None or len(stored) <= limit:
        return value
    if name == "attributes":
        return _join_attributes(value, stored, limit)
    return stored if list(stored[:limit]) == value else [*value, *stored[limit:]]


def _join_attributes(value: Sequence[Any], stored: Sequence[Any], limit: int) -> list[Any]:
    given = {item["id"] for item in value}
    return [*value, *(item for item in stored[limit:] if item.get("id") not in given)]


def _listed_at_jet(merchant: Merchant, variant_ids: Sequence[int]) -> set[int]:
    if not variant_ids:
        return set()
    rows = Listing.objects.filter(merchant=merchant, variant__in=variant_ids, content_sent_at__isnull=False)
    return set(rows.values_list("variant_id", flat=True))


def own_counts(merchant: Merchant, variant_ids: Sequence[int]) -> dict[int, int]:
    """What the default node counts by itself of these SKUs."""
    if not variant_ids:
        return {}
    rows = NodeStock.objects.filter(merchant=merchant, variant__in=variant_ids, quantity__isnull=False)
    rows = rows.filter(node=default_node(merchant))
    return {pk: count for pk, count in rows.values_list("variant_id", "quantity") if count is not None}


def moved_since(
    merchant: Merchant, changes: Sequence[Change], checked_at: datetime | None, upload_id: int
) -> list[str]:
    """SKUs of these that somebody has changed after the file was checked.

    A product that this upload has written, with another SKU of it in an earlier batch, was not changed by somebody.
    """
    if checked_at is None or not changes:
        return []
    rows = Variant.objects.filter(merchant=merchant, pk__in=[change.facts.pk for change in changes])
    siblings = Variant.objects.filter(
        merchant=merchant, product=OuterRef("product"), last_upload=upload_id, updated_at__gte=checked_at
    )
    stamps = rows.annotate(is_ours=Exists(siblings)).values_list(
        "sku", "updated_at", "product__updated_at", "is_ours"
    )
    return sorted(
        sku
        for sku, own, product, is_ours in stamps
        if own > checked_at or (product > checked_at and not is_ours)
    )
