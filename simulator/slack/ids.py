"""How Slack's ids, timestamps and hashes look."""

import random
import string

UPPER = string.ascii_uppercase + string.digits
MIXED = string.ascii_letters + string.digits


class Ids:
    """Makes ids; with a seed the same ones again."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed)

    def object(self, kind: str) -> str:
        """Return an id like `F0A1B2C3D4E`, `kind` being its first letter."""
        return kind + "0" + self._letters(UPPER, 9)

    def block(self) -> str:
        """Return what Slack calls a block that has no block_id, or an element without action_id."""
        return self._letters(MIXED, 5)

    def secret(self, length: int = 24) -> str:
        """Return letters and digits that cannot be guessed by a program under test."""
        return self._letters(MIXED, length)

    def hash(self, now: float) -> str:
        """Return a view's hash."""
        return f"{int(now)}.{self._letters(MIXED, 8)}"

    def trigger(self, now: float) -> str:
        """Return a trigger_id."""
        return f"{int(now * 1000)}.{self._random.randrange(10**11)}.{self._letters('0123456789abcdef', 32)}"

    def _letters(self, alphabet: str, length: int) -> str:
        return "".join(self._random.choices(alphabet, k=length))
