"""Reads of which store field fills which Jet attribute, and which values the store has there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet

from catalog.enums import FreeText
from catalog.facts import AttributeRule
from catalog.models import (
    AttributeMapping,
    CategoryMapping,
    JetAttribute,
    JetCategory,
    JetCategoryAttribute,
    Product,
    Profile,
    StoreField,
    ValueMapping,
)
from catalog.queries.taxonomy import attributes_of, current_version, in_use, load_attributes
from catalog.similarity import Lookup
from catalog.sources import BUILT_IN, FIELD, OPTION, source_label
from jetsync.exceptions import NotFound
from jetsync.ids import parse_id
from jetsync.models import Merchant

# Values of one field that a page and an acceptance look at, the most frequent first.
MOST_VALUES = 2000
# Columns behind the sources that every product has; only those whose values repeat.
_COLUMNS = {
    "product.brand": "p.brand",
    "product.manufacturer": "p.manufacturer",
    "product.title": "p.title",
    "variant.title": "v.title",
    "variant.sku": "v.sku",
    "variant.mfr_part_number": "v.mfr_part_number",
    "variant.asin": "v.asin",
    "variant.country_of_origin": "v.country_of_origin",
    "variant.weight": "v.shipping_weight_pounds::text",
    "variant.length": "v.package_length_inches::text",
    "variant.width": "v.package_width_inches::text",
    "variant.height": "v.package_height_inches::text",
    "variant.price": "v.price::text",
    "variant.msrp": "v.msrp::text",
    "variant.main_image_url": "v.main_image_url",
    "product.description": "p.description",
    "product.store_category": (
        "(SELECT c.path FROM catalog_storecategory c"
        " WHERE c.id = p.store_category_id AND c.merchant_id = v.merchant_id)"
    ),
}


def attribute_mappings(merchant: Merchant) -> QuerySet[AttributeMapping]:
    rows = AttributeMapping.objects.filter(merchant=merchant).annotate(value_count=Count("values"))
    return rows.order_by("attribute_name", "source")


def get_attribute_mapping(merchant: Merchant, pk: int) -> AttributeMapping:
    row = attribute_mappings(merchant).filter(pk=pk).first()
    if row is None:
        raise NotFound("There is no such attribute mapping.")
    return row


def store_fields(merchant: Merchant) -> QuerySet[StoreField]:
    return StoreField.objects.filter(merchant=merchant).order_by("kind", "name")


def key_of(field: StoreField) -> str:
    """The field as `catalog.sources` names it."""
    return f"{field.kind}:{field.name}"


def is_known_source(merchant: Merchant, source: str) -> bool:
    if source in BUILT_IN:
        return True
    kind, _, name = source.partition(":")
    return StoreField.objects.filter(merchant=merchant, kind=kind, name=name).exists()


def used_nodes(merchant: Merchant) -> set[int]:
    """The Jet categories that the merchant's products go to: by mapping, by profile and by their own choice."""
    found: set[int] = set()
    for model in (CategoryMapping, Product, Profile):
        rows = model._default_manager.filter(merchant=merchant, jet_node_id__isnull=False)
        nodes = rows.order_by().values_list("jet_node_id", flat=True).distinct()
        found.update(node for node in nodes if node)
    return found


def asked_attributes(merchant: Merchant) -> list[JetAttribute]:
    """What the categories in use ask for, by name. Four queries."""
    return list(attributes_of(merchant, used_nodes(merchant)).order_by("name", "attribute_id"))


def find_attribute(merchant: Merchant, text: str) -> JetAttribute | None:
    """By "Color (119)", by id, or by a name that only one attribute has, among those asked for or else among all."""
    wanted = text.strip()
    inner = wanted.rpartition("(")[2].rstrip(")").strip() if wanted.endswith(")") else wanted
    rows = JetAttribute.objects.filter(version=in_use(merchant).values("pk"))
    if inner.isascii() and inner.isdigit():
        return rows.filter(attribute_id=parse_id(inner)).first()
    named = [row for row in asked_attributes(merchant) if row.name.lower() == wanted.lower()]
    named = named or list(rows.filter(name__iexact=wanted)[:2])
    return named[0] if len(named) == 1 else None


