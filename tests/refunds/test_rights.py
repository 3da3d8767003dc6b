"""Which right the pages of money ask for, said in the words of that right."""

import pytest
from django.test import Client
from django.urls import reverse

from jetsync.tenancy.rights import RIGHT_LABELS, Right
from tests.factories import make_member

pytestmark = pytest.mark.django_db


def test_fetching_settlements_names_the_right_that_is_meant(merchant) -> None:
    packer = Client()
    packer.force_login(make_member(merchant, "fulfilment"))
    args = {"merchant_slug": merchant.slug}
    page = packer.get(reverse("refunds:settlement-list", kwargs=args)).content.decode()
    assert RIGHT_LABELS[Right.ACTIVITY_CONTROL] in page
    assert RIGHT_LABELS[Right.REFUNDS_CREATE] not in page
    assert packer.post(reverse("refunds:settlement-fetch", kwargs=args)).status_code == 403
