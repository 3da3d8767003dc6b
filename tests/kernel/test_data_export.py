"""The export of all data: every table of a tenant is in it, no secret is, and a retried or killed job leaves one zip."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from django.utils import timezone

from catalog.models import BulkFile, CsvUpload, Product, Variant
from jetsync.actions import data_export as actions
from jetsync.actions.data_export import KEPT_FOR, start_export
from jetsync.actions.merchant import create_token
from jetsync.actions.operation import cancel_operation
from jetsync.actions.retention import trim_histories
from jetsync.enums import JobState, OperationState
from jetsync.exceptions import NotAllowed, StateConflict
from jetsync.export import writing
from jetsync.export.tables import STORE, exported_tables, path_of, tables_left_out
from jetsync.models import (
    ActivationStep,
    DataExport,
    Invitation,
    JetAccount,
    Job,
    LogEntry,
    Mail,
    Merchant,
    Notice,
    Options,
    Webhook,
)
from jetsync.sync.runner import run_job
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.belongings import owner_lookups, plural_of
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.managers import TenantModel, bulk_create
from jetsync.tenancy.rights import Right, rights_of
from orders.models import ShipStationConnection
from orders.shipstation.connecting import renew_key
from tests import factories
from tests.catalog.rows import make_product
from tests.panel.everything import World

LOOKS_SECRET = re.compile(r"secret|token|password|_hash|fingerprint|keys_mark|signature|upload_url")
# Names that only look like one.
HARMLESS = {
    "jetsync.JetAccount.token_issued_at",
    "jetsync.JetAccount.token_expires_at",
    "catalog.ImageFact.url_hash",
    "catalog.ImageFact.content_hash",
}


def export_of(merchant: Merchant, actor: Actor) -> DataExport:
    export = start_export(merchant, actor=actor)
    run_job(Job.objects.get(kind=actions.EXPORT, state=JobState.QUEUED).pk)
    export.refresh_from_db()
    return export


def opened(export: DataExport) -> zipfile.ZipFile:
    with export.file.open("rb") as file:
        return zipfile.ZipFile(io.BytesIO(file.read()))


def table_of(archive: zipfile.ZipFile, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read(path).decode("utf-8-sig"))))


def stored_files(merchant: Merchant) -> list[str]:
    folder = Path(default_storage.path(f"exports/{merchant.pk}"))
    return sorted(file.name for file in folder.glob("*")) if folder.exists() else []


def test_every_table_of_a_merchant_is_in_it_or_left_out_with_a_reason(scoped: Merchant, actor: Actor) -> None:
    export = export_of(scoped, actor)
    left_out = {title for title, reason in tables_left_out() if reason}

    in_zip = set(opened(export).namelist())

    tenant = {model for model in apps.get_models() if issubclass(model, TenantModel)}
    assert tenant <= set(owner_lookups())
    missing = {
        model._meta.label
        for model in owner_lookups()
        if path_of(model) not in in_zip and plural_of(model) not in left_out
    }
    assert missing == set()
    assert in_zip == {"README.txt", *(table.path for table in exported_tables())}


def test_a_column_that_looks_like_a_secret_is_left_out() -> None:
    loose = {
        f"{table.model._meta.label}.{column.heading}"
        for table in exported_tables()
        for column in table.columns
        if LOOKS_SECRET.search(column.heading)
    }
    assert loose == HARMLESS


def test_every_amount_has_a_unit_and_every_left_out_column_a_reason() -> None:
    tables = exported_tables()
    decimals = [
        (table.path, column.heading, column.unit)
        for table in tables
        for column in table.columns
        if column.field.get_internal_type() == "DecimalField"
    ]
    assert [row for row in decimals if not row[2]] == []
    assert {unit for _path, _name, unit in decimals} == {
        "USD",
        "pounds",
        "inches",
        "percent",
        "USD or percent, as price_rule says",
        "units of type_of_unit_for_price_per_unit",
    }
    reasons = {reason for table in tables for reason in table.left_out.values()} - {STORE}
    assert all(reason.endswith((".", "here neither.")) for reason in reasons)


@pytest.fixture
def secrets(scoped: Merchant, owner: Any, actor: Actor) -> dict[str, str]:
    """A store with something of everything, and each secret that it holds."""
    world = World(scoped, owner, actor)
    found = {"api_user": "user-1234567", "api_secret": "secret-1234567"}
    JetAccount.objects.update(fingerprint="f1" * 32)
    _row, found["token"] = create_token(scoped, "label printer", frozenset({Right.HOME_VIEW}), actor=actor)
    found["invitation"] = "1a" * 32
    Invitation.objects.update(token_hash=found["invitation"])
    found["webhook"] = "whsec_sign-with-this"
    Webhook.objects.update(secret=found["webhook"])
    _connection, found["shipstation"] = renew_key(scoped, actor=actor)[:2]
    ActivationStep.objects.create(merchant=scoped, keys_mark="6b" * 32, key="sku")
    BulkFile.objects.filter(pk=world.objects["file"].pk).update(
        upload_url="https://jet.example/put?sig=s1gn3d"
    )
    Job.objects.update(lease_token="7c" * 16)
    found["fingerprint"], found["keys_mark"], found["lease"] = "f1" * 32, "6b" * 32, "7c" * 16
    found["upload"] = "s1gn3d"
    found["connection"] = ShipStationConnection.objects.get().key_hash
    found["token_hash"] = str(actor.user.api_tokens.order_by("-pk")[0].token_hash) if actor.user else ""
    return found


def test_no_secret_is_in_the_zip(scoped: Merchant, actor: Actor, secrets: dict[str, str]) -> None:
    archive = opened(export_of(scoped, actor))
    content = {name: archive.read(name).decode() for name in archive.namelist()}

    # There is something to leak: the rows that hold them are in it.
    assert "jts_" in content["jetsync/apitoken.csv"]
    assert "new@example.com" in content["jetsync/invitation.csv"]
    assert "https://hooks.example.com/x" in content["jetsync/webhook.csv"]
    assert all(len(value) > 5 for value in secrets.values())
    leaks = [
        (name, what) for what, value in secrets.items() for name, text in content.items() if value in text
    ]
    assert leaks == []


def test_rows_stand_under_their_headings_and_the_readme_explains_them(scoped: Merchant, actor: Actor) -> None:
    product = make_product(
        scoped, title='=HYPERLINK("http://x")', data={"size": [1, "=2"]}, bullets=["a", "ü"]
    )
    export = export_of(scoped, actor)
    archive = opened(export)

    (row,) = table_of(archive, "catalog/product.csv")
    assert (row["id"], row["title"]) == (str(product.pk), '\'=HYPERLINK("http://x")')
    assert json.loads(row["data"]) == {"size": [1, "=2"]}
    assert json.loads(row["bullets"]) == ["a", "ü"]
    assert row["created_at"] == product.created_at.isoformat(timespec="seconds")
    assert row["is_active"] == "true"
    (store,) = table_of(archive, "jetsync/merchant.csv")
    assert (store["name"], store["slug"]) == (scoped.name, scoped.slug)
    (member,) = table_of(archive, "jetsync/membership.csv")
    assert member["email"] == actor.user.email  # type: ignore[union-attr]  # a person's
    readme = archive.read("README.txt").decode()
    assert "catalog/product.csv: Products, 1 row\n" in readme
    assert "shipping_weight_pounds: decimal, pounds" in readme
    assert "product_id: id of catalog/product.csv" in readme
    assert "secret: A secret: nobody can read it back" in " ".join(readme.split())
    assert export.row_count == sum(
        len(table_of(archive, name)) for name in archive.namelist() if name.endswith(".csv")
    )


def test_uploaded_files_and_files_sent_to_jet_are_in_it_as_they_are_stored(
    scoped: Merchant, actor: Actor
) -> None:
    other, account = factories.make_merchant(), factories.make_account(scoped)
    upload = CsvUpload(merchant=scoped, kind="products", token="t1", original_name="../../My goods.csv")
    upload.file.save("x", ContentFile(b"sku,price\nHF-1,12.00\n"))
    sent = BulkFile(
        merchant=scoped, account=account, file_type="MerchantSKUs", name="skus-1.json", manifest=[]
    )
    sent.content.save("x", ContentFile(gzip.compress(b'{"HF-1": {}}')))
    gone = BulkFile.objects.create(
        merchant=scoped,
        account=account,
        file_type="Price",
        name="prices-1.json",
        manifest=[],
        content=f"files/{scoped.pk}/none.gz",
    )
    with merchant_scope(other):
        theirs = CsvUpload(merchant=other, kind="products", token="t2", original_name="theirs.csv")
        theirs.file.save("x", ContentFile(b"secret"))

    archive = opened(export_of(scoped, actor))

    ours, packed = f"catalog/csvupload_files/{upload.pk}-", f"catalog/bulkfile_files/{sent.pk}-skus-1.json.gz"
    (name,) = (name for name in archive.namelist() if name.startswith(ours))
    assert name.count("/") == 2
    assert archive.read(name) == b"sku,price\nHF-1,12.00\n"
    assert gzip.decompress(archive.read(packed)) == b'{"HF-1": {}}'
    files = {name for name in archive.namelist() if "_files/" in name}
    assert files == {name, packed}  # neither what is gone from the disk nor another store's
    readme = " ".join(archive.read("README.txt").decode().split())
    assert (
        "catalog/csvupload_files/: 1 file, each named by the id of its row. As they were uploaded." in readme
    )
    assert gone.name in archive.read("catalog/bulkfile.csv").decode()


def test_every_file_is_in_it_or_has_a_reason() -> None:
    """The export itself alone is none of the store's data."""
    tables = exported_tables()
    fields = {
        f"{table.model._meta.label}.{field.name}"
        for table in tables
        for field in table.model._meta.concrete_fields
        if isinstance(field, models.FileField)
    }
    taken = {f"{table.model._meta.label}.{files.field}" for table in tables for files in table.files}
    assert fields - taken == {"jetsync.DataExport.file"}