def all_attributes(merchant: Merchant) -> list[str]:
    """Every attribute of the taxonomy in use as "Color (119)", for inputs that offer them; one query."""
    rows = JetAttribute.objects.filter(version=in_use(merchant).values("pk")).order_by("name", "attribute_id")
    return [f"{name} ({pk})" for name, pk in rows.values_list("name", "attribute_id")]


def rule_of(merchant: Merchant, attribute_id: int) -> AttributeRule | None:
    """What the attribute takes, in the taxonomy in use; None when it is gone from there."""
    version = current_version(merchant)
    return load_attributes(version, [attribute_id]).get(attribute_id) if version else None


def vanished_attributes(merchant: Merchant) -> set[int]:
    """Mapped attributes that the taxonomy in use does not know; one query, two with a taxonomy."""
    if current_version(merchant) is None:
        return set()
    mapped = AttributeMapping.objects.filter(merchant=merchant)
    known = JetAttribute.objects.filter(version=in_use(merchant).values("pk")).values("attribute_id")
    gone = mapped.exclude(attribute_id__in=known)
    return set(gone.order_by().values_list("attribute_id", flat=True))


@dataclass(frozen=True)
class AttributeMatch:
    """`where`: the categories that ask for it, told only where another attribute has the same name."""

    attribute_id: int
    name: str
    percent: int
    where: str = ""


@dataclass(frozen=True)
class SourceRow:
    """A store field or option with what it fills; `matches` are suggestions, while it fills nothing."""

    source: str
    label: str
    sample: str
    mappings: list[AttributeMapping]
    matches: list[AttributeMatch]

    @property
    def best(self) -> AttributeMatch | None:
        return self.matches[0] if self.matches else None


def namesakes(merchant: Merchant, asked: Iterable[JetAttribute]) -> dict[int, str]:
    """Attribute id -> the categories that ask for it, of attributes that share their name with another one asked for.

    Jet has "Size" once per kind of goods. No query where all names differ, else five.
    """
    rows = list(asked)
    counts = Counter(row.name.lower() for row in rows)
    ids = {row.attribute_id for row in rows if counts[row.name.lower()] > 1}
    if not ids:
        return {}
    version = in_use(merchant).values("pk")
    nodes = used_nodes(merchant)
    paths = dict(
        JetCategory.objects.filter(version=version, node_id__in=nodes).values_list("node_id", "path")
    )
    links = JetCategoryAttribute.objects.filter(version=version, node_id__in=nodes, attribute_id__in=ids)
    found: dict[int, list[str]] = {}
    for attribute_id, node_id in links.values_list("attribute_id", "node_id"):
        found.setdefault(attribute_id, []).append(paths.get(node_id, str(node_id)))
    return {pk: _several(sorted(places)) for pk, places in found.items()}


def _several(names: list[str]) -> str:
    more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
    return f"{names[0]}{more}"


def carried_attributes(merchant: Merchant, attribute_ids: Iterable[int]) -> set[int]:
    """Which of these attributes SKUs carry themselves or get from their profile, without any mapping; one query."""
    lists = (
        "SELECT attributes FROM catalog_variant WHERE merchant_id = %s UNION ALL SELECT f.attributes FROM "
        "catalog_profile f WHERE f.merchant_id = %s AND EXISTS (SELECT 1 FROM catalog_product p "
        "WHERE p.profile_id = f.id AND p.merchant_id = f.merchant_id)"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT (a.item ->> 'id')::bigint FROM "  # noqa: S608 -- fixed parts only
            f"({lists}) owner CROSS JOIN LATERAL jsonb_array_elements("
            "CASE jsonb_typeof(attributes) WHEN 'array' THEN attributes ELSE '[]'::jsonb END) a(item) "
            "WHERE a.item ->> 'id' = ANY(%s)",
            [merchant.pk, merchant.pk, [str(pk) for pk in attribute_ids]],
        )
        return {row[0] for row in cursor.fetchall()}


