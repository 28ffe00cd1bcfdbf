"""apps.connections.open, oauth.v2.access, blocks.validate, api.test.

https://docs.slack.dev/reference/methods
"""

from typing import Any

from simulator.slack import oauth
from simulator.slack.api.call import Call, Method
from simulator.slack.blocks import validate_message, validate_view
from simulator.slack.errors import SlackError
from simulator.slack.sockets import TICKET_SECONDS
from simulator.slack.world import JSON


async def connections_open(call: Call) -> JSON:
    """Answer apps.connections.open: an address for one WebSocket, soon."""
    call.needs("connections:write")
    ticket = call.slack.ids.secret(36)
    call.slack.sockets.tickets[ticket] = call.slack.now() + TICKET_SECONDS
    host = call.slack.address.replace("http", "ws", 1)
    return {"url": f"{host}/link/?ticket={ticket}&app_id={call.slack.app.id}"}


async def oauth_access(call: Call) -> JSON:
    """Answer oauth.v2.access, for a code or a refresh token."""
    return oauth.exchange(call.slack, call.arguments)


async def blocks_validate(call: Call) -> JSON:
    """Answer blocks.validate: exactly one of `blocks`, `message`, `view`."""
    given = [name for name in ("blocks", "message", "view") if call.arguments.get(name) is not None]
    if len(given) != 1:
        raise SlackError("invalid_arguments")
    found = call.parsed(given[0])
    wrong = _wrong(given[0], found)
    if wrong:
        raise SlackError.of_blocks(f"invalid_{given[0]}", wrong)
    return {}


async def api_test(call: Call) -> JSON:
    """Answer api.test."""
    if call.text("error"):
        raise SlackError(call.text("error"), args=call.arguments)
    return {"args": call.arguments}


def _wrong(name: str, found: Any) -> list[str]:
    if name == "blocks":
        return validate_message({"blocks": found})
    if not isinstance(found, dict):
        return [f"[ERROR] must be an object [json-pointer:/{name}]"]
    return validate_view(found) if name == "view" else validate_message(found)


METHODS = {
    "apps.connections.open": Method(connections_open, json=True, token="app"),  # noqa: S106  (its kind)
    "oauth.v2.access": Method(oauth_access, tier=None, token="none"),  # noqa: S106
    "blocks.validate": Method(blocks_validate, json=True, tier=None, token="none"),  # noqa: S106
    "api.test": Method(api_test, json=True, tier=4, token="none"),  # noqa: S106
}
