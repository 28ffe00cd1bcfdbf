"""views.*.

https://docs.slack.dev/reference/methods?family=views
"""

from simulator.slack import modals, shapes
from simulator.slack.api.call import Call, Method
from simulator.slack.errors import SlackError
from simulator.slack.triggers import Trigger
from simulator.slack.world import JSON, View


async def open_view(call: Call) -> JSON:
    """Answer views.open."""
    view = await modals.checked(call.slack, call.team_id, call.parsed("view"), kind="modal")
    trigger = _exchange(call)
    return _shown(call, modals.show(call.slack, trigger.user, call.team_id, view))


async def push(call: Call) -> JSON:
    """Answer views.push."""
    view = await modals.checked(call.slack, call.team_id, call.parsed("view"), kind="modal")
    trigger = _exchange(call)
    return _shown(call, modals.show(call.slack, trigger.user, call.team_id, view, push=True))


async def update(call: Call) -> JSON:
    """Answer views.update."""
    item = _find(call)
    view = await modals.checked(call.slack, call.team_id, call.parsed("view"), kind=item.type, but=item.id)
    if item.id not in call.slack.world.views:
        raise SlackError("not_found")
    if call.text("hash") and call.text("hash") != item.hash:
        raise SlackError("hash_conflict")
    return _shown(call, modals.update(call.slack, item, view))


async def publish(call: Call) -> JSON:
    """Answer views.publish."""
    if not call.slack.manifest.features.app_home.home_tab_enabled:
        raise SlackError("not_enabled")
    user = call.text("user_id")
    person = call.slack.world.people.get(user)
    if person is None or person.is_bot or person.team_id != call.team_id:
        raise SlackError.of_blocks("invalid_arguments", ["[ERROR] invalid user_id"])
    before = modals.home(call.slack, user, call.team_id)
    replaced = before.id if before else None
    view = await modals.checked(call.slack, call.team_id, call.parsed("view"), kind="home", but=replaced)
    return _shown(call, modals.publish(call.slack, user, call.team_id, view, call.text("hash") or None))


def _exchange(call: Call) -> Trigger:
    return call.slack.triggers.exchange(
        call.text("trigger_id") or call.text("interactivity_pointer"),
        team_id=call.team_id,
        now=call.slack.now(),
        seconds=call.slack.settings.trigger_seconds,
    )


def _find(call: Call) -> View:
    views = call.slack.world.views
    view_id, external_id = call.text("view_id"), call.text("external_id")
    if not view_id and not external_id:
        raise SlackError.of_blocks("invalid_arguments", ["[ERROR] missing required field: view_id"])
    if external_id and not view_id:
        view_id = next((item.id for item in views.values() if item.external_id == external_id), "")
    item = views.get(view_id)
    if item is None or item.team_id != call.team_id:
        raise SlackError("not_found")
    return item


def _shown(call: Call, item: View) -> JSON:
    return {"view": shapes.view(call.slack, item)}


METHODS = {
    "views.open": Method(open_view, ("trigger_id", "view"), json=True, tier=4),
    "views.push": Method(push, ("trigger_id", "view"), json=True, tier=4),
    "views.update": Method(update, ("view",), json=True, tier=4),
    "views.publish": Method(publish, ("user_id", "view"), json=True, tier=4),
}