def test_memory_does_not_grow_with_a_file(scoped: Merchant) -> None:
    table = next(table for table in exported_tables() if table.model is CsvUpload)
    upload = CsvUpload(merchant=scoped, kind="products", token="t1", original_name="goods.csv")
    upload.file.save("x", ContentFile(b"HF-1,12.00\n" * 2_000_000))  # 22 MB

    tracemalloc.start()
    with TemporaryFile() as file, writing.Archive(file, scoped, lambda: None) as archive:
        archive.add(table)
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert used < 4 * 1024 * 1024


def test_tables_are_called_as_people_write_them() -> None:
    titles = {table.title for table in exported_tables()}
    assert {"Log entries", "Store categories", "Options", "Sales data", "Orders", "Products"} <= titles
    assert "idempotency keys" in dict(tables_left_out())


def test_another_store_is_not_in_it(scoped: Merchant, actor: Actor) -> None:
    other = factories.make_merchant("Rival Rugs")
    factories.make_member(other, email="rival@example.com")
    with merchant_scope(other):
        make_product(other, title="Rival rug")
    make_product(scoped, title="Our kettle")

    archive = opened(export_of(scoped, actor))

    text = "".join(archive.read(name).decode() for name in archive.namelist())
    assert "Our kettle" in text
    assert "Rival" not in text
    assert "rival@example.com" not in text


