"""Every tenant model: closed without a scope, keyed by merchant, indexed by merchant."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db.models import ForeignKey, Model, UniqueConstraint
from django_scopes.exceptions import ScopeError

from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.managers import LargeTenantModel, TenantModel
from tests.factories import make_merchant

TENANT_MODELS = [model for model in apps.get_models() if issubclass(model, TenantModel)]
# These answer "which merchants does this person or token belong to", before any merchant is known.
ABOUT_ACCESS = {"Membership", "Invitation", "ApiToken", "SupportSession", "QueueTurn"}


# One Jet account belongs to one store of the installation, whoever's it is.
ACROSS_MERCHANTS = {"account_linked_once"}


def name_of(model: type[Model]) -> str:
    return model._meta.label


def test_every_model_with_a_merchant_is_a_tenant_model():
    loose = [
        model._meta.label
        for model in apps.get_models()
        if any(field.name == "merchant" for field in model._meta.fields)
        and not issubclass(model, TenantModel)
        and model.__name__ not in ABOUT_ACCESS
    ]
    assert loose == []


@pytest.mark.parametrize("model", TENANT_MODELS, ids=name_of)
def test_reads_outside_a_scope_raise(db, model):
    with pytest.raises(ScopeError):
        list(model.objects.all()[:1])


@pytest.mark.parametrize("model", TENANT_MODELS, ids=name_of)
def test_reads_inside_a_scope_name_the_merchant(db, model):
    """The SQL itself carries the filter, whatever the caller forgot."""
    merchant = make_merchant()
    with merchant_scope(merchant):
        sql = str(model.objects.all().query)
    assert f'"merchant_id" = {merchant.pk}' in sql


@pytest.mark.parametrize("model", TENANT_MODELS, ids=name_of)
def test_unique_keys_begin_with_the_merchant(model):
    wrong = [
        constraint.name
        for constraint in model._meta.constraints
        if constraint.name not in ACROSS_MERCHANTS
        and isinstance(constraint, UniqueConstraint)
        and constraint.fields
        and constraint.fields[0] != "merchant"
    ]
    assert wrong == []
    loose = [
        field.name
        for field in model._meta.fields
        if field.unique and not field.primary_key and not isinstance(field, ForeignKey)
    ]
    assert loose == []


@pytest.mark.parametrize(
    "model", [model for model in TENANT_MODELS if issubclass(model, LargeTenantModel)], ids=name_of
)
def test_large_tables_have_an_index_of_all_rows_that_begins_with_the_merchant(model):
    """Without the index of the merchant alone, it is this one that serves policy, lists and foreign key."""
    assert model._meta.get_field("merchant").db_index is False
    whole = [*model._meta.indexes, *(c for c in model._meta.constraints if isinstance(c, UniqueConstraint))]
    assert [
        index.name
        for index in whole
        if index.fields[:1] in (["merchant"], ("merchant",)) and index.condition is None
    ]