@dataclass(frozen=True)
class Unfilled:
    """An attribute asked for that nothing fills. `source`: a field or option of the same name, which could."""

    attribute: JetAttribute
    where: str
    source: str
    label: str


def unfilled(merchant: Merchant, asked: Iterable[JetAttribute], rows: Iterable[SourceRow]) -> list[Unfilled]:
    """What no mapping, no profile and no SKU fills."""
    attributes, sources = list(asked), list(rows)
    filled = {mapping.attribute_id for row in sources for mapping in row.mappings}
    filled |= carried_attributes(merchant, [row.attribute_id for row in attributes])
    where = namesakes(merchant, attributes)
    named = {row.source.partition(":")[2].lower(): row for row in sources}
    found = []
    for attribute in attributes:
        if attribute.attribute_id not in filled:
            same = named.get(attribute.name.lower())
            pair = (same.source, same.label) if same else ("", "")
            found.append(Unfilled(attribute, where.get(attribute.attribute_id, ""), *pair))
    return found


def source_rows(merchant: Merchant, asked: Iterable[JetAttribute]) -> list[SourceRow]:
    """Every field and option of the store, and other sources that are mapped; two queries, five more for namesakes."""
    asked = list(asked)
    where = namesakes(merchant, asked)
    mapped: dict[str, list[AttributeMapping]] = {}
    for row in attribute_mappings(merchant):
        mapped.setdefault(row.source, []).append(row)
    lookup = Lookup(((row.attribute_id, row.name), row.name, "") for row in asked)
    found = []
    for field in store_fields(merchant):
        key = key_of(field)
        own = mapped.pop(key, [])
        found.append(
            SourceRow(
                key,
                source_label(key),
                field.sample,
                own,
                [] if own else _matches(lookup, field.name, where),
            )
        )
    found += [SourceRow(key, source_label(key), "", own, []) for key, own in mapped.items()]
    return found


def _matches(lookup: Lookup[tuple[int, str]], name: str, where: Mapping[int, str]) -> list[AttributeMatch]:
    found = lookup.best(name, least=0.25)
    return [AttributeMatch(*match.key, match.percent, where.get(match.key[0], "")) for match in found]


def products_with(merchant: Merchant, source: str) -> int:
    """How many products have something there."""
    select, params = values_of_source(source)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(DISTINCT product_id) FROM ({select}) found WHERE value <> ''",  # noqa: S608 -- fixed parts only
            [*params, merchant.pk],
        )
        return int(cursor.fetchone()[0])


@dataclass(frozen=True)
class StoreValue:
    """A value of a store field, in lower case as mappings keep it; `shown` is one spelling of it."""

    value: str
    shown: str
    products: int


# The category that a SKU is listed in, as `catalog.facts` finds it: its own, its profile's, its store category's.
NODE_OF_FOUND = """(
    SELECT coalesce(p.jet_node_id, f.jet_node_id, m.jet_node_id) FROM catalog_product p
    LEFT JOIN catalog_profile f ON f.id = p.profile_id AND f.merchant_id = p.merchant_id
    LEFT JOIN catalog_categorymapping m
        ON m.store_category_id = p.store_category_id AND m.merchant_id = p.merchant_id
    WHERE p.id = found.product_id AND p.merchant_id = %s)"""


def nodes_asking(merchant: Merchant, attribute_ids: Iterable[int]) -> dict[int, list[int]]:
    """Attribute id -> the Jet categories that ask for it, in the taxonomy in use; one query."""
    links = JetCategoryAttribute.objects.filter(
        version=in_use(merchant).values("pk"), attribute_id__in=set(attribute_ids)
    )
    found: dict[int, list[int]] = {}
    for attribute_id, node_id in links.values_list("attribute_id", "node_id"):
        found.setdefault(attribute_id, []).append(node_id)
    return found


