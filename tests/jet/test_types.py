"""Request bodies explain themselves where they are written."""

from __future__ import annotations

import ast
import inspect
import itertools
import typing

import pytest

from jetsync.jet import types


def typed_dicts() -> list[type]:
    return [thing for thing in vars(types).values() if typing.is_typeddict(thing)]


@pytest.mark.parametrize("body", typed_dicts(), ids=lambda body: body.__name__)
def test_every_field_of_a_body_says_what_it_holds(body: type) -> None:
    (tree,) = ast.parse(inspect.getsource(body)).body
    assert isinstance(tree, ast.ClassDef)
    said = {
        field.target.id
        for field, text in itertools.pairwise(tree.body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }

    assert said == set(body.__annotations__)
