"""One call of a Web API method: its token, its arguments wherever they came from, and what a method is."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from simulator.slack.errors import SlackError
from simulator.slack.platform import Slack
from simulator.slack.seed import BOT_USERS
from simulator.slack.world import JSON, Token

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}


@dataclass
class Call:
    """What a method is asked."""

    slack: Slack
    arguments: JSON
    token: Token

    @property
    def team_id(self) -> str:
        """The workspace whose token this is."""
        return self.token.team_id

    @property
    def bot(self) -> str:
        """The app's user in that workspace."""
        return BOT_USERS[self.token.team_id]

    def text(self, name: str) -> str:
        """Return an argument as text; empty if it is missing."""
        value = self.arguments.get(name)
        return "" if value is None else str(value)

    def flag(self, name: str) -> bool:
        """Return a boolean: true and 1 mean yes."""
        return str(self.arguments.get(name, "")).lower() in ("true", "1")

    def number(self, name: str, default: int) -> int:
        """Return a whole number. Raises invalid_arguments."""
        value = self.text(name)
        if not value:
            return default
        try:
            return int(value)
        except ValueError:
            raise SlackError.of_blocks("invalid_arguments", [f"[ERROR] must be an integer: {name}"]) from None

    def parsed(self, name: str, wrong: str = "invalid_arguments") -> Any:
        """Return an argument that is JSON, or a string of JSON. Raises `wrong`."""
        value = self.arguments.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(wrong) from None

    def needs(self, *scopes: str) -> None:
        """Raise missing_scope unless the token has one of these."""
        if not set(scopes) & set(self.token.scopes):
            raise SlackError("missing_scope", needed=scopes[0], provided=",".join(self.token.scopes))


@dataclass(frozen=True)
class Method:
    """A method as Slack documents it."""

    answer: Callable[[Call], Awaitable[JSON]]
    required: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    """Any one of them is enough."""
    json: bool = False
    """Whether it takes a JSON body; one that does not, ignores it."""
    tier: int | None = 3
    token: str = "bot"  # noqa: S105  (the kind of token)
    """bot, app, or none."""


async def arguments_of(request: Request, method: Method) -> tuple[JSON, list[str]]:
    """Return the arguments of query, form and JSON body as one, and Slack's warnings about the encoding."""
    found: JSON = dict(request.query_params)
    content_type = request.headers.get("content-type", "").lower()
    if content_type.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        async with request.form() as form:
            found |= dict(form)
        superfluous = "urlencoded" in content_type and "charset" in content_type
        return found, ["superfluous_charset"] if superfluous else []
    if content_type.startswith("application/json") and method.json:
        found |= _json_object(await request.body())
        return found, [] if "charset" in content_type else ["missing_charset"]
    return found, []


def _json_object(body: bytes) -> JSON:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(found, dict):
        raise SlackError("json_not_object")
    return found
