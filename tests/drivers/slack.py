"""Drives the Slack simulator as people do: they type, click, choose, and look.

Everything goes through what the page for people uses, `/_sim/ui`. Waiting is for something to be seen, looked
at again whenever the simulator says that something changed.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import httpx

JSON = dict[str, Any]
Seen = TypeVar("Seen")

GENERAL, NORTHWIND, HARBOR, QUIET, BOARD = (
    "C0GENERAL1",
    "C0NORTHW01",
    "C0HARBOR01",
    "C0QUIET001",
    "G0BOARD001",
)
PATIENCE = 15.0  # seconds; only a test that fails waits as long


class Slack:
    """One running simulator, and the people in it."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self.url, self.http = url, http
        self.ada = Person(self, "U0ADA00001", "Ada Lindqvist")
        self.dana = Person(self, "U0DANA0001", "Dana Reyes")
        self.lee = Person(self, "U0LEE00001", "Lee Okafor")
        self.otto = Person(self, "U0OTTO0001", "Otto Brandt")

    async def deliver_to(self, url: str | None) -> None:
        """Send the app's requests to this address."""
        await self.http.post(f"{self.url}/_sim/app", json={"url": url})

    async def reset(self) -> None:
        """Go back to the seed, without faults and warnings."""
        await self.http.post(f"{self.url}/_sim/reset")
        await self.http.delete(f"{self.url}/_sim/faults")

    async def fault(self, match: str, kind: str, **more: Any) -> None:
        """Let the app's calls of a method go wrong."""
        answer = await self.http.post(f"{self.url}/_sim/faults", json={"match": match, "kind": kind, **more})
        assert answer.is_success, answer.text

    async def warnings(self) -> list[JSON]:
        """Give what would have failed at the real Slack; pictures on this machine's own addresses apart."""
        found = (await self.http.get(f"{self.url}/_sim/warnings")).json()
        return [one for one in found if one["kind"] != "image_not_public"]

    async def requests(self, path: str) -> list[JSON]:
        """Give the app's calls whose path contains this."""
        found = (await self.http.get(f"{self.url}/_sim/requests")).json()
        return [one for one in found if path in one["path"]]

    async def deliveries(self) -> list[JSON]:
        """Give what was handed to the app, and what it said."""
        return list((await self.http.get(f"{self.url}/_sim/deliveries")).json())

    async def change(self, what: str, which: str, **fields: Any) -> None:
        """Change something that is there: people, channels, files, tokens."""
        answer = await self.http.post(f"{self.url}/_sim/{what}/{which}", json=fields)
        assert answer.is_success, answer.text


PICKED: dict[str, Callable[[Any], JSON]] = {
    "multi_users_select": lambda people: {"selected_users": [one.id for one in people]},
    "users_select": lambda person: {"selected_user": person.id},
    "conversations_select": lambda channel: {"selected_conversation": channel},
    "datepicker": lambda day: {"selected_date": day.isoformat()},
    "datetimepicker": lambda moment: {"selected_date_time": moment and int(moment.timestamp())},
}


class NotThere(AssertionError):
    """What somebody acts on is not there any more, or was drawn anew."""


