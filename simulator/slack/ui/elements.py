"""Clicking, choosing and typing, in messages, modals and Home."""

from dataclasses import dataclass, field

from starlette.requests import Request

from simulator.slack import payloads, shapes, values
from simulator.slack.blocks import every_element
from simulator.slack.deliver import Answer, deliver
from simulator.slack.elements import GROUP, STATEFUL, option, options_of
from simulator.slack.errors import Refusal
from simulator.slack.platform import Slack
from simulator.slack.rules import Report, array, exactly_one, thing
from simulator.slack.ui import acting
from simulator.slack.world import JSON, Channel, Message, Person, View

SHORTEST_QUERY = 3
OPTIONS = {"options": array(option(), 100, least=0), "option_groups": array(GROUP, 100, least=0)}


@dataclass
class Place:
    """Where an element stands: in a view, or in a message in a channel."""

    who: Person
    view: View | None = None
    channel: Channel | None = None
    item: Message | None = None
    block: JSON = field(default_factory=dict)
    element: JSON = field(default_factory=dict)

    @property
    def id(self) -> str:
        """What tells this view or message from others."""
        if self.view is not None:
            return self.view.id
        assert self.item is not None
        return f"{self.item.channel}:{self.item.ts}"


async def act(slack: Slack, request: Request) -> JSON:
    """Do something to an element: keep its value, and tell the app where Slack does."""
    given = await acting.given(request)
    place = _place(slack, given)
    team_id = _team(slack, place)
    if place.element["type"] not in STATEFUL:
        value = _pressed(slack, place, given)
    else:
        value = values.chosen(slack, place.element, given, slack.offered.get(_offer(place), []))
        _keep(slack, place, value)
    if not _tells(place, given):
        return {"ok": True}
    answer = await deliver(slack, "interactive", _payload(slack, place, value, team_id))
    _ignore(slack, answer)
    return {"ok": False, "error": answer.error} if answer.error else {"ok": True}


async def suggest(slack: Slack, request: Request) -> JSON:
    """Ask the app for the options of a menu."""
    given = await acting.given(request)
    place = _place(slack, given)
    team_id = _team(slack, place)
    if place.element["type"] not in ("external_select", "multi_external_select"):
        raise Refusal("Only menus with outside options ask for suggestions.")
    typed = str(given.get("value") or "")
    if len(typed) < place.element.get("min_query_length", SHORTEST_QUERY):
        return {"options": []}
    payload = payloads.block_suggestion(
        slack,
        place.who,
        _where(slack, place),
        block_id=place.block["block_id"],
        action_id=place.element["action_id"],
        value=typed,
        team_id=team_id,
    )
    answer = await deliver(slack, "interactive", payload, accepts=True)
    return _offered(slack, place, answer)


def _place(slack: Slack, given: JSON) -> Place:
    who = acting.person(slack, given)
    if given.get("view_id"):
        view = slack.world.views.get(str(given["view_id"]))
        if view is None or view.user != who.id:
            raise Refusal(f"{who.real_name} sees no view {given['view_id']}.", 404)
        place, blocks = Place(who, view=view), view.blocks
    else:
        where = acting.channel(slack, who, given.get("channel"))
        item = acting.message(slack, who, where, given.get("message_ts"))
        slack.looking_at[who.id] = where.id
        place, blocks = Place(who, channel=where, item=item), item.blocks
    for block, element in every_element(blocks):
        if block["block_id"] == given.get("block_id") and element.get("action_id") == given.get("action_id"):
            place.block, place.element = block, element
            return place
    raise Refusal(f"There is no element {given.get('action_id')} in block {given.get('block_id')}.", 404)


def _team(slack: Slack, place: Place) -> str:
    """Return the workspace whose app this is: of the view, or of the bot that wrote the message."""
    if place.view is not None:
        return place.view.team_id
    assert place.item is not None
    if place.item.bot_id is None:
        raise Refusal("Nobody wrote this element but a person.")
    return slack.world.people[place.item.user].team_id


def _pressed(slack: Slack, place: Place, given: JSON) -> JSON | None:
    if place.element["type"] == "overflow":
        return {"selected_option": values.chosen(slack, place.element, given, [])["selected_option"]}
    return None


def _keep(slack: Slack, place: Place, value: JSON) -> None:
    block_id, action_id = place.block["block_id"], place.element["action_id"]
    if place.view is not None:
        place.view.values.setdefault(block_id, {})[action_id] = value
        place.view.errors.pop(block_id, None)
        slack.changed("home" if place.view.type == "home" else "views", only_for=place.who.id)
    else:
        _message_values(slack, place).setdefault(block_id, {})[action_id] = value


def _message_values(slack: Slack, place: Place) -> JSON:
    assert place.item is not None
    key = (place.who.id, place.item.channel, place.item.ts)
    held = values.kept(place.item.blocks, slack.message_values.get(key, {}))
    slack.message_values[key] = held
    return held


def _tells(place: Place, given: JSON) -> bool:
    """Say whether Slack tells the app: always, but of elements in input blocks only where they ask for it."""
    if place.block["type"] != "input":
        return True
    if not place.block.get("dispatch_action"):
        return False
    trigger = given.get("trigger")
    config = place.element.get("dispatch_action_config") or {}
    return trigger is None or trigger in config.get("trigger_actions_on", ["on_enter_pressed"])


def _payload(slack: Slack, place: Place, value: JSON | None, team_id: str) -> JSON:
    action = values.action(place.block, place.element, value)
    if place.view is not None:
        return payloads.view_block_actions(slack, place.who, place.view, action)
    assert place.item is not None
    held = _message_values(slack, place)
    return payloads.message_block_actions(
        slack, place.who, place.item, action=action, chosen=held, team_id=team_id
    )


def _ignore(slack: Slack, answer: Answer) -> None:
    if answer.said is not None and not answer.error:
        slack.record.warn("ignored_answer", "Slack ignores what is said to a click.", said=answer.said)


def _where(slack: Slack, place: Place) -> JSON:
    if place.view is not None:
        shown = shapes.view(slack, place.view, values=values.for_payload(slack, place.view))
        return {"container": {"type": "view", "view_id": place.view.id}, "view": shown}
    assert place.item is not None
    assert place.channel is not None
    where: JSON = {
        "container": payloads.message_container(place.item),
        "channel": {"id": place.channel.id, "name": place.channel.name},
    }
    if place.item.only_for is None:
        where["message"] = shapes.message(slack, place.item)
    return where


def _offered(slack: Slack, place: Place, answer: Answer) -> JSON:
    if answer.error:
        return {"error": answer.error}
    wrong: list[str] = []
    report: Report = lambda sentence, at: wrong.append(f"{sentence} [json-pointer:{at}]")  # noqa: E731
    rule = exactly_one("options", "option_groups")
    rule(answer.said, "", report)
    thing(OPTIONS)(answer.said, "", report)
    if wrong:
        slack.record.warn("bad_options", f"Slack would show no options: {'; '.join(wrong[:5])}")
        return {"error": "dispatch_failed"}
    slack.offered[_offer(place)] = options_of(answer.said)
    return dict(answer.said)


def _offer(place: Place) -> tuple[str, str, str, str]:
    return place.who.id, place.id, place.block["block_id"], place.element["action_id"]
