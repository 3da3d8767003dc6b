"""`manage.py make_catalogue --merchant SLUG --skus N`: a large catalogue that is the same at every run."""

from __future__ import annotations

import hashlib
from argparse import ArgumentParser
from collections.abc import Iterator
from decimal import Decimal
from itertools import cycle, islice
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone
from stdnum import ean

from catalog.bulk import batches, insert_rows, reserve_ids
from catalog.enums import ListingStatus, ProductKind, Readiness
from catalog.models import Listing, NodeStock, Product, Variant
from jetsync.models import FulfillmentNode, JetAccount, Merchant, Options
from jetsync.tenancy.context import merchant_scope

# Products written at once; one has a row in up to four tables per variant.
BATCH = 2500
# How many variants the products have, in turn: most shops sell mostly single articles.
FAMILY_SIZES = (1, 1, 1, 2, 1, 4, 1, 3)
BRANDS = ("Harrow & Finch", "Larkmoor", "Ostley", "Brightwell Foundry", "Müller & Söhne")
GOODS = ("Kettle", "Teapot", "Skillet", "Cutting Board", "Stockpot", "Pepper Mill", "Colander")
LOOKS = ("Copper", "Matte Black", "Brushed Steel", "Enamelled", "Walnut")
# The first digits of codes kept free for in-store use: no real article has them.
CODE_PREFIX = "04"
NODES = (("East", "07030"), ("West", "89502"))

# Columns of the four tables, in the words of insert_rows.
PRODUCT = ("id", "kind", "title", "description", "brand", "manufacturer", "bullets", "jet_node_id")
VARIANT = (
    *("id", "product", "sku", "position", "title", "price", "quantity", "codes", "mfr_part_number"),
    *("shipping_weight_pounds", "main_image_url", "options"),
)
LISTING = (
    *("variant", "is_wanted", "readiness", "status", "content_target", "content_sent", "content_sent_at"),
    *("price_target", "price_sent", "price_sent_at"),
)
STOCK = (
    *("variant", "node", "quantity", "price", "quantity_target", "quantity_sent", "quantity_sent_at"),
    *("price_target", "price_sent"),
)
Row = dict[str, Any]


