"""The `fields` parameter: `id,instagram_business_account{id,username},comments.limit(0).summary(true)`."""

import re
from dataclasses import dataclass
from functools import lru_cache

from simulator.meta.errors import GraphError

PIECE = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[{},.()])")


@dataclass(frozen=True)
class Wanted:
    """One field that is asked for; `fields` are its own, None if it says nothing about them."""

    name: str
    fields: tuple["Wanted", ...] | None = None
    arguments: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=512)
def parse(text: str) -> tuple[Wanted, ...]:
    """Return what is asked for, in its order. Raises `GraphError` 2500 on a syntax error."""
    pieces = PIECE.findall(text)
    if "".join(pieces) != re.sub(r"\s", "", text):
        raise _syntax(text)
    reading = _Reading(pieces, text)
    wanted = reading.some()
    if reading.pieces:
        raise _syntax(text)
    return wanted


class _Reading:
    def __init__(self, pieces: list[str], text: str) -> None:
        self.pieces = pieces[::-1]
        self.text = text

    def some(self) -> tuple[Wanted, ...]:
        found = [self.one()]
        while self.pieces and self.pieces[-1] == ",":
            self.pieces.pop()
            if not self.pieces or self.pieces[-1] == "}":
                break
            found.append(self.one())
        return tuple(found)

    def one(self) -> Wanted:
        name, arguments = self.word(), []
        while self.pieces and self.pieces[-1] == ".":
            self.take(".")
            argument = self.word()
            self.take("(")
            arguments.append((argument, self.word()))
            self.take(")")
        fields = None
        if self.pieces and self.pieces[-1] == "{":
            self.take("{")
            fields = self.some()
            self.take("}")
        return Wanted(name, fields, tuple(arguments))

    def word(self) -> str:
        if not self.pieces or not self.pieces[-1][0].isalnum():
            raise _syntax(self.text)
        return self.pieces.pop()

    def take(self, piece: str) -> None:
        if not self.pieces or self.pieces.pop() != piece:
            raise _syntax(self.text)


def _syntax(text: str) -> GraphError:
    return GraphError(2500, f"Syntax error in the field expression: {text[:200]}")
