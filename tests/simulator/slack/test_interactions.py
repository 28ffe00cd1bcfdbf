import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from slack_sdk.signature import SignatureVerifier
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from tests.simulator.slack.blockkit_samples import (
    actions,
    button,
    element,
    field,
    modal,
    option,
    plain,
    section,
)
from tests.simulator.slack.hands import ADA, BOARD, DANA, GENERAL, LEE, NORTHWIND, OTTO, QUIET, Simulated
from tests.simulator.slack.test_views import opened

TROUBLE = "We had some trouble connecting. Try again?"


class Heard:
    """An app that keeps what it hears, and says what it is told to."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.say: Callable[[Any], Awaitable[Response]] | Response = Response()

    async def answer(self, request: Request) -> Response:
        self.requests.append((dict(request.headers), await request.body()))
        return self.say if isinstance(self.say, Response) else await self.say(self.last)

    @property
    def last(self) -> Any:
        return self.payload(-1)

    def payload(self, index: int) -> Any:
        headers, body = self.requests[index]
        if "json" in headers["content-type"]:
            return json.loads(body)
        fields = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
        return json.loads(fields["payload"]) if "payload" in fields else fields


@pytest.fixture
async def heard(answering: Any) -> AsyncIterator[Heard]:
    app = Heard()
    async with answering(app.answer):
        yield app


def command(**more: Any) -> dict[str, Any]:
    return {"as": DANA, "channel": GENERAL, "command": "/probe", "text": "a payload", **more}


async def submit(simulated: Simulated, view: dict[str, Any]) -> dict[str, Any]:
    return await simulated.post(f"views/{view['id']}/submit", **{"as": DANA})


async def test_deliveries_are_signed_over_the_exact_bytes(simulated: Simulated, heard: Heard) -> None:
    assert await simulated.post("commands", **command()) == {"ok": True}
    headers, body = heard.requests[0]
    assert SignatureVerifier("simulator-signing-secret").is_valid_request(body, headers)
    assert heard.last["text"] == "a payload"
    assert heard.last["is_enterprise_install"] == "false"
    simulated.slack.settings.signature = "bad"
    await simulated.post("commands", **command())
    headers, body = heard.requests[1]
    assert not SignatureVerifier("simulator-signing-secret").is_valid_request(body, headers)


async def test_what_the_app_said_is_shown_cut_short_unless_one_asks_for_it(
    simulated: Simulated, heard: Heard
) -> None:
    async def leak(_: Any) -> Response:
        return JSONResponse({"text": "xoxb-canary-0123456789"})

    heard.say = leak
    await simulated.post("commands", **command())
    said = [
        (await simulated.http.get("/_sim/deliveries", params=asked)).json()[0]["said"]["text"]
        for asked in ({}, {"raw": "yes"})
    ]
    assert said == ["xoxb-…6789", "xoxb-canary-0123456789"]


async def test_a_late_acknowledgement_is_a_visible_failure(simulated: Simulated, heard: Heard) -> None:
    never = asyncio.Event()

    async def hang(_: Any) -> Response:
        await never.wait()
        return Response()

    heard.say = hang
    simulated.slack.settings.ack_seconds = 0.05
    assert await simulated.post("commands", **command()) == {"ok": False, "error": "operation_timeout"}
    assert simulated.warned() == ["not_acknowledged"]
    view = await opened(simulated, modal(section()))
    assert await submit(simulated, view) == {"ok": False, "trouble": TROUBLE}
    assert (await simulated.stack(DANA))[0]["trouble"] == TROUBLE
    never.set()


async def test_a_404_and_nobody_there_are_visible(simulated: Simulated, heard: Heard) -> None:
    heard.say = JSONResponse({"error": "unhandled request"}, status_code=404)
    assert await simulated.post("commands", **command()) == {"ok": False, "error": "dispatch_failed"}
    await simulated.http.post("/_sim/app", json={"url": None})
    assert await simulated.post("commands", **command()) == {"ok": False, "error": "dispatch_failed"}


async def test_what_the_manifest_does_not_declare_is_refused(simulated: Simulated, heard: Heard) -> None:
    assert "does not declare" in (await simulated.post("commands", **command(command="/other")))["error"]
    assert (
        "declares no shortcut"
        in (await simulated.post("shortcuts", **{"as": DANA, "callback_id": "x"}))["error"]
    )
    assert "threads" in (await simulated.post("commands", **command(thread_ts="1.2")))["error"]
    stranger = await simulated.post("commands", **command(**{"as": OTTO, "channel": NORTHWIND}))
    assert "not installed in Northwind Coffee" in stranger["error"]
    assert heard.requests == []


async def test_a_command_may_be_answered_at_once_and_later(simulated: Simulated, heard: Heard) -> None:
    heard.say = PlainTextResponse("Only you see <this>")
    ran = await simulated.post("commands", **command())
    assert (ran["message"]["text"], ran["message"]["only_for"]) == ("Only you see &lt;this&gt;", DANA)
    assert len(await simulated.messages(LEE, GENERAL)) == 1
    url = heard.last["response_url"]
    for _ in range(5):
        assert (
            await simulated.http.post(url, json={"text": "More", "response_type": "in_channel"})
        ).text == "ok"
    used_up = await simulated.http.post(url, json={"text": "Too much"})
    assert (used_up.status_code, used_up.json()["error"]) == (404, "used_url")
    assert [one["text"] for one in await simulated.messages(LEE, GENERAL)][1:] == ["More"] * 5


async def test_a_response_url_lasts_half_an_hour(simulated: Simulated, heard: Heard) -> None:
    await simulated.post("commands", **command())
    await simulated.http.post("/_sim/clock", json={"advance": 1801})
    answer = await simulated.http.post(heard.last["response_url"], json={"text": "Late"})
    assert (answer.status_code, answer.json()["error"]) == (404, "expired_url")


@pytest.mark.parametrize(
    ("said", "left", "answer"),
    [
        (Response(), 1, {"ok": True}),
        (JSONResponse({"response_action": "clear"}), 0, {"ok": True}),
        (JSONResponse({"response_action": "update", "view": modal(title=plain("New"))}), 2, {"ok": True}),
        (JSONResponse({"response_action": "push", "view": modal()}), 3, {"ok": True}),
        (
            JSONResponse({"response_action": "errors", "errors": {"field_b": "No"}}),
            2,
            {"ok": False, "errors": {"field_b": "No"}},
        ),
        (
            JSONResponse({"response_action": "errors", "errors": {"field": "No"}}),
            2,
            {"ok": False, "trouble": TROUBLE},
        ),
        (PlainTextResponse("ok"), 2, {"ok": False, "trouble": TROUBLE}),
        (JSONResponse({}), 2, {"ok": False, "trouble": TROUBLE}),
        (Response(status_code=500), 2, {"ok": False, "trouble": TROUBLE}),
        (
            JSONResponse({"response_action": "update", "view": modal(title=plain("x" * 25))}),
            2,
            {"ok": False, "trouble": TROUBLE},
        ),
    ],
)
async def test_what_an_answer_to_a_submission_does(
    simulated: Simulated, heard: Heard, said: Response, left: int, answer: dict[str, Any]
) -> None:
    await opened(simulated)
    slack = simulated.slack
    trigger = slack.triggers.issue(slack.ids, user=DANA, team_id="T0BRIGHT01", now=slack.now())
    filled = modal(field(element(initial_value="x")))
    top = (await simulated.call("views.push", trigger_id=trigger, view=filled))["view"]
    heard.say = said
    assert await submit(simulated, top) == answer
    stack = await simulated.stack(DANA)
    assert len(stack) == left
    assert heard.last["view"]["state"]["values"] == {
        "field_b": {"field": {"type": "plain_text_input", "value": "x"}}
    }
    assert ("modal_trouble" in simulated.warned()) == ("trouble" in answer)


async def test_only_a_view_that_asks_is_told_when_it_closes(simulated: Simulated, heard: Heard) -> None:
    quiet = await opened(simulated)
    await simulated.post(f"views/{quiet['id']}/close", **{"as": DANA})
    assert heard.requests == []
    told = await opened(simulated, modal(field(element(initial_value="x")), notify_on_close=True))
    await simulated.post(f"views/{told['id']}/close", **{"as": DANA, "clear": True})
    assert (heard.last["type"], heard.last["is_cleared"]) == ("view_closed", True)
    assert heard.last["view"]["state"]["values"] == {}


async def test_an_input_tells_only_with_dispatch_action(simulated: Simulated, heard: Heard) -> None:
    listening = field(element("users_select"), "listening", dispatch_action=True)
    view = await opened(simulated, modal(field(block_id="quiet"), listening))
    where = {"as": DANA, "view_id": view["id"], "action_id": "field"}
    await simulated.post("actions", **where, block_id="quiet", value="typed")
    assert heard.requests == []
    await simulated.post("actions", **where, block_id="listening", selected_user=ADA)
    payload = heard.last
    assert payload["container"] == {"type": "view", "view_id": view["id"]}
    assert payload["actions"][0]["selected_user"] == ADA
    assert payload["view"]["state"]["values"]["quiet"]["field"]["value"] == "typed"
    assert not {"message", "channel", "response_url"} & set(payload)


async def test_a_click_in_a_message(simulated: Simulated, heard: Heard) -> None:
    choose = element("static_select", options=[option("a"), option("b")])
    posted = await simulated.call(
        "chat.postMessage", channel=GENERAL, text="Choose", blocks=[actions(choose, button(value="1"))]
    )
    where = {"as": LEE, "channel": GENERAL, "message_ts": posted["ts"], "block_id": "buttons"}
    await simulated.post("actions", **where, action_id="field", selected_option="b")
    await simulated.post("actions", **where, action_id="go")
    assert heard.last["message"]["ts"] == posted["ts"]
    assert heard.last["state"]["values"]["buttons"]["field"]["selected_option"]["value"] == "b"
    assert heard.last["actions"][0]["value"] == "1"
    replaced = await simulated.http.post(
        heard.last["response_url"], json={"text": "Done", "replace_original": True}
    )
    assert replaced.text == "ok"
    shown = (await simulated.messages(LEE, GENERAL))[-1]
    assert (shown["text"], shown["blocks"], shown["edited"]) == ("Done", [], True)


async def test_a_click_in_an_ephemeral_message_comes_without_it(simulated: Simulated, heard: Heard) -> None:
    await simulated.call(
        "chat.postEphemeral", channel=GENERAL, user=LEE, text="Psst", blocks=[actions(button())]
    )
    mine = (await simulated.messages(LEE, GENERAL))[-1]
    where = {"channel": GENERAL, "message_ts": mine["ts"], "block_id": "buttons", "action_id": "go"}
    await simulated.post("actions", **{"as": LEE}, **where)
    assert "message" not in heard.last
    assert heard.last["container"]["is_ephemeral"] is True
    assert "no message" in (await simulated.post("actions", **{"as": ADA}, **where))["error"]
    deleted = await simulated.http.post(heard.last["response_url"], json={"delete_original": True})
    assert deleted.text == "ok"
    assert len(await simulated.messages(LEE, GENERAL)) == 1


async def test_suggestions(simulated: Simulated, heard: Heard) -> None:
    view = await opened(simulated, modal(field(element("external_select", min_query_length=1))))
    where = {"as": DANA, "view_id": view["id"], "block_id": "field_b", "action_id": "field"}
    heard.say = JSONResponse({"options": [option("n", "Northwind")]})
    assert (await simulated.post("suggestions", **where, value="")) == {"options": []}
    assert heard.requests == []
    assert (await simulated.post("suggestions", **where, value="n"))["options"][0]["value"] == "n"
    assert not {"trigger_id", "response_url", "response_urls"} & set(heard.last)
    assert await simulated.post("actions", **where, selected_option="n") == {"ok": True}
    heard.say = JSONResponse({"options": [option("x" * 151)]})
    assert await simulated.post("suggestions", **where, value="n") == {"error": "dispatch_failed"}
    assert "bad_options" in simulated.warned()


async def test_a_message_shortcut_where_the_app_is_not(
    simulated: Simulated, heard: Heard, picture: bytes
) -> None:
    file = await simulated.upload(ADA, picture)
    posted = await simulated.post(
        "messages", **{"as": ADA, "channel": BOARD, "text": "", "file_ids": [file["id"]]}
    )
    taken = {"as": LEE, "callback_id": "take", "channel": BOARD, "message_ts": posted["message"]["ts"]}
    assert await simulated.post("shortcuts", **taken) == {"ok": True}
    assert heard.last["type"] == "message_action"
    assert heard.last["message"]["files"][0]["id"] == file["id"]
    assert (await simulated.read("files.info", file=file["id"]))["error"] == "file_not_found"
    private = heard.last["message"]["files"][0]["url_private"]
    page = await simulated.http.get(private, headers={"authorization": "Bearer xoxb-simulator-bot"})
    assert (page.status_code, page.text[:9]) == (200, "<!DOCTYPE")


async def test_unacknowledged_events_come_again(simulated: Simulated, heard: Heard) -> None:
    heard.say = Response(status_code=500)
    await simulated.post("home", **{"as": DANA})
    await asyncio.gather(*simulated.slack.tasks)
    headers = [sent for sent, _ in heard.requests]
    assert [sent.get("x-slack-retry-num") for sent in headers] == [None, "1", "2", "3"]
    assert headers[1]["x-slack-retry-reason"] == "http_error"
    assert len({heard.payload(index)["event_id"] for index in range(4)}) == 1


async def test_an_app_may_ask_not_to_be_told_again(simulated: Simulated, heard: Heard) -> None:
    heard.say = Response(status_code=500, headers={"x-slack-no-retry": "1"})
    await simulated.post("home", **{"as": DANA})
    await asyncio.gather(*simulated.slack.tasks)
    assert len(heard.requests) == 1


async def test_probes(simulated: Simulated, heard: Heard) -> None:
    async def echo(payload: Any) -> Response:
        return JSONResponse({"challenge": payload["challenge"]})

    heard.say = echo
    answer = await simulated.http.post("/_sim/probe", json={"kind": "url_verification"})
    assert answer.json()["ok"] is True


async def test_the_app_hears_only_where_it_is(simulated: Simulated, heard: Heard) -> None:
    await simulated.post("messages", **{"as": DANA, "channel": QUIET, "text": "Hello?"})
    await simulated.post("messages", **{"as": DANA, "channel": GENERAL, "text": "Hello!"})
    await asyncio.gather(*simulated.slack.tasks)
    assert [heard.payload(index)["event"]["text"] for index in range(len(heard.requests))] == ["Hello!"]
    await simulated.post(f"channels/{QUIET}/invite-bot", **{"as": DANA})
    await asyncio.gather(*simulated.slack.tasks)
    assert heard.last["event"]["type"] == "member_joined_channel"


async def test_the_app_hears_of_metadata_that_it_subscribed_to(simulated: Simulated, heard: Heard) -> None:
    """Of its own messages, too, where it is."""
    probed, other = ({"event_type": kind, "event_payload": {"id": "7"}} for kind in ("probed", "other"))
    posted = await simulated.call("chat.postMessage", channel=GENERAL, text="Here", metadata=probed)
    await simulated.call("chat.postMessage", channel=GENERAL, text="Here", metadata=other)
    await simulated.call("chat.postMessage", channel=QUIET, text="Here", metadata=probed)
    await simulated.call("chat.delete", channel=GENERAL, ts=posted["ts"])
    await asyncio.gather(*simulated.slack.tasks)
    events = [heard.payload(index)["event"] for index in range(len(heard.requests))]
    told = {one["type"]: one for one in events if one["type"].startswith("message_metadata")}
    assert len([one for one in events if one["type"] in told]) == 2
    for event in told.values():
        assert (event["channel_id"], event["message_ts"]) == (GENERAL, posted["ts"])
        assert event["bot_id"] == posted["message"]["bot_id"]
    assert told["message_metadata_posted"]["metadata"] == probed
    assert told["message_metadata_deleted"]["previous_metadata"] == probed