@dataclass(frozen=True)
class Place:
    """Something with blocks that a person sees: a message, a modal, Home."""

    person: "Person"
    shape: JSON
    where: JSON  # how the simulator finds it

    @property
    def text(self) -> str:
        """All the words in it."""
        return "\n".join([self.shape.get("text") or "", *words_in(self.shape["blocks"])])

    @property
    def id(self) -> str:
        """What tells it from others."""
        return str(self.shape.get("id") or self.shape.get("ts"))

    def buttons(self) -> list[JSON]:
        """Give the buttons in it."""
        return [element for _, element in elements(self.shape["blocks"]) if element["type"] == "button"]

    def images(self) -> list[str]:
        """Give the addresses of the pictures in it."""
        return [block["image_url"] for block in self.shape["blocks"] if "image_url" in block]

    def button(self, label: str, beside: str = "") -> tuple[JSON, JSON]:
        """Find a button by its words; `beside` are words of the block it stands in, or just before it."""
        before = ""
        for block in self.shape["blocks"]:
            near = "\n".join(words_in([block]))
            for element in (element for _, element in elements([block])):
                if (
                    element["type"] == "button"
                    and element["text"]["text"] == label
                    and beside in before + near
                ):
                    return block, element
            before = near
        raise AssertionError(f"There is no button {label!r} in:\n{self.text}")

    async def clicks(self, label: str, beside: str = "") -> None:
        """Press a button; if it is drawn anew in this very moment, where it stands then."""
        try:
            await self.presses(label, beside)
        except NotThere:
            await (await self.person.looks_again(self)).presses(label, beside)

    async def presses(self, label: str, beside: str) -> None:
        """Press a button as it is drawn here."""
        block, element = self.button(label, beside)
        said = {
            "block_id": block["block_id"],
            "action_id": element["action_id"],
            "value": element.get("value"),
        }
        await self.person.does("actions", **self.where, **said)

    def field(self, label: str) -> tuple[JSON, JSON]:
        """Find an input by its label, a menu by the words beside it, or by those in it before one chooses."""
        for block in self.shape["blocks"]:
            if block["type"] == "input" and block["label"]["text"] == label:
                return block, block["element"]
            if label in "\n".join(words_in([block])) and block.get("accessory"):
                return block, block["accessory"]
            for _, element in elements([block]):
                if (element.get("placeholder") or {}).get("text") == label:
                    return block, element
        raise AssertionError(f"There is no field {label!r} in:\n{self.text}")

    async def enters(self, label: str, value: Any) -> None:
        """Type into a field, or choose in it by what its options are called."""
        block, element = self.field(label)
        where = {**self.where, "block_id": block["block_id"], "action_id": element["action_id"]}
        await self.person.does("actions", **where, **await self.entered(element, value, where))

    async def entered(self, element: JSON, value: Any, where: JSON) -> JSON:
        """Say in the simulator's words what is entered."""
        kind = element["type"]
        if kind == "external_select":
            element = await self.person.does("suggestions", **where, value=value)
        if kind == "file_input":
            return {"files": [await self.person.uploads(*value)]}
        if kind in PICKED:
            return PICKED[kind](value)
        if kind in ("multi_static_select", "checkboxes"):
            return {"selected_options": [value_of(options_of(element), one) for one in value]}
        has_options = kind in ("external_select", "static_select", "radio_buttons")
        return {"selected_option": value_of(options_of(element), value)} if has_options else {"value": value}

    def options(self, label: str) -> list[str]:
        """Give what can be chosen in a menu."""
        return [option["text"]["text"] for option in options_of(self.field(label)[1])]

    def entered_in(self, label: str) -> Any:
        """Give what stands in a field."""
        block, element = self.field(label)
        held = self.shape["state"]["values"].get(block["block_id"], {}).get(element["action_id"], {})
        kept = (
            "value",
            "selected_option",
            "selected_options",
            "files",
            "selected_users",
            "selected_conversation",
            "selected_date_time",
        )
        return next((held[name] for name in kept if held.get(name)), None)


class Modal(Place):
    """The modal that a person sees on top."""

    @property
    def title(self) -> str:
        """Its title."""
        return str(self.shape["title"]["text"])

    @property
    def errors(self) -> dict[str, str]:
        """The sentences under its fields, by the fields' labels."""
        labels = {
            block["block_id"]: block["label"]["text"]
            for block in self.shape["blocks"]
            if block["type"] == "input"
        }
        return {labels[block_id]: sentence for block_id, sentence in self.shape["errors"].items()}


