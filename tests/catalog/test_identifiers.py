"""Codes with lengths and check digits, against tables and generated numbers."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean, isbn

from catalog.identifiers import (
    CODE_LENGTHS,
    Code,
    clean_code,
    code_problem,
    codes_problem,
    expand_upc_e,
    sendable_code,
)

GOOD = [
    ("UPC", "036000291452"),
    ("UPC", "0-36000-29145-2"),
    ("EAN", "4006381333931"),
    ("ISBN-10", "080442957X"),
    ("ISBN-10", "0-8044-2957-x"),
    ("ISBN-13", "9780306406157"),
    ("GTIN-14", "10036000291459"),
    ("UPC-E", "04252614"),
]


@pytest.mark.feature("FLD-08", "FLD-09", "CSV-27")
@pytest.mark.parametrize(("code_type", "code"), GOOD)
def test_good_codes_pass(code_type: str, code: str) -> None:
    assert code_problem(code_type, code) is None


BAD = [
    ("UPC", "36000291452", "UPC has 11 digits, 12 expected."),
    ("UPC", "036000291453", "UPC 036000291453 ends in 3, its check digit should be 2."),
    ("UPC", "3.6E+10", "UPC “3.6E+10” holds other characters than digits."),
    ("UPC", "000000000000", "UPC is only zeros."),
    ("UPC", "٠٣٦٠٠٠٢٩١٤٥٢", "UPC “٠٣٦٠٠٠٢٩١٤٥٢” holds other characters than digits."),
    ("EAN", "036000291452", "EAN has 12 digits, 13 expected."),
    ("ISBN-10", "0804429570", "ISBN-10 0804429570 ends in 0, its check digit should be X."),
    ("ISBN-10", "X804429570", "ISBN-10 “X804429570” holds other characters than digits."),
    ("ISBN-13", "4006381333931", "ISBN-13 begins with 400, 978 or 979 expected."),
    ("GTIN-14", "1003600029145", "GTIN-14 has 13 digits, 14 expected."),
    ("UPC-E", "4252614", "UPC-E has 7 digits, 8 expected."),
    ("UPC-E", "24252614", "UPC-E begins with 2, 0 or 1 expected."),
    ("UPC-E", "04252615", "UPC-E 04252615 ends in 5, its check digit should be 4."),
    ("ASIN", "B00ABCDE12", "Code type “ASIN” is not known."),
]


@pytest.mark.feature("FLD-09", "CSV-27")
@pytest.mark.parametrize(("code_type", "code", "message"), BAD)
def test_bad_codes_are_named(code_type: str, code: str, message: str) -> None:
    problem = code_problem(code_type, code, column="standard_product_code1")

    assert problem is not None
    assert (problem.message, problem.field) == (message, "standard_product_code1")
    assert problem.fix


@pytest.mark.feature("FLD-08")
@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("04252614", "042100005264"),
        ("01234505", "012000003455"),
        ("01234531", "012300000451"),
        ("01234541", "012340000051"),
        ("01234565", "012345000065"),
    ],
)
def test_upc_e_is_written_out_as_its_upc(short: str, full: str) -> None:
    assert expand_upc_e(short)[:-1] == full[:-1]
    assert sendable_code("UPC-E", "0425-2614") == Code("UPC", "042100005264")


def with_check_digit(body: str) -> str:
    return body + ean.calc_check_digit(body)


@given(st.sampled_from(["UPC", "EAN", "GTIN-14"]), st.data())
def test_any_body_with_its_check_digit_passes_and_with_another_fails(
    code_type: str, data: st.DataObject
) -> None:
    size = CODE_LENGTHS[code_type] - 1
    body = data.draw(st.text("0123456789", min_size=size, max_size=size).filter(lambda t: t.strip("0")))
    good = with_check_digit(body)
    other = data.draw(st.sampled_from([d for d in string.digits if d != good[-1]]))

    assert code_problem(code_type, good) is None
    problem = code_problem(code_type, body + other)
    assert problem is not None
    assert problem.rule == "check_digit"


@given(st.text("0123456789", min_size=9, max_size=9).filter(lambda t: t.strip("0")))
def test_isbn_10_agrees_with_the_standard_library_of_numbers(body: str) -> None:
    for last in "0123456789X":
        assert (code_problem("ISBN-10", body + last) is None) == isbn.is_valid(body + last)


@given(st.sampled_from("01"), st.text("0123456789", min_size=6, max_size=6))
def test_an_expanded_upc_e_is_a_upc(system: str, body: str) -> None:
    check = ean.calc_check_digit(expand_upc_e(f"{system}{body}0")[:-1])
    code = f"{system}{body}{check}"

    assert code_problem("UPC-E", code) is None or not code.strip("0")
    assert code_problem("UPC", sendable_code("UPC-E", code).code) is None or not code.strip("0")


@given(st.sampled_from(sorted(CODE_LENGTHS)), st.text(max_size=20))
def test_no_text_makes_the_check_fail_itself(code_type: str, code: str) -> None:
    problem = code_problem(code_type, code)

    assert problem is None or problem.message
    if problem is None:
        assert len(clean_code(code)) == CODE_LENGTHS[code_type]


def test_the_same_code_twice_is_named_with_its_column() -> None:
    twice = [("UPC", "042100005264"), ("UPC-E", "04252614")]

    problem = codes_problem(twice, columns=["standard_product_code1", "standard_product_code2"])

    assert problem is not None
    assert (problem.field, problem.message) == ("standard_product_code2", "UPC 042100005264 is given twice.")
