"""When two product codes name the same article, however they are written. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from stdnum import ean, isbn

from catalog.identifiers import CODE_LENGTHS, UPC_E, clean_code, code_problem, expand_upc_e

# As `Gap.key` writes it: shared codes stand among the causes, though they are counted when asked for.
SHARED_GAP = "hint:codes:shared"
SHARED_FIX = "Jet would show them as one product. Correct the wrong code, or set the multipack quantity where one is a pack."
_ZEROS = {13: 1, 12: 2}


def code_key(code_type: str, code: str) -> str:
    """Thirteen digits that are equal for codes of one article; "" for a code that is wrong.

    All types are GTIN-14 without its last digit: a UPC has two zeros before it, an EAN one, an ISBN-10 has 978. The
    last digit only checks the others. `SAME_CODE_SQL` in the queries says the same to the database.
    """
    if code_problem(code_type, code) is not None:
        return ""
    digits = clean_code(code)
    if code_type == "ISBN-10":
        return f"0978{digits[:9]}"
    return (expand_upc_e(digits) if code_type == UPC_E else digits).zfill(CODE_LENGTHS["GTIN-14"])[:-1]


def key_of(code: Mapping[str, str]) -> str:
    """`code_key` of a code as a SKU stores it."""
    return code_key(str(code.get("type", "")), str(code.get("code", "")))


def keys_of(codes: Iterable[Mapping[str, str]]) -> set[str]:
    return {key_of(code) for code in codes} - {""}


def spellings(key: str) -> Iterator[str]:
    """Every way in which the article of a key may be stored, without spaces and hyphens."""
    full = key + ean.calc_check_digit(key)
    yield full
    for length, zeros in _ZEROS.items():
        if full.startswith("0" * zeros):
            yield full[-length:]
    if key.startswith("0978"):
        body = key[4:]
        yield body + isbn._calc_isbn10_check_digit(body)  # noqa: SLF001 -- stdnum offers no public name for it
    if full.startswith(("000", "001")):
        yield from _as_upc_e(full[2:])


def _as_upc_e(upc: str) -> Iterator[str]:
    system, body, check = upc[0], upc[1:-1], upc[-1]
    tries = [
        f"{body[:2]}{body[7:]}{body[2]}",
        f"{body[:3]}{body[8:]}3",
        f"{body[:4]}{body[9]}4",
        f"{body[:5]}{body[9]}",
    ]
    for middle in dict.fromkeys(tries):
        short = f"{system}{middle}{check}"
        if expand_upc_e(short) == upc:
            yield short
