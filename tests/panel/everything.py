"""One store with something of every kind on its pages, for tests that walk all addresses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from catalog.enums import CsvKind, FileState, FileType
from catalog.models import (
    BulkFile,
    CategoryMapping,
    CsvUpload,
    ImageFact,
    JetCategory,
    Listing,
    Profile,
    ReturnException,
    ShippingException,
    StoreCategory,
    TaxonomyVersion,
    VariationGroup,
)
from jetsync.actions.merchant import create_token, start_support
from jetsync.actions.operation import RowSpec, start_operation
from jetsync.enums import JobState, MailState
from jetsync.models import (
    FulfillmentNode,
    Invitation,
    JetAccount,
    Job,
    Mail,
    Membership,
    Merchant,
    ReturnLocation,
    Schedule,
    User,
    Webhook,
)
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from orders.enums import OrderState
from orders.models import Order, Shipment
from refunds.actions.creating import create_refund
from tests import factories
from tests.catalog import rows
from tests.catalog.variations.families import make_family
from tests.orders.rows import make_order
from tests.refunds.test_create import give
from tests.returns import rows as return_rows


class World:
    """`pks`: the id that each address is tried with; `names`: what messages may call the objects."""

    def __init__(self, merchant: Merchant, owner: User, actor: Actor) -> None:
        self.merchant, self.owner, self.actor = merchant, owner, actor
        self.account: JetAccount = factories.make_account(merchant)
        self.objects: dict[str, Any] = {}
        self._kernel()
        self._catalogue()
        self._orders()

    def _kernel(self) -> None:
        merchant, made = self.merchant, self.objects
        made["node"] = FulfillmentNode.objects.create(
            merchant=merchant, account=self.account, node_id="b" * 32, name="Reno", zip_code="89501"
        )
        made["location"] = ReturnLocation.objects.create(
            merchant=merchant,
            account=self.account,
            return_id="c" * 32,
            address1="1 Dock Road",
            city="Reno",
            state="NV",
            zip_code="89501",
        )
        made["seat"] = Membership.objects.get(user=factories.make_member(merchant, "analyst"))
        made["invitation"] = Invitation.objects.create(
            merchant=merchant,
            email="new@example.com",
            role="analyst",
            token_hash=uuid4().hex,
            expires_at=timezone.now() + timedelta(days=1),
        )
        made["token"], _secret = create_token(
            merchant, "stock script", frozenset({Right.HOME_VIEW}), actor=self.actor
        )
        made["failed job"] = self._job("HF-1", state=JobState.FAILED)
        made["waiting job"] = self._job("HF-2")
        made["mail"] = Mail.objects.create(
            merchant=merchant, kind="orders.new", to="a@example.com", subject="New", state=MailState.FAILED
        )
        made["operation"] = start_operation(
            merchant, "test.work", "Upload 2 products", actor=self.actor, rows=[RowSpec("x", 1, "HF-1")]
        )
        made["support session"] = start_support(
            merchant, staff=factories.make_user(is_staff=True), reason="Order 12 looks odd"
        )
        made["webhook"] = Webhook.objects.create(
            merchant=merchant, url="https://hooks.example.com/x", topics=["orders"], seen_at=timezone.now()
        )
        made["schedule"] = Schedule.objects.create(
            merchant=merchant, kind="orders.fetch", interval_seconds=600, next_due_at=timezone.now()
        )

    def _job(self, key: str, **values: Any) -> Job:
        return Job.objects.create(
            merchant=self.merchant, kind="catalog.push_prices", key=key, queue="default", **values
        )

    def _catalogue(self) -> None:
        merchant, made = self.merchant, self.objects
        rows.make_taxonomy()
        made["family"] = make_family(merchant, "S", "M")
        made["group"] = VariationGroup.objects.filter(merchant=merchant).first()
        made["variant"] = variant = rows.make_variant(merchant)
        made["listed"] = rows.make_variant(merchant)
        rows.mark_listed(made["listed"])
        made["profile"] = Profile.objects.create(merchant=merchant, name="Kettles")
        made["shipping exception"] = ShippingException.objects.create(
            merchant=merchant,
            variant=variant,
            node=made["node"],
            exception_type="restricted",
            service_level="Standard",
        )
        made["return exception"] = ReturnException.objects.create(
            merchant=merchant, variant=variant, time_to_return=14
        )
        category = StoreCategory.objects.create(merchant=merchant, path="Kitchen > Kettles")
        made["mapping"] = CategoryMapping.objects.create(
            merchant=merchant, store_category=category, jet_node_id=rows.LEAF, jet_path="Kettles"
        )
        made["file"] = BulkFile.objects.create(
            merchant=merchant,
            account=self.account,
            file_type=FileType.MERCHANT_SKUS,
            name="skus-1",
            state=FileState.WITH_ERRORS,
            errors=["Invalid UPC Code"],
        )
        made["upload"] = CsvUpload.objects.create(
            merchant=merchant, kind=CsvKind.PRODUCTS, original_name="products.csv", token=uuid4().hex
        )
        made["version"] = TaxonomyVersion.objects.create(owner=merchant, name="2018-01")
        made["jet category"] = JetCategory.objects.get(node_id=rows.LEAF)
        made["listing"] = Listing.objects.get(variant=made["listed"])
        made["image"] = ImageFact.objects.filter(merchant=merchant).first() or ImageFact.objects.create(
            merchant=merchant, url_hash="x" * 64, url="https://img.example.com/kettle/9.jpg"
        )

    def _orders(self) -> None:
        merchant, made = self.merchant, self.objects
        made["ready"] = make_order(merchant, self.account)
        Order.objects.filter(pk=made["ready"].pk).update(state=OrderState.READY, failure_reason="")
        made["accepted"] = make_order(merchant, self.account)
        Order.objects.filter(pk=made["accepted"].pk).update(state=OrderState.ACKNOWLEDGED, failure_reason="")
        made["complete"] = return_rows.make_order(merchant, self.account)
        made["shipment"] = Shipment.objects.filter(order=made["complete"]).first()
        made["return"] = return_rows.make_return(made["complete"])
        refunded = return_rows.make_order(merchant, self.account)
        made["refund"] = create_refund(refunded, [give(refunded)], actor=self.actor)

    @property
    def names(self) -> set[str]:
        """What the objects are called, in the log and elsewhere."""
        found = {str(row) for row in self.objects.values() if row is not None}
        variants = (self.objects["variant"], self.objects["listed"])
        made = self.objects
        return found | {
            *(row.sku for row in variants),
            str(self.merchant),
            "Hoboken",
            "HF-S",  # the parent, by which a group is called
            made["token"].name,
            made["seat"].user.email,
            made["invitation"].email,
            str(made["support session"].user),
            made["mail"].to,
            made["failed job"].key,
            made["waiting job"].key,
            "Fetch orders",  # what the schedule does
        }