def store_values(
    merchant: Merchant, source: str, *, nodes: Sequence[int] = (), limit: int = MOST_VALUES
) -> list[StoreValue]:
    """What products have there, the most frequent first; one query, whatever the number of products.

    `nodes`: only of SKUs in these Jet categories. An option “Size” holds beds' sizes as well as shirts'.
    """
    select, params = values_of_source(source)
    only = f"AND {NODE_OF_FOUND} = ANY(%s) " if nodes else ""
    within: list[Any] = [merchant.pk, list(nodes)] if nodes else []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT lower(value), min(value), count(DISTINCT product_id) FROM ({select}) found "  # noqa: S608 -- as above
            f"WHERE value <> '' AND length(value) <= 200 {only}"
            "GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT %s",
            [*params, merchant.pk, *within, limit],
        )
        return [StoreValue(*row) for row in cursor.fetchall()]


def values_of_source(source: str) -> tuple[str, list[str]]:
    """SQL of (product_id, variant_id, value) per SKU of one merchant, and its parameters before the merchant's.

    A SKU's own field wins over its product's, as `catalog.sources.read_source` reads it.
    """
    params: list[str] = []
    lateral = ""
    if source.startswith(FIELD):
        value = "coalesce(nullif(btrim(v.data ->> %s::text), ''), btrim(p.data ->> %s::text))"
        params = [source.removeprefix(FIELD)] * 2
    elif source.startswith(OPTION):
        value = "btrim(o.item ->> 'value')"
        lateral = (
            " CROSS JOIN LATERAL jsonb_array_elements("
            "CASE jsonb_typeof(v.options) WHEN 'array' THEN v.options ELSE '[]'::jsonb END) o(item)"
        )
    else:
        value = f"btrim({_COLUMNS.get(source, 'NULL')})"
    sql = (
        f"SELECT v.product_id, v.id AS variant_id, {value} AS value FROM catalog_variant v "  # noqa: S608 -- columns from the table above
        f"JOIN catalog_product p ON p.id = v.product_id{lateral} WHERE "
    )
    if source.startswith(OPTION):
        sql += "lower(o.item ->> 'name') = lower(%s::text) AND "
        params = [source.removeprefix(OPTION)]
    return f"{sql}v.merchant_id = %s", params


@dataclass(frozen=True)
class ValueRow:
    """A value of the store and what Jet is told for it.

    `state`: "mapped", "same" (Jet's own word, or free text that goes as it is), "open" (Jet would refuse it) or
    "unit" (a unit is missing). `match` is the likeliest legal value, with its score in percent.
    """

    store: StoreValue
    state: str
    jet_value: str
    jet_unit: str
    match: str = ""
    percent: int = 0


def value_rows(merchant: Merchant, mapping: AttributeMapping, rule: AttributeRule | None) -> list[ValueRow]:
    """Every value of the field, of SKUs whose category asks for the attribute, with its state; three queries.

    Those that need something come first.
    """
    known = {row.store_value: row for row in ValueMapping.objects.filter(merchant=merchant, mapping=mapping)}
    nodes = nodes_asking(merchant, [mapping.attribute_id]).get(mapping.attribute_id, [])
    values = store_values(merchant, mapping.source, nodes=nodes)
    legal = rule.values if rule and rule.free_text == FreeText.LISTED else {}
    lookup = Lookup((word, word, "") for word in legal.values())
    found = []
    for store in values:
        mapped = known.pop(store.value, None)
        if mapped is not None:
            found.append(ValueRow(store, "mapped", mapped.jet_value, mapped.jet_unit))
        elif store.value in legal or not legal:
            lacks = rule is not None and rule.free_text == FreeText.FREE_WITH_UNIT and not mapping.unit
            found.append(ValueRow(store, "unit" if lacks else "same", "", ""))
        else:
            best = lookup.best(store.shown, limit=1, least=0.2)
            match, percent = (best[0].key, best[0].percent) if best else ("", 0)
            found.append(ValueRow(store, "open", "", "", match, percent))
    for value, mapped in known.items():  # no product has them now, and they are still mapped
        store = StoreValue(value, value, 0)
        found.append(ValueRow(store, "mapped", mapped.jet_value, mapped.jet_unit))
    order = {"open": 0, "unit": 1, "mapped": 2, "same": 3}
    return sorted(found, key=lambda row: order[row.state])
