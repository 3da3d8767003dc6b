"""One row of a CSV file against every rule. Pure: cells in, typed values or problems out."""

from catalog.csv_rows.price import PriceParser
from catalog.csv_rows.product import ProductParser
from catalog.csv_rows.row import ParsedRow, RowParser
from catalog.csv_rows.whole import check_attributes, check_whole

__all__ = ["ParsedRow", "PriceParser", "ProductParser", "RowParser", "check_attributes", "check_whole"]
