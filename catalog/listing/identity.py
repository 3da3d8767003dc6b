"""Product codes, ASIN, part number and pack size."""

from __future__ import annotations

from catalog import validators
from catalog.facts import ListingInput, VariantFacts
from catalog.identifiers import CODE_LENGTHS, codes_problem, sendable_code
from catalog.listing.result import NEVER_LIVE, ListingResult
from catalog.listing.texts import put_text


def add_identity(given: ListingInput, result: ListingResult) -> None:
    facts = given.facts
    pairs = [(str(code.get("type", "")), str(code.get("code", ""))) for code in facts.codes]
    codes_ok = result.take(codes_problem(pairs), "codes")
    if pairs and codes_ok:
        sendable = [sendable_code(*pair) for pair in pairs]
        body = [{"standard_product_code": c.code, "standard_product_code_type": c.type} for c in sendable]
        result.put("standard_product_codes", body, "from variant")
        if any(code_type not in CODE_LENGTHS for code_type, _code in pairs):
            result.origins["standard_product_codes"] += ", UPC-E written out as UPC"
    asin = facts.asin.strip()
    if asin and result.take(validators.asin_problem(asin), "asin"):
        result.put("ASIN", asin, "from variant")
    if facts.mfr_part_number.strip():
        put_text(result, "mfr_part_number", "mfr_part_number", facts.mfr_part_number.strip(), "from variant")
    if not pairs and not asin:
        _no_identifier(facts, result)
    if result.take(validators.multipack_problem(facts.multipack_quantity), "multipack_quantity"):
        result.put("multipack_quantity", facts.multipack_quantity, "from variant")


def _no_identifier(facts: VariantFacts, result: ListingResult) -> None:
    if facts.brand.strip() and facts.mfr_part_number.strip():
        result.lack(
            "codes",
            "identifier",
            "Only brand and part number identify it: Jet takes it but it will never go live.",
            level=NEVER_LIVE,
            fix="Add a UPC, EAN, ISBN, GTIN-14 or ASIN.",
        )
        return
    result.lack(
        "codes",
        "required",
        "A product code or ASIN is missing.",
        fix="Add a UPC, EAN, ISBN, GTIN-14 or ASIN; brand and part number alone can be sent but never go live.",
    )
