"""Queries that are put into SQL once in each process; from then on only their values change.

Django builds and compiles a query each time it is asked, which takes several times as long as its answer: 2.2 ms of processor time for a
case with the rights on it, of which 1.7 are saved this way (measured). It is meant for the few queries that nearly every request asks.
"""

from collections.abc import Mapping
from copy import copy
from datetime import date
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.models import BooleanField, Expression, F, Func, Model, QuerySet
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row")


class Slot(Expression):
    """The place of a value that is given when the query is asked, such as ``filter(pk=Slot("pk"))``."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """A placeholder; ``Prepared`` puts the value in."""
        return "%s", [self]


def among(column: str, name: str) -> Func:
    """The condition that ``column`` is one of the values, however many, that the slot ``name`` is given as a list."""
    return Func(F(column), Slot(name), template="%(expressions)s)", arg_joiner=" = ANY(", output_field=BooleanField())


class Prepared(Generic[Row]):
    """A queryset with slots, the same for every value of theirs. It cannot prefetch.

    Raises ``ValueError`` for a moment or a day outside of a slot: it would stand still, and rights would never end.
    """

    def __init__(self, queryset: "QuerySet[Any, Row]") -> None:
        self._rows: Any = queryset._iterable_class
        self._compiler: Any = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        self._sql, self._params = self._compiler.as_sql()
        if any(isinstance(param, date) for param in self._params):
            raise ValueError("A moment in a prepared query belongs into a slot.")
        self._converters = self._compiler.get_converters([column for column, *_ in self._compiler.select])
        self._is_composite = self._compiler.has_composite_fields([column for column, *_ in self._compiler.select])
        self._locks = queryset.query.select_for_update

    def all(self, **values: object) -> list[Row]:
        """The rows for these values of the slots. Raises as the queryset would, and ``KeyError`` when a value is missing."""
        return list(self._rows(_Asked(self._filled(values))))

    def first(self, **values: object) -> Row | None:
        """The first of the rows, if there is one."""
        return next(iter(self.all(**values)), None)

    def _filled(self, values: Mapping[str, object]) -> Any:
        """A compiler of Django's for the connection of this thread, which has nothing left to compile."""
        compiler = copy(self._compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        if self._locks and compiler.connection.get_autocommit():
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
        params = tuple(values[param.name] if isinstance(param, Slot) else param for param in self._params)
        compiler.as_sql = lambda: (self._sql, params)
        compiler.get_converters = lambda _: self._converters
        compiler.has_composite_fields = lambda _: self._is_composite
        return compiler


class _Asked:
    """As much of a queryset as Django's own makers of rows look at."""

    db = DEFAULT_DB_ALIAS
    _known_related_objects: Mapping[Any, Any] = {}

    def __init__(self, compiler: Any) -> None:
        self.query, self._compiler = self, compiler

    def get_compiler(self, using: str) -> Any:
        """What asks the database."""
        return self._compiler


def write(row: Model, *columns: str) -> None:
    """Update these columns of a row that the caller has locked, as ``row.save(update_fields=columns)`` does with four times the work.

    Raises ``DatabaseError`` when there is no such row.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    quote, kind = connection.ops.quote_name, row._meta
    fields: list[Any] = [kind.get_field(name) for name in columns]
    values = [field.get_db_prep_save(field.pre_save(row, False), connection) for field in fields]
    places = [getattr(field, "get_placeholder", one_place)(value, None, connection) for field, value in zip(fields, values, strict=True)]
    assigned = ", ".join(f"{quote(field.column)} = {place}" for field, place in zip(fields, places, strict=True))
    update = f"UPDATE {quote(kind.db_table)} SET {assigned} WHERE {quote(str(kind.pk.column))} = %s"  # noqa: S608 (names of our own)
    with connection.cursor() as cursor:
        cursor.execute(update, [*values, row.pk])
        if cursor.rowcount != 1:
            raise DatabaseError("there is no row to write")


def one_place(value: object, compiler: None, connection: object) -> str:
    """Where a value goes in a statement, for the fields that say nothing of it."""
    return "%s"
