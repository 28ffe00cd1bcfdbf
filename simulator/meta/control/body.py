"""What a control is asked with."""

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from simulator.meta.meta import Meta
from simulator.meta.world import Person, World


class Wrong(Exception):
    """What was asked for makes no sense here; the answer is a 400 with its sentence."""


class Strict(BaseModel):
    """A body in which nothing is misspelt."""

    model_config = ConfigDict(extra="forbid")


def meta_of(request: Request) -> Meta:
    """Return what the request is about."""
    meta: Meta = request.app.state.meta
    return meta


def person_of(world: World, name_or_id: str) -> Person:
    """Return someone by id, full name, or first name in lower case."""
    for person in world.people.values():
        if name_or_id in (person.id, person.name, person.name.split()[0].lower()):
            return person
    raise Wrong(f"There is nobody called {name_or_id}")