class Command(BaseCommand):
    help = "Make a large catalogue for a merchant: everything is listed at Jet and nothing is left to send."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--merchant", required=True, metavar="SLUG")
        parser.add_argument("--skus", type=int, default=100_000)

    def handle(self, *_args: Any, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError("Invented products have no place in a real catalogue: needs JETSYNC_LOCAL=1.")
        merchant, is_new = Merchant.objects.get_or_create(
            slug=options["merchant"], defaults={"name": options["merchant"].replace("-", " ").title()}
        )
        with merchant_scope(merchant):
            if not is_new and Variant.objects.filter(merchant=merchant).exists():
                raise CommandError(f"{merchant.slug} has products already; name a merchant without any.")
            made = fill(merchant, options["skus"])
        self.stdout.write(f"{merchant.slug}: {made:,} SKUs.")


def fill(merchant: Merchant, skus: int) -> int:
    """Writes `skus` listed SKUs batch by batch, memory flat; returns how many. The merchant's scope is open.

    The second of two nodes has stock of every third SKU and a price of its own for every ninth.
    """
    Options.objects.get_or_create(merchant=merchant)
    nodes = [node.pk for node in make_nodes(merchant)]
    made = 0
    for families in batches(_families(skus), BATCH):
        with transaction.atomic():
            made += _write(merchant, nodes, families)
    with connection.cursor() as cursor:
        for model in (Product, Variant, Listing, NodeStock):
            cursor.execute(f'ANALYZE "{model._meta.db_table}"')
    return made


def make_nodes(merchant: Merchant) -> list[FulfillmentNode]:
    """An account with two nodes, the first the default one. Safe to repeat."""
    account, _made = JetAccount.objects.get_or_create(
        merchant=merchant, mode=merchant.mode, defaults={"api_url": "https://merchant-api.example.com/api"}
    )
    for position, (name, zip_code) in enumerate(NODES):
        FulfillmentNode.objects.get_or_create(
            merchant=merchant,
            account=account,
            name=name,
            defaults={
                "node_id": hashlib.sha256(f"{merchant.slug} {name}".encode()).hexdigest()[:32],
                "zip_code": zip_code,
                "position": position,
                "is_default": position == 0 and not account.nodes.filter(is_default=True).exists(),
            },
        )
    found = {node.name: node for node in account.nodes.filter(merchant=merchant)}
    return [found[name] for name, _zip_code in NODES]


def _families(skus: int) -> Iterator[list[int]]:
    """SKU numbers 1..skus, those of one product together."""
    numbers = iter(range(1, skus + 1))
    for size in cycle(FAMILY_SIZES):
        family = list(islice(numbers, size))
        if not family:
            return
        yield family


def _write(merchant: Merchant, nodes: list[int], families: list[list[int]]) -> int:
    product_ids = reserve_ids(Product, len(families))
    variant_ids = iter(reserve_ids(Variant, sum(map(len, families))))
    products: list[Row] = []
    variants: list[Row] = []
    listings: list[Row] = []
    stock: list[Row] = []
    for product_id, family in zip(product_ids, families, strict=True):
        products.append(_product(product_id, family))
        for position, number in enumerate(family):
            pk = next(variant_ids)
            variants.append(_variant(pk, product_id, position, number))
            listings.append(_listing(pk, number))
            stock += _stock(pk, nodes, number)
    insert_rows(Product, merchant, PRODUCT, products)
    insert_rows(Variant, merchant, VARIANT, variants)
    insert_rows(Listing, merchant, LISTING, listings)
    insert_rows(NodeStock, merchant, STOCK, stock)
    return len(variants)


def _title(number: int) -> str:
    return f"{LOOKS[number % 5]} {GOODS[number % 7]} No. {number}"


def _price(number: int) -> Decimal:
    """4.00 to 403.99 USD."""
    return Decimal(400 + number * 7919 % 40_000) / 100


def _quantity(number: int) -> int:
    """0 to 249, one in eleven sold out."""
    return 0 if number % 11 == 0 else number * 31 % 250


def _product(pk: int, family: list[int]) -> Row:
    title, brand = _title(family[0]), BRANDS[family[0] % 5]
    return {
        "id": pk,
        "kind": ProductKind.VARIABLE if len(family) > 1 else ProductKind.SIMPLE,
        "title": title,
        "description": f"{title} by {brand}. Made to be used every day and easy to keep clean. " * 3,
        "brand": brand,
        "manufacturer": brand,
        "bullets": ["Tested by hand before it ships", "Recyclable packaging"],
        "jet_node_id": 41001003,
    }


def _variant(pk: int, product_id: int, position: int, number: int) -> Row:
    body = f"{CODE_PREFIX}{number:09d}"
    return {
        "id": pk,
        "product": product_id,
        "sku": f"{GOODS[number % 7][:3].upper()}-{number:07d}",
        "position": position,
        "title": _title(number),
        "price": _price(number),
        "quantity": _quantity(number),
        "codes": [{"type": "UPC", "code": body + ean.calc_check_digit(body)}],
        "mfr_part_number": f"P{number}",
        "shipping_weight_pounds": Decimal(50 + number % 900) / 100,
        "main_image_url": f"https://img.example.com/goods/{number}.jpg",
        "options": [{"name": "Finish", "value": LOOKS[number % 5]}],
    }


def _listing(variant_id: int, number: int) -> Row:
    now, digest, price = timezone.now(), hashlib.sha256(str(number).encode()).hexdigest(), _price(number)
    return {
        "variant": variant_id,
        "is_wanted": True,
        "readiness": Readiness.READY,
        "status": ListingStatus.AVAILABLE,
        "content_target": digest,
        "content_sent": digest,
        "content_sent_at": now,
        "price_target": price,
        "price_sent": price,
        "price_sent_at": now,
    }


def _stock(variant_id: int, nodes: list[int], number: int) -> Iterator[Row]:
    yield _stock_row(variant_id, nodes[0], _quantity(number))
    if number % 3 == 0:
        price = _price(number) + 1 if number % 9 == 0 else None
        yield _stock_row(variant_id, nodes[1], number * 17 % 80, price) | {"quantity": number * 17 % 80}


def _stock_row(variant_id: int, node_id: int, quantity: int, price: Decimal | None = None) -> Row:
    return {
        "variant": variant_id,
        "node": node_id,
        "quantity": None,
        "price": price,
        "quantity_target": quantity,
        "quantity_sent": quantity,
        "quantity_sent_at": timezone.now(),
        "price_target": price,
        "price_sent": price,
    }