def test_who_asks_must_be_allowed_to_see_shoppers(scoped: Merchant, owner: Any) -> None:
    half = Actor(label="token", user=owner, rights=rights_of("owner") - {Right.BUYERS_VIEW})
    with pytest.raises(NotAllowed, match="shoppers"):
        start_export(scoped, actor=half)
    assert (DataExport.objects.count(), Job.objects.count()) == (0, 0)


def test_one_at_a_time_and_the_newest_file_alone_is_kept(scoped: Merchant, actor: Actor) -> None:
    first = start_export(scoped, actor=actor)
    with pytest.raises(StateConflict, match="being made already"):
        start_export(scoped, actor=actor)
    run_job(Job.objects.get().pk)
    second = export_of(scoped, actor)

    assert first.token != second.token
    assert stored_files(scoped) == [f"{second.token}.zip"]
    assert list(DataExport.objects.values_list("pk", flat=True)) == [second.pk]


def test_progress_is_told_by_table_and_the_end_by_bell_and_mail(
    scoped: Merchant, actor: Actor, drain: Any
) -> None:
    make_product(scoped)
    Options.objects.update(notification_emails="warehouse@example.com")
    export = export_of(scoped, actor)
    operation = export.operation
    assert operation is not None

    assert (operation.state, operation.done, operation.total) == (
        OperationState.DONE,
        *[len(exported_tables())] * 2,
    )
    assert operation.rows.get(label="catalog/product.csv").message == "1 row"
    assert Notice.objects.get().title == "Your data is ready to download"
    assert Notice.objects.get().right == Right.DATA_EXPORT
    mail = Mail.objects.get()
    assert (mail.kind, mail.to) == ("data.export", actor.user.email)  # type: ignore[union-attr]  # a person's
    assert f"/m/{scoped.slug}/settings/data/" in mail.text


class Killed(BaseException):
    """Passes by everything that handles errors, as a SIGKILL does."""


