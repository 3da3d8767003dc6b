"""From a stored file to planned batches: reading, passing over what is stored already, judging the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from catalog.actions.csv_plan import (
    Plan,
    Respelled,
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
from catalog.csv_rows.variation import CHILD, VariationParser
from catalog.enums import CsvKind
from catalog.models import CsvUpload, Variant
from catalog.node_columns import is_cleared
from catalog.problems import Problem
from catalog.queries.csv_header import node_columns
from catalog.queries.rules import price_guard
from catalog.queries.sheet import Known, known_cells, node_values
from catalog.queries.spelling import other_spellings, single_spellings
from catalog.sheet_columns import EMPTY_MEANS, UNIT, is_money, is_numeric, usual_cell, usual_number
from catalog.sheet_files import Pulse, open_rows, writing_of
from catalog.validators import shown, sku_key
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant

# Rows per transaction. A batch of new SKUs takes half a second, so a kill costs little and locks are short; at 1,000 a
# fifth of the time went into the forty statements that a batch needs whatever its size.
BATCH = 2500


@dataclass(frozen=True)
class FileKind:
    """What is special about one kind of file. `passes_over`: a row that says what is stored needs no judging.

    A kind that does not pass rows over gets every row parsed, with no facts of known SKUs.
    """

    parser: Callable[..., RowParser]
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
    """Another row of the same SKU. `differs`: the two say different things, so neither can be taken for right.

    `sku` is how that row writes it.
    """

    line: int
    differs: bool
    sku: str


@dataclass
class Batch:
    """`upto` is the number of rows of the file that are done once this batch is committed.

    `unclear`: SKU as a row writes it -> the stored ones that it may mean.
    """

    upto: int = 0
    rows: list[CsvRow] = field(default_factory=list)
    twins: dict[int, Twin] = field(default_factory=dict)
    unclear: dict[str, list[str]] = field(default_factory=dict)


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


class _Place(NamedTuple):
    """A row as far as twins are told by it; `said` is a mark of all its cells."""

    line: int
    sku: str
    said: int


def find_twins(upload: CsvUpload, pulse: Pulse) -> dict[int, Twin]:
    """Line -> the other row of its SKU, of all lines that can be read. Keeps a few words per SKU.

    Letter case alone makes no other SKU, unless both are stored. Of rows that say the same the first is left out of it:
    it can be taken.
    """
    sku_at = list(upload.columns).index("sku")
    first: dict[str, _Place] = {}
    again: dict[str, list[_Place]] = {}
    with open_rows(upload, pulse) as rows, suppress(UnreadableRow):
        for row in rows:
            sku = row.cells[sku_at].strip() if sku_at < len(row.cells) else ""
            if not sku or row.fault:
                continue
            place = _Place(row.line, sku, hash(tuple(map(str.strip, row.cells))))
            key = sku_key(sku)
            if first.setdefault(key, place) is not place:
                again.setdefault(key, [first[key]]).append(place)
    found: dict[int, Twin] = {}
    for group in _apart(upload.merchant, list(again.values())):
        found |= _twins_of(group)
    return found


def _apart(merchant: Merchant, groups: Sequence[list[_Place]]) -> list[list[_Place]]:
    """Rows of two SKUs that are stored with different capitals are no twins. One query, or none."""
    names = {place.sku for group in groups if len({row.sku for row in group}) > 1 for place in group}
    stored = set(
        Variant.objects.filter(merchant=merchant, sku__in=names).values_list("sku", flat=True)
        if names
        else ()
    )
    found: list[list[_Place]] = []
    for group in groups:
        own = {place.sku for place in group} & stored
        is_many = len(own) > 1
        found += [[place for place in group if place.sku == sku] for sku in own] if is_many else [group]
    return found


def _twins_of(group: Sequence[_Place]) -> dict[int, Twin]:
    first, *others = group
    if not others:
        return {}
    differs = any(place.said != first.said for place in others)
    found = {place.line: Twin(first.line, differs, first.sku) for place in others}
    if differs:
        found[first.line] = Twin(others[0].line, differs, others[0].sku)
    return found


class Planner:
    """Plans the batches of one file; made once, because the header is compiled.

    Raises InvalidInput for a column whose node is gone, or called otherwise, since the file was taken in.
    """

    def __init__(self, upload: CsvUpload) -> None:
        self.upload = upload
        self.guard = price_guard(upload.merchant)
        self.kind = KINDS[upload.kind]
        known = node_columns(upload.merchant, upload.kind)
        faults = [known.fault(name) for name in upload.columns if known.is_lost(name)]
        if faults:
            raise InvalidInput(" ".join(faults), data={"faults": faults})
        self.nodes = known.among(upload.columns)
        more = (self.nodes,) if self.nodes else ()
        self.parser = self.kind.parser(upload.columns, writing_of(upload), *more)
        self.columns = [name for name in self.parser.columns if not is_passed_over(name)]
        self._places = [self.parser.index[name] for name in self.columns]
        self._is_whole = len(self.columns) == len(self.parser.columns)
        self._usual = [
            (number, name)
            for number, name in enumerate(self.columns)
            if name in EMPTY_MEANS or is_money(name)
        ]

    def plan(self, batch: Batch, *, lock: bool) -> Plan:
        """What the batch would do. `lock` for the import: it must run in a transaction then."""
        known = self.known_of(batch)
        batch, respelled = self._respell(batch, known)
        judged, unchanged = self.split(batch, known)
        wanted = [known[row.sku] for row in judged if row.is_read and row.sku in known]
        read = lock_known if lock else facts_of_known
        facts = read(self.upload.merchant, wanted)
        more: dict[str, Any] = {"is_on_jet": self.upload.is_on_jet}
        if self.nodes:
            places = [column.node.pk for column in self.nodes.values()]
            ids = [row.pk for row in facts.values()]
            more["nodes"] = list(self.nodes.values())
            more["at_nodes"] = node_values(self.upload.merchant, ids, places)
        plan = self.kind.plan(self.upload.merchant, judged, facts, **more)
        plan.same += unchanged
        plan.respelled = respelled
        self._hold(plan)
        plan.known = known or plan.known  # a kind that passes no row over says itself what is stored
        plan.columns = self.columns
        plan.upload_id = self.upload.pk
        return plan

    def _hold(self, plan: Plan) -> None:
        """Prices to be confirmed, and what only a price file has: quantities in place of the default node's own.

        A file with a column for the default node says itself what is counted there.
        """
        if self.upload.kind == CsvKind.VARIATIONS:
            return
        if not self.upload.confirms_prices:
            plan.hold_back(self.guard, list(self.nodes.values()))
        if self.upload.kind != CsvKind.PRICE_INVENTORY:
            return
        counts_default = any(
            column.node.is_default and column.field == "quantity" for column in self.nodes.values()
        )
        if "inventory" in self.columns and not counts_default:
            ids = [row.pk for row in plan.same]
            ids += [change.facts.pk for change in plan.changed]
            plan.recount(own_counts(self.upload.merchant, ids))

    def known_of(self, batch: Batch) -> dict[str, Known]:
        if not self.kind.passes_over:
            return {}
        at, width = self.parser.sku_at, len(self.parser.columns)
        skus = [row.cells[at].strip() for row in batch.rows if len(row.cells) == width]
        return known_cells(self.upload.merchant, skus, self.columns, self.nodes)

    def _respell(self, batch: Batch, known: dict[str, Known]) -> tuple[Batch, list[Respelled]]:
        """Rows of SKUs that are stored with other capitals take the stored one, which is added to `known`.

        Where two are stored that differ in nothing else, the row names its problem.
        """
        if self.upload.kind == CsvKind.VARIATIONS:
            return self._respell_groups(batch)
        at, width = self.parser.sku_at, len(self.parser.columns)
        given = [row.cells[at].strip() if len(row.cells) == width else "" for row in batch.rows]
        others = other_spellings(self.upload.merchant, {sku for sku in given if sku and sku not in known})
        if not others:
            return batch, []
        single = {sku: found[0] for sku, found in others.items() if len(found) == 1}
        missing = sorted(set(single.values()) - known.keys())
        known |= known_cells(self.upload.merchant, missing, self.columns, self.nodes)
        meant = Batch(batch.upto, [], batch.twins, {k: v for k, v in others.items() if k not in single})
        respelled = []
        for row, sku in zip(batch.rows, given, strict=True):
            meant.rows.append(row)
            if sku in single:
                cells = [*row.cells[:at], single[sku], *row.cells[at + 1 :]]
                meant.rows[-1] = CsvRow(row.line, cells, row.fault)
                respelled.append(Respelled(row.line, sku, single[sku]))
        return meant, respelled

    def _respell_groups(self, batch: Batch) -> tuple[Batch, list[Respelled]]:
        """Parents and children alike. Where two are stored that differ in nothing else, the judge of the row says so."""
        places = [at for name, at in self.parser.index.items() if name == "sku" or name.startswith(CHILD)]
        single = single_spellings(
            self.upload.merchant,
            {row.cells[at].strip() for row in batch.rows for at in places if at < len(row.cells)} - {""},
        )
        if not single:
            return batch, []
        meant, respelled = replace(batch, rows=[]), []
        for row in batch.rows:
            cells = list(row.cells)
            for at in places:
                given = cells[at].strip() if at < len(cells) else ""
                if given in single:
                    cells[at] = single[given]
                    respelled.append(Respelled(row.line, given, single[given]))
            meant.rows.append(CsvRow(row.line, cells, row.fault))
        return meant, respelled

    def split(self, batch: Batch, known: dict[str, Known]) -> tuple[list[ParsedRow], list[Same]]:
        """Rows to be judged, and the SKUs whose row says what is stored of them already."""
        judged: list[ParsedRow] = []
        same: list[Same] = []
        at, parse = self.parser.sku_at, self.parser.parse
        for row in batch.rows:
            twin = batch.twins.get(row.line)
            stored = known.get(row.cells[at].strip()) if at < len(row.cells) else None
            if stored is not None and twin is None and not row.fault and self._says(row.cells, stored.text):
                same.append(Same(stored.pk, row.cells[at].strip(), row.line))
                continue
            parsed = parse(row)
            if twin is not None:
                parsed.take(_twin_problem(parsed.sku, twin))
            if parsed.sku in batch.unclear:
                parsed.take(_unclear_problem(parsed.sku, batch.unclear[parsed.sku]))
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
            if is_numeric(name):
                cells[number] = usual_number(name, cells[number], self.parser.writing)
        return UNIT.join(cells)

    def kept(self, old: Sequence[str], new: Sequence[str]) -> list[str]:
        """The cells as they will be: an empty one of a node stays what it was, one that is cleared becomes empty."""
        cells = zip(self.columns, old, new, strict=True)
        return [_kept(before, after) if name in self.nodes else after for name, before, after in cells]

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


def _kept(before: str, after: str) -> str:
    return "" if is_cleared(after) else after or before


def _twin_problem(sku: str, twin: Twin) -> Problem:
    where = f"in line {twin.line}" if sku == twin.sku else f"in line {twin.line}, written {shown(twin.sku)},"
    if twin.differs:
        message = f"SKU {sku} stands {where} too, with other values."
        return Problem("sku", "duplicate", sku, message, "Keep the row that is right, leave out the other.")
    message = f"SKU {sku} stands {where} already."
    return Problem("sku", "duplicate", sku, message, "Keep one of the two rows.")


def _unclear_problem(sku: str, stored: Sequence[str]) -> Problem:
    message = f"SKU {shown(sku)} is not among your products, but {' and '.join(map(shown, stored))} are."
    return Problem("sku", "spelling", sku, message, "Write it as the one that is meant.")


def plain_lines(text: str) -> str:
    return text.replace("\r\n", "\n")