class Person:
    """Somebody in Slack."""

    def __init__(self, slack: Slack, user_id: str, name: str) -> None:
        self.slack, self.id, self.name = slack, user_id, name

    # What people do

    async def says(self, text: str, channel: str = GENERAL, *, files: tuple[str, ...] = ()) -> JSON | None:
        """Type into a channel: a command, or a message. Give what a command is answered with at once."""
        if not text.startswith("/"):
            said = await self.does("messages", channel=channel, text=text, file_ids=list(files))
            return dict(said["message"])
        command, _, rest = text.partition(" ")
        said = await self.does("commands", channel=channel, command=command, text=rest)
        return dict(said["message"]) if said.get("message") else None

    async def uses(self, shortcut: str, on: Place | None = None) -> None:
        """Use a shortcut by its callback_id, on a message if it is one for messages."""
        await self.does("shortcuts", callback_id=shortcut, **(on.where if on else {}))

    async def opens_home(self) -> None:
        """Open App Home."""
        await self.does("home")

    async def uploads(self, name: str, data: bytes) -> str:
        """Hand Slack a file; give its id."""
        url = f"{self.slack.url}/_sim/ui/files"
        answer = await self.slack.http.post(url, data={"as": self.id}, files={"file": (name, data)})
        return str(answer.json()["file"]["id"])

    async def invites_the_bot(self, channel: str) -> None:
        """Invite the bot."""
        await self.does(f"channels/{channel}/invite-bot")

    async def clicks(self, label: str, beside: str = "") -> None:
        """Press a button in the modal on top, as soon as there is one."""
        modal = await self.sees_modal(
            lambda modal: any(one["text"]["text"] == label for one in modal.buttons())
        )
        await modal.clicks(label, beside)

    async def enters(self, **fields: Any) -> None:
        """Fill in fields of the modal on top; names with `_` for spaces."""
        for name, value in fields.items():
            label = name.replace("_", " ")
            modal = await self.sees_modal(partial(has_field, label))
            await modal.enters(label, value)

    async def submits(self, **fields: Any) -> None:
        """Fill in fields of the modal on top, and submit it."""
        await self.enters(**fields)
        modal = await self.sees_modal(lambda modal: bool(modal.shape.get("submit")))
        answer = await self.slack.http.post(
            f"{self.slack.url}/_sim/ui/views/{modal.id}/submit", json={"as": self.id}
        )
        assert answer.is_success, answer.text
        assert not answer.json().get("trouble"), answer.json()

    async def goes_back(self, *, clear: bool = False) -> None:
        """Close the modal on top, or all of them."""
        modal = await self.sees_modal(lambda _: True)
        await self.does(f"views/{modal.id}/close", clear=clear)

    # What people see

    async def modals(self) -> list[Modal]:
        """Give the open modals, the lowest first."""
        stack = (await self.looks("views"))["stack"]
        return [Modal(self, view, {"view_id": view["id"]}) for view in stack]

    async def sees_modal(self, which: Callable[[Modal], bool] | str) -> Modal:
        """Wait until the modal on top is as described, or has these words in it."""
        matches = which if callable(which) else lambda modal: which in f"{modal.title}\n{modal.text}"

        async def look() -> Modal | None:
            stack = await self.modals()
            return stack[-1] if stack and matches(stack[-1]) else None

        return await self.until(look, self.modals, f"a modal like {which!r}")

    async def sees_errors(self) -> dict[str, str]:
        """Wait for sentences under the fields of the modal on top, by the fields' labels."""
        return (await self.sees_modal(lambda modal: bool(modal.errors))).errors

    async def sees_no_modal(self) -> None:
        """Wait until no modal is open."""

        async def look() -> bool | None:
            return not await self.modals() or None

        await self.until(look, self.modals, "no modal")

    async def messages(self, channel: str = GENERAL, thread: str | None = None) -> list[Place]:
        """Give the messages of a channel that this person sees, or those of a thread, oldest first."""
        more = {"thread": thread} if thread else {}
        found = (await self.looks("messages", channel=channel, **more))["messages"]
        return [Place(self, one, {"channel": channel, "message_ts": one["ts"]}) for one in found]

    async def looks_again(self, place: Place) -> Place:
        """Give a message, a modal or Home as it is by now."""
        channel = place.where.get("channel")
        shown = await self.messages(channel) if channel else [*await self.modals(), await self.home()]
        return next((one for one in shown if one.id == place.id), place)

    async def sees(self, text: str, channel: str = GENERAL, thread: str | None = None) -> Place:
        """Wait for the newest message with these words."""

        async def look() -> Place | None:
            found = [one for one in await self.messages(channel, thread) if text in one.text]
            return found[-1] if found else None

        return await self.until(look, lambda: self.messages(channel, thread), f"a message with {text!r}")

    async def sees_no_more(self, text: str, channel: str = GENERAL) -> None:
        """Wait until no message has these words any more."""

        async def look() -> bool | None:
            return not any(text in one.text for one in await self.messages(channel)) or None

        await self.until(look, lambda: self.messages(channel), f"no message with {text!r}")

    async def direct_messages(self) -> str:
        """Give the channel of this person's direct messages with the bot."""

        async def look() -> str | None:
            channels = (await self.looks("state"))["channels"]
            return next((str(one["id"]) for one in channels if one["is_im"]), None)

        return await self.until(look, look, "direct messages")

    async def home(self, text: str = "") -> Place:
        """Wait for App Home with these words."""

        async def look() -> Place | None:
            view = (await self.looks("home"))["view"]
            place = Place(self, view, {"view_id": view["id"]}) if view else None
            return place if place and text in place.text else None

        return await self.until(look, look, f"a Home with {text!r}")

    # How it is done

    async def does(self, what: str, **more: Any) -> JSON:
        """Act through the page's interface; what Slack would show as a failure fails the test."""
        answer = await self.slack.http.post(f"{self.slack.url}/_sim/ui/{what}", json={"as": self.id, **more})
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise NotThere(f"{what}: {answer.text}")
        assert answer.is_success, f"{what}: {answer.text}"
        said: JSON = answer.json()
        assert not said.get("error"), f"{what}: {said}"
        return said

    async def looks(self, what: str, **query: str) -> JSON:
        """Look through the page's interface."""
        answer = await self.slack.http.get(
            f"{self.slack.url}/_sim/ui/{what}", params={"as": self.id, **query}
        )
        assert answer.is_success, f"{what}: {answer.text}"
        return dict(answer.json())

    async def until(
        self, look: Callable[[], Awaitable[Seen | None]], other: Callable[[], Awaitable[Any]], what: str
    ) -> Seen:
        """Look again whenever something changed, until it is there."""
        try:
            async with asyncio.timeout(PATIENCE), self.changes() as changes:
                while (found := await look()) is None:
                    await anext(changes)
                return found
        except TimeoutError:
            raise AssertionError(f"{self.name} waited for {what}, and saw:\n{shown(await other())}") from None

    @asynccontextmanager
    async def changes(self) -> AsyncIterator[AsyncIterator[None]]:
        """Follow what changes for this person."""
        url = f"{self.slack.url}/_sim/ui/events"
        async with self.slack.http.stream("GET", url, params={"as": self.id}, timeout=None) as stream:
            yield (None async for line in stream.aiter_lines() if line.startswith("data:"))


