"""From a stored file to planned batches: reading, passing over what is stored already, judging the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from catalog.actions.csv_plan import (
    Plan,
    Same,
    facts_of_known,
    lock_known,
    own_counts,
    plan_prices,
    plan_products,
)
from catalog.actions.csv_write import Written, write_prices, write_products
from catalog.actions.variation_rows import plan_groups, write_groups
from catalog.csv_columns import is_passed_over
from catalog.csv_reader import CsvRow, UnreadableRow
from catalog.csv_rows import ParsedRow, PriceParser, ProductParser, RowParser
from catalog.csv_rows.row import unescaped
from catalog.csv_rows.variation import VariationParser
from catalog.enums import CsvKind
from catalog.models import CsvUpload
from catalog.numbers import Writing
from catalog.problems import Problem
from catalog.queries.rules import price_guard
from catalog.queries.sheet import Known, known_cells
from catalog.sheet_columns import EMPTY_MEANS, MONEY, NUMERIC, UNIT, usual_cell, usual_number
from catalog.sheet_files import Pulse, open_rows, writing_of
from jetsync.models import Merchant

# Rows per transaction. A batch of new SKUs takes half a second, so a kill costs little and locks are short; at 1,000 a
# fifth of the time went into the forty statements that a batch needs whatever its size.
BATCH = 2500


@dataclass(frozen=True)
class FileKind:
    """What is special about one kind of file. `passes_over`: a row that says what is stored needs no judging.

    A kind that does not pass rows over gets every row parsed, with no facts of known SKUs.
    """

    parser: Callable[[Sequence[str], Writing], RowParser]
    plan: Callable[..., Plan]
    write: Callable[[Merchant, Plan], Written]
    passes_over: bool = True


KINDS: dict[str, FileKind] = {
    CsvKind.PRODUCTS: FileKind(ProductParser, plan_products, write_products),
    CsvKind.PRICE_INVENTORY: FileKind(PriceParser, plan_prices, write_prices),
    CsvKind.VARIATIONS: FileKind(VariationParser, plan_groups, write_groups, passes_over=False),
}


@dataclass(frozen=True, slots=True)
class Twin:
    """Another row of the same SKU. `differs`: the two say different things, so neither can be taken for right."""

    line: int
    differs: bool


@dataclass
class Batch:
    """`upto` is the number of rows of the file that are done once this batch is committed."""

    upto: int = 0
    rows: list[CsvRow] = field(default_factory=list)
    twins: dict[int, Twin] = field(default_factory=dict)


def read_batches(upload: CsvUpload, after: int, size: int, pulse: Pulse) -> Iterator[Batch]:
    """Rows behind the first `after` ones, in a second reading: the first one finds SKUs that stand twice.

    Raises UnreadableRow behind the last batch that could be read.
    """
    twins = find_twins(upload, pulse)
    batch = Batch()
    broken: UnreadableRow | None = None
    with open_rows(upload, pulse) as source:
        rows = enumerate(source, 1)
        while True:
            try:
                number, row = next(rows)
            except StopIteration:
                break
            except UnreadableRow as exc:
                broken = exc  # the rows above it are still written
                break
            if number <= after:
                continue
            if row.line in twins:
                batch.twins[row.line] = twins[row.line]
            batch.rows.append(row)
            batch.upto = number
            if len(batch.rows) >= size:
                yield batch
                batch = Batch()
    if batch.rows:
        yield batch
    if broken is not None:
        raise broken


def find_twins(upload: CsvUpload, pulse: Pulse) -> dict[int, Twin]:
    """Line -> the other row of its SKU, of all lines that can be read. Keeps two numbers per SKU.

    Of rows that say the same the first is left out of it: it can be taken.
    """
    sku_at = list(upload.columns).index("sku")
    first: dict[str, tuple[int, int]] = {}
    again: dict[str, list[int]] = {}
    differing: set[str] = set()
    with open_rows(upload, pulse) as rows, suppress(UnreadableRow):
        for row in rows:
            sku = row.cells[sku_at].strip() if sku_at < len(row.cells) else ""
            if not sku:
                continue
            said = hash(tuple(map(str.strip, row.cells)))
            line, before = first.setdefault(sku, (row.line, said))
            if line != row.line:
                again.setdefault(sku, []).append(row.line)
                if said != before:
                    differing.add(sku)
    found: dict[int, Twin] = {}
    for sku, lines in again.items():
        line, differs = first[sku][0], sku in differing
        found |= {other: Twin(line, differs) for other in lines}
        if differs:
            found[line] = Twin(lines[0], differs)
    return found


class Planner:
    """Plans the batches of one file; made once, because the header is compiled."""

    def __init__(self, upload: CsvUpload) -> None:
        self.upload = upload
        self.guard = price_guard(upload.merchant)
        self.kind = KINDS[upload.kind]
        self.parser = self.kind.parser(upload.columns, writing_of(upload))
        self.columns = [name for name in self.parser.columns if not is_passed_over(name)]
        self._places = [self.parser.index[name] for name in self.columns]
        self._is_whole = len(self.columns) == len(self.parser.columns)
        fixed = {*EMPTY_MEANS, *MONEY}
        self._usual = [(number, name) for number, name in enumerate(self.columns) if name in fixed]

    def plan(self, batch: Batch, *, lock: bool) -> Plan:
        """What the batch would do. `lock` for the import: it must run in a transaction then."""
        known = self.known_of(batch)
        judged, unchanged = self.split(batch, known)
        wanted = [known[row.sku] for row in judged if row.is_read and row.sku in known]
        read = lock_known if lock else facts_of_known
        facts = read(self.upload.merchant, wanted)
        plan = self.kind.plan(self.upload.merchant, judged, facts, is_on_jet=self.upload.is_on_jet)
        plan.same += unchanged
        self._hold(plan)
        plan.known = known or plan.known  # a kind that passes no row over says itself what is stored
        plan.columns = self.columns
        plan.upload_id = self.upload.pk
        return plan

    def _hold(self, plan: Plan) -> None:
        """What only a price file has: prices to be confirmed, and quantities in place of a node's own."""
        if self.upload.kind != CsvKind.PRICE_INVENTORY:
            return
        if not self.upload.confirms_prices:
            plan.hold_back(self.guard)
        if "inventory" in self.columns:
            ids = [row.pk for row in plan.same]
            ids += [change.facts.pk for change in plan.changed]
            plan.recount(own_counts(self.upload.merchant, ids))

    def known_of(self, batch: Batch) -> dict[str, Known]:
        if not self.kind.passes_over:
            return {}
        at, width = self.parser.sku_at, len(self.parser.columns)
        skus = [row.cells[at].strip() for row in batch.rows if len(row.cells) == width]
        return known_cells(self.upload.merchant, skus, self.columns)

    def split(self, batch: Batch, known: dict[str, Known]) -> tuple[list[ParsedRow], list[Same]]:
        """Rows to be judged, and the SKUs whose row says what is stored of them already."""
        judged: list[ParsedRow] = []
        same: list[Same] = []
        at, parse = self.parser.sku_at, self.parser.parse
        for row in batch.rows:
            twin = batch.twins.get(row.line)
            stored = known.get(row.cells[at].strip()) if at < len(row.cells) else None
            if stored is not None and twin is None and self._says(row.cells, stored.text):
                same.append(Same(stored.pk, row.cells[at].strip(), row.line))
                continue
            parsed = parse(row)
            if twin is not None:
                parsed.take(_twin_problem(parsed.sku, twin))
            judged.append(parsed)
        return judged, same

    def _says(self, given: Sequence[str], stored: str) -> bool:
        """Whether the row says what is stored. Workbooks know no carriage return."""
        text = self._text_of(given)
        return text == stored or ("\r" in stored and plain_lines(text) == plain_lines(stored))

    def cells_of(self, given: Sequence[str]) -> str:
        """The row as `known_cells` writes it, numbers too; "" for one with too few or too many cells."""
        text = self._text_of(given)
        if not text:
            return ""
        cells = text.split(UNIT)
        for number, name in enumerate(self.columns):
            if name in NUMERIC:
                cells[number] = usual_number(name, cells[number], self.parser.writing)
        return UNIT.join(cells)

    def _text_of(self, given: Sequence[str]) -> str:
        """As `cells_of`, but for numbers written in an unusual way: quick, as it is asked of every row."""
        if len(given) != len(self.parser.columns):
            return ""
        cells = [cell.strip() for cell in given]
        if not self._is_whole:
            cells = [cells[place] for place in self._places]
        for number, name in self._usual:
            cells[number] = usual_cell(name, cells[number])
        text = UNIT.join(cells)
        return UNIT.join(map(unescaped, cells)) if "'" in text else text


def _twin_problem(sku: str, twin: Twin) -> Problem:
    if twin.differs:
        message = f"SKU {sku} stands in line {twin.line} too, with other values."
        return Problem("sku", "duplicate", sku, message, "Keep the row that is right, leave out the other.")
    return Problem(
        "sku", "duplicate", sku, f"SKU {sku} stands in line {twin.line} already.", "Keep one of the two rows."
    )


def plain_lines(text: str) -> str:
    return text.replace("\r\n", "\n")
