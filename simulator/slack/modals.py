"""Views: opening, pushing, updating, publishing and closing them.

https://docs.slack.dev/surfaces/modals
"""

import json
from typing import Any

from simulator.slack import messages, values
from simulator.slack.blocks import validate_view
from simulator.slack.errors import SlackError
from simulator.slack.images import wrong_images
from simulator.slack.platform import Slack
from simulator.slack.world import JSON, View

DEEPEST = 3
LARGEST = 250_000
PLAIN = (
    "title", "submit", "close", "private_metadata", "callback_id", "external_id", "clear_on_close",
    "notify_on_close", "submit_disabled",
)  # fmt: skip


async def checked(slack: Slack, team_id: str, view: Any, *, kind: str, but: str | None = None) -> JSON:
    """Return a view that Slack takes. `but` is the id of the view that it shall replace.

    Raises invalid_arguments, view_too_large, duplicate_external_id.
    """
    if not isinstance(view, dict):
        raise SlackError.of_blocks("invalid_arguments", ["[ERROR] must be an object [json-pointer:/view]"])
    if len(json.dumps(view)) > LARGEST:
        raise SlackError("view_too_large")
    wrong = validate_view(view)
    if not wrong and view["type"] != kind:
        wrong = [f"[ERROR] must be a valid enum value: {kind} [json-pointer:/view/type]"]
    if wrong := wrong or await wrong_images(slack, view["blocks"], team_id, "/view"):
        raise SlackError.of_blocks("invalid_arguments", wrong)
    _unique(slack, team_id, view.get("external_id"), but)
    return view


def _unique(slack: Slack, team_id: str, external_id: str | None, but: str | None) -> None:
    for other in slack.world.views.values():
        if external_id and other.external_id == external_id and other.team_id == team_id and other.id != but:
            raise SlackError("duplicate_external_id")


def stack(slack: Slack, user: str) -> list[View]:
    """Return a person's open modals, the lowest first."""
    return [slack.world.views[view_id] for view_id in slack.world.stacks.get(user, [])]


def show(slack: Slack, user: str, team_id: str, view: JSON, *, push: bool = False) -> View:
    """Open a checked view for a person, or push it. Raises push_limit_reached, not_found."""
    opened = stack(slack, user)
    if push and not opened:
        raise SlackError("not_found")
    if push and len(opened) >= DEEPEST:
        raise SlackError("push_limit_reached")
    if opened and not push:
        text = "views.open while a modal is open replaces it; views.push or views.update is meant."
        slack.record.warn("replaced_modal", text)
        close_all(slack, user)
    item = _new(slack, user, team_id, view, "modal")
    if push:
        item.root_view_id, item.previous_view_id = opened[0].id, opened[-1].id
    slack.world.stacks.setdefault(user, []).append(item.id)
    slack.changed("views", only_for=user)
    return item


def update(slack: Slack, item: View, view: JSON) -> View:
    """Put a checked view in the place of one; what was typed stays where the ids are the same."""
    blocks = messages.named(slack, view["blocks"])
    for name in PLAIN:
        setattr(item, name, view.get(name, View.model_fields[name].default))
    item.blocks = blocks
    item.values = values.kept(blocks, item.values, slack.looking_at.get(item.user))
    item.hash = slack.ids.hash(slack.now())
    item.errors = {}
    item.trouble = None
    slack.changed("home" if item.type == "home" else "views", only_for=item.user)
    return item


def publish(slack: Slack, user: str, team_id: str, view: JSON, seen: str | None) -> View:
    """Show a checked view as a person's Home. Raises hash_conflict if it is not the one last `seen`."""
    item = home(slack, user, team_id)
    if item is None:
        item = _new(slack, user, team_id, view, "home")
        slack.world.homes[f"{user}:{team_id}"] = item.id
        slack.changed("home", only_for=user)
        return item
    if seen and seen != item.hash:
        raise SlackError("hash_conflict")
    return update(slack, item, view)


def home(slack: Slack, user: str, team_id: str) -> View | None:
    """Return the Home view that was published to a person; None if none was."""
    view_id = slack.world.homes.get(f"{user}:{team_id}")
    return slack.world.views.get(view_id) if view_id else None


def close_top(slack: Slack, user: str) -> None:
    """Close the visible view; the one under it is visible then."""
    opened = slack.world.stacks.get(user, [])
    if opened:
        slack.world.views.pop(opened.pop(), None)
    slack.changed("views", only_for=user)


def close_all(slack: Slack, user: str) -> None:
    """Close every modal of a person."""
    for view_id in slack.world.stacks.pop(user, []):
        slack.world.views.pop(view_id, None)
    slack.changed("views", only_for=user)


def _new(slack: Slack, user: str, team_id: str, view: JSON, kind: str) -> View:
    blocks = messages.named(slack, view["blocks"])
    view_id = slack.ids.object("V")
    item = View(
        id=view_id,
        team_id=team_id,
        user=user,
        type=kind,
        blocks=blocks,
        values=values.at_first(blocks, slack.looking_at.get(user)),
        hash=slack.ids.hash(slack.now()),
        root_view_id=view_id,
        **{name: view[name] for name in PLAIN if view.get(name) is not None},
    )
    slack.world.views[view_id] = item
    return item
