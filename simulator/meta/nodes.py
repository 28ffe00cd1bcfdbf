"""Which fields each kind of node has, and how an object is shown with those that were asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel

from simulator.meta.call import Call
from simulator.meta.errors import unknown_field
from simulator.meta.fields import Wanted

ABSENT: Any = object()
"""What a field returns that an answer leaves out."""

Reader = Callable[[Call, Any, Wanted], Any]


@dataclass(frozen=True)
class Kind:
    """What Graph calls a kind of node, its fields, and those that are shown unasked."""

    name: str
    fields: dict[str, Reader]
    unasked: tuple[Wanted, ...]


KINDS: dict[type[BaseModel], Kind] = {}


def describe(
    model: type[BaseModel], name: str, fields: dict[str, Reader], unasked: Sequence[str] = ()
) -> None:
    """Say how objects of this model are shown."""
    KINDS[model] = Kind(name, fields, tuple(Wanted(field) for field in unasked))


def show(call: Call, node: Any, wanted: tuple[Wanted, ...] | None = None) -> dict[str, Any]:
    """Return an object with these fields, or its unasked ones, and always its id.

    Raises `GraphError` 100 for a field that its kind does not have.
    """
    kind = KINDS[type(node)]
    shown: dict[str, Any] = {}
    for field in wanted or kind.unasked:
        if field.name == "id":
            shown["id"] = node.id
            continue
        reader = kind.fields.get(field.name)
        if reader is None:
            raise unknown_field(field.name, kind.name)
        value = reader(call, node, field)
        if value is not ABSENT:
            shown[field.name] = value
    shown.setdefault("id", node.id)
    return shown


def attribute(name: str) -> Reader:
    """Return a reader of a plain attribute; empty ones are left out."""

    def reading(_: Call, node: Any, __: Wanted) -> Any:
        value = getattr(node, name)
        return ABSENT if value is None or value == "" else value

    return reading


def always(value: Any) -> Reader:
    """Return a reader that says the same of every object."""
    return lambda *_: value


def none_of(_: Call, __: Any, wanted: Wanted) -> dict[str, Any]:
    """Read an edge on which there is nothing: comments, reactions."""
    empty: dict[str, Any] = {"data": []}
    if dict(wanted.arguments).get("summary") in ("true", "1"):
        empty["summary"] = {"order": "chronological", "total_count": 0, "can_comment": True}
    return empty


def moment(at: datetime) -> str:
    """Return a time as Graph writes it: 2019-09-26T22:36:43+0000."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def created(_: Call, node: Any, __: Wanted) -> str:
    """Read `created_time` or `timestamp`."""
    return moment(node.created_at)
