"""Rows and frozen values, one to the other."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields
from enum import Enum
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_type_hints

import sqlalchemy as sa

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")
R = TypeVar("R", bound="DataclassInstance")
CHUNK = 500


def values_of(value: "DataclassInstance", **more: Any) -> dict[str, Any]:
    """Columns of a frozen value; enums as their words."""
    named = {field.name: getattr(value, field.name) for field in fields(value)}
    return {name: v.value if isinstance(v, Enum) else v for name, v in (named | more).items()}


class Reading(dict[type, Mapping[str, Mapping[Any, Enum]]]):
    """Which members of a value type are enums, and the member of each word; worked out once per type."""

    def __missing__(self, kind: type) -> Mapping[str, Mapping[Any, Enum]]:
        named = {n: [k for k in (hint, *get_args(hint)) if _is_enum(k)] for n, hint in get_type_hints(kind).items()}
        found = {n: {member.value: member for k in kinds for member in k} for n, kinds in named.items() if kinds}
        self[kind] = found
        return found


_ENUMS = Reading()


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def record_of(kind: type[R], row: sa.RowMapping) -> R:
    """A frozen value of a row's columns, by name; columns that it does not have are left out."""
    enums = _ENUMS[kind]
    named = {field.name: row[field.name] for field in fields(kind)}
    return kind(**{n: enums[n][v] if n in enums and v is not None else v for n, v in named.items()})


def columns_of(kind: "type[DataclassInstance]", table: sa.Table) -> list[sa.Column[Any]]:
    """The columns that make up a value type: not the bytes that lie beside it."""
    return [table.c[field.name] for field in fields(kind)]


def chunks(items: Collection[T]) -> Iterator[list[T]]:
    """Pieces that fit a statement's parameters."""
    left = iter(items)
    while piece := list(islice(left, CHUNK)):
        yield piece


def hold(connection: sa.Connection, key: sa.Column[Any], which: sa.ColumnElement[bool]) -> None:
    """Lock rows until the transaction ends, in the order of their keys, so that no two who do so wait for each other."""
    connection.execute(sa.select(key).where(which).order_by(key).with_for_update()).all()


def by_key(connection: sa.Connection, question: sa.Select[K, V], keys: Collection[K]) -> dict[K, V]:
    """What a question of two columns, a key and its value, finds of many keys; it is asked once a piece."""
    column = question.selected_columns[0]
    found: dict[K, V] = {}
    for piece in chunks(keys):
        found |= dict(connection.execute(question.where(column.in_(piece))).all())
    return found
