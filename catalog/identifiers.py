"""Product codes: UPC, EAN, ISBN, GTIN with lengths and check digits, and UPC-E written out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from stdnum import ean, isbn

from catalog.problems import Problem
from catalog.validators import shown
from jetsync.wording import counted

# Jet's own words for the types (protocol notes, merchant SKU).
CODE_LENGTHS = {"UPC": 12, "EAN": 13, "ISBN-10": 10, "ISBN-13": 13, "GTIN-14": 14}
UPC_E = "UPC-E"
UPC_E_LENGTH = 8
CODE_TYPES = (*CODE_LENGTHS, UPC_E)


@dataclass(frozen=True)
class Code:
    """As Jet takes it: a UPC-E has become its UPC."""

    type: str
    code: str


def clean_code(code: str) -> str:
    """Without the spaces and hyphens people type for reading."""
    return code.replace("-", "").replace(" ", "").upper()


def expand_upc_e(code: str) -> str:
    """The 12-digit UPC of an 8-digit UPC-E: number system, six digits, check digit.

    The sixth digit tells where the dropped zeros stood. The check digit is carried over, not computed.
    """
    system, d, last, check = code[0], code[1:6], code[6], code[7]
    if last in "012":
        body = f"{d[:2]}{last}0000{d[2:5]}"
    elif last == "3":
        body = f"{d[:3]}00000{d[3:5]}"
    elif last == "4":
        body = f"{d[:4]}00000{d[4]}"
    else:
        body = f"{d}0000{last}"
    return f"{system}{body}{check}"


# A code is judged by the CSV row and again by its listing, in the same batch.
@lru_cache(maxsize=8192)
def code_problem(code_type: str, code: str, *, column: str = "codes") -> Problem | None:
    """Length by type, digits only, check digit; an ISBN-10 may end in X."""
    if code_type not in CODE_TYPES:
        return Problem(
            column,
            "type",
            shown(code_type),
            f"Code type “{shown(code_type)}” is not known.",
            f"Use one of {', '.join(CODE_TYPES)}.",
        )
    digits = clean_code(code)
    body = digits[:-1] if code_type == "ISBN-10" and digits.endswith("X") else digits
    if not body.isascii() or not body.isdigit():
        return Problem(
            column,
            "digits",
            shown(code),
            f"{code_type} “{shown(code)}” holds other characters than digits.",
            "Type digits only; a spreadsheet may have turned it into 1.2E+11.",
        )
    expected = UPC_E_LENGTH if code_type == UPC_E else CODE_LENGTHS[code_type]
    if len(digits) != expected:
        return Problem(
            column,
            "length",
            shown(code),
            f"{code_type} has {counted(len(digits), 'digit')}, {expected} expected.",
            "Restore leading zeros, or choose the type that has this many digits.",
        )
    if not digits.strip("0"):
        return Problem(
            column, "zeros", shown(code), f"{code_type} is only zeros.", "Type the code on the package."
        )
    return _check_digit_problem(code_type, digits, column)


def _check_digit_problem(code_type: str, digits: str, column: str) -> Problem | None:
    if code_type == UPC_E:
        if digits[0] not in "01":
            return Problem(
                column,
                "system",
                digits,
                f"UPC-E begins with {digits[0]}, 0 or 1 expected.",
                "Check the code.",
            )
        full = expand_upc_e(digits)
        wanted = ean.calc_check_digit(full[:-1])
    elif code_type == "ISBN-10":
        wanted = isbn._calc_isbn10_check_digit(digits[:-1])  # noqa: SLF001 -- stdnum offers no public name for it
    else:
        wanted = ean.calc_check_digit(digits[:-1])
    if digits[-1] != wanted:
        return Problem(
            column,
            "check_digit",
            digits,
            f"{code_type} {digits} ends in {digits[-1]}, its check digit should be {wanted}.",
            "Compare it with the package: one digit is wrong.",
        )
    if code_type == "ISBN-13" and not digits.startswith(("978", "979")):
        return Problem(
            column,
            "prefix",
            digits,
            f"ISBN-13 begins with {digits[:3]}, 978 or 979 expected.",
            "Use EAN instead.",
        )
    return None


@lru_cache(maxsize=8192)
def sendable_code(code_type: str, code: str) -> Code:
    """The code as it goes to Jet. The code must have passed `code_problem`."""
    digits = clean_code(code)
    return Code("UPC", expand_upc_e(digits)) if code_type == UPC_E else Code(code_type, digits)


def codes_problem(codes: Sequence[tuple[str, str]], *, columns: Sequence[str] = ()) -> Problem | None:
    """The first problem of several codes, or the same code given twice."""
    seen: set[Code] = set()
    for number, (code_type, code) in enumerate(codes):
        column = columns[number] if number < len(columns) else "codes"
        problem = code_problem(code_type, code, column=column)
        if problem:
            return problem
        sendable = sendable_code(code_type, code)
        if sendable in seen:
            return Problem(
                column,
                "duplicate",
                shown(code),
                f"{sendable.type} {sendable.code} is given twice.",
                "Keep one.",
            )
        seen.add(sendable)
    return None