@pytest.mark.parametrize("step", ["archive", "store", "stored"])
def test_a_job_killed_in_the_middle_is_done_again_and_leaves_one_zip(
    scoped: Merchant, actor: Actor, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    make_product(scoped)
    export = start_export(scoped, actor=actor)
    job = Job.objects.get()
    with monkeypatch.context() as broken:
        _break(broken, step)
        with pytest.raises(Killed):
            run_job(job.pk)
    assert DataExport.objects.get().finished_at is None
    Job.objects.update(state=JobState.QUEUED, lease_until=None)

    run_job(job.pk)

    export.refresh_from_db()
    assert stored_files(scoped) == [f"{export.token}.zip"]
    assert opened(export).testzip() is None
    operation = export.operation
    assert operation is not None
    assert (operation.state, operation.done) == (OperationState.DONE, len(exported_tables()))
    assert LogEntry.objects.filter(action="jetsync.data_export.ready").count() == 1


def _break(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def die(*_args: Any, **_kwargs: Any) -> None:
        raise Killed

    if step == "archive":
        add = writing.Archive.add

        def add_some(archive: writing.Archive, table: Any) -> int:
            if table.path == "catalog/variant.csv":
                raise Killed
            return add(archive, table)

        monkeypatch.setattr(writing.Archive, "add", add_some)
    elif step == "store":

        def half(_self: Any, _chunk_size: Any = None) -> Any:
            yield b"PK"
            raise Killed

        monkeypatch.setattr(actions._Pulsing, "chunks", half)
    else:
        monkeypatch.setattr(actions, "_mark_ready", die)


def test_a_job_run_twice_changes_nothing(scoped: Merchant, actor: Actor) -> None:
    export = export_of(scoped, actor)
    before = opened(export).read("README.txt")
    job = Job.objects.get(kind=actions.EXPORT)
    Job.objects.update(state=JobState.QUEUED)

    run_job(job.pk)

    export.refresh_from_db()
    assert opened(export).read("README.txt") == before
    assert LogEntry.objects.filter(action="jetsync.data_export.ready").count() == 1


def test_a_cancelled_export_keeps_nothing_and_can_be_asked_for_again(
    scoped: Merchant, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = start_export(scoped, actor=actor)
    operation = export.operation
    assert operation is not None
    add = writing.Archive.add

    def add_and_cancel(archive: writing.Archive, table: Any) -> int:
        if table.path == "catalog/product.csv":
            cancel_operation(operation, actor=actor)
        return add(archive, table)

    monkeypatch.setattr(writing.Archive, "add", add_and_cancel)
    run_job(Job.objects.get().pk)

    operation.refresh_from_db()
    assert operation.state == OperationState.CANCELLED
    assert (stored_files(scoped), DataExport.objects.count(), Notice.objects.count()) == ([], 0, 0)
    start_export(scoped, actor=actor)


def test_one_cancelled_before_it_began_is_gone_at_once(scoped: Merchant, actor: Actor) -> None:
    export = start_export(scoped, actor=actor)
    assert export.operation is not None

    cancel_operation(export.operation, actor=actor)

    assert DataExport.objects.count() == 0


def test_one_that_fails_says_so_and_can_be_asked_for_again(
    scoped: Merchant, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_export(scoped, actor=actor)

    def fail(*_args: Any) -> int:
        raise RuntimeError("disk")

    monkeypatch.setattr(writing.Archive, "add", fail)
    run_job(Job.objects.get().pk)

    assert (Job.objects.get().state, DataExport.objects.count()) == (JobState.FAILED, 0)
    assert Notice.objects.get().title == "The export of your data failed"


def test_the_file_goes_after_its_time(scoped: Merchant, actor: Actor) -> None:
    export = export_of(scoped, actor)
    assert export.expires_at is not None
    assert export.finished_at is not None
    assert export.expires_at - export.finished_at == KEPT_FOR == timedelta(days=7)
    trim_histories()
    assert stored_files(scoped) == [f"{export.token}.zip"]

    DataExport.objects.update(expires_at=timezone.now())
    trim_histories()

    assert (stored_files(scoped), DataExport.objects.count()) == ([], 0)


def test_memory_does_not_grow_with_the_store(
    scoped: Merchant, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Callable[..., Any]
) -> None:
    """Ten times the rows, the same memory: a batch at a time, no instances."""
    monkeypatch.setattr(writing, "WIDE_BATCH", 50)
    table = next(table for table in exported_tables() if table.model is Variant)
    product = make_product(scoped)
    few, many = 100, 1000

    def peak(rows: int) -> int:
        numbers = range(Variant.objects.count(), rows)
        new = [
            Variant(merchant=scoped, product=product, sku=f"HF-{at}", data={"text": f"{at}" * 500})
            for at in numbers
        ]
        bulk_create(Variant, new)
        tracemalloc.start()
        with writing.Archive(io.BytesIO(), scoped, lambda: None) as archive:
            count = archive.add(table)
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == rows
        return used

    small, large = peak(few), peak(many)
    assert large < small * 2
    with django_assert_num_queries(many // 50 + 1):
        for _row in writing.read_rows(scoped, table, lambda: None):
            pass
    assert Product.objects.count() == 1