def has_field(label: str, modal: Modal) -> bool:
    """Say whether a modal has this field."""
    return any(
        block["type"] == "input" and block["label"]["text"] == label for block in modal.shape["blocks"]
    )


def options_of(element: JSON) -> list[JSON]:
    """Give all options of a menu, those of its groups too."""
    groups = element.get("option_groups") or [element]
    return [option for group in groups for option in group["options"]]


def value_of(options: list[JSON], text: str) -> str:
    """Find an option by what it is called."""
    for option in options:
        if text in option["text"]["text"]:
            return str(option["value"])
    raise AssertionError(f"There is no option {text!r} among {[one['text']['text'] for one in options]}")


def elements(blocks: list[JSON]) -> Iterator[tuple[JSON, JSON]]:
    """Give each block with each element in it."""
    for block in blocks:
        inside = [block.get("accessory"), block.get("element"), *(block.get("elements") or [])]
        yield from ((block, one) for one in inside if isinstance(one, dict))


def words_in(item: Any) -> Iterator[str]:
    """Give every text that stands in blocks."""
    if isinstance(item, list):
        for one in item:
            yield from words_in(one)
    elif isinstance(item, dict):
        if item.get("type") in ("plain_text", "mrkdwn", "text") and isinstance(item.get("text"), str):
            yield item["text"]
        else:
            yield from words_in([value for value in item.values() if isinstance(value, dict | list)])


def shown(seen: Any) -> str:
    """Write down what was seen instead, for the failure."""
    if isinstance(seen, Place):
        return f"[{json.dumps(seen.shape.get('errors'))}] {seen.text}"
    if isinstance(seen, list):
        return "\n---\n".join(shown(one) for one in seen[-3:])
    return str(seen)
