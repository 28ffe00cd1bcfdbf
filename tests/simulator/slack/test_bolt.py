"""Bolt's own documented examples, unchanged but for the base address."""

from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from tests.simulator.slack.hands import ADA, DANA, GENERAL, Simulated

MODAL = {
    "type": "modal",
    "callback_id": "view_1",
    "title": {"type": "plain_text", "text": "My App"},
    "submit": {"type": "plain_text", "text": "Submit"},
    "close": {"type": "plain_text", "text": "Close"},
    "blocks": [
        {
            "type": "input",
            "block_id": "input_c",
            "label": {"type": "plain_text", "text": "What are your hopes and dreams?"},
            "element": {"type": "plain_text_input", "action_id": "dreamy_input", "multiline": True},
        },
    ],
}


def hello_and_modal(app: AsyncApp, heard: list[Any]) -> None:
    @app.command("/probe")
    async def open_modal(ack: Any, body: Any, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.view("view_1")
    async def handle_submission(ack: Any, body: Any, client: Any, view: Any) -> None:
        hopes = view["state"]["values"]["input_c"]["dreamy_input"]["value"]
        if len(hopes) <= 5:
            errors = {"input_c": "The value must be longer than 5 characters"}
            await ack(response_action="errors", errors=errors)
            return
        await ack()
        heard.append(hopes)
        await client.chat_postMessage(channel=body["user"]["id"], text=f"Your submission was: {hopes}")

    @app.shortcut("new")
    async def new(ack: Any, body: Any, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.shortcut("take")
    async def take(ack: Any, shortcut: Any, respond: Any) -> None:
        await ack()
        heard.append(shortcut["message"]["files"][0]["name"])
        await respond("Taken.")

    @app.event("app_home_opened")
    async def home(client: Any, event: Any) -> None:
        view = {
            "type": "home",
            "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "*Welcome home* :house:"}}],
        }
        await client.views_publish(user_id=event["user"], view=view)
        heard.append("home")

    @app.action("approve_button")
    async def approve(ack: Any, say: Any, body: Any) -> None:
        await ack()
        heard.append(body["actions"][0]["value"])
        await say(text=f"<@{body['user']['id']}> approved", thread_ts=body["container"]["message_ts"])

    @app.event("app_mention")
    async def mention(event: Any, say: Any) -> None:
        heard.append(event["text"])
        await say("You called?")

    @app.event("message")
    async def message() -> None:
        """Hear what is subscribed to, so that it is acknowledged."""


async def talk(simulated: Simulated, heard: list[Any]) -> None:
    """Act as a person through every flow; the app may be reached over HTTP or a socket."""
    ran = await simulated.post(
        "commands", **{"as": DANA, "channel": GENERAL, "command": "/probe", "text": "x"}
    )
    assert ran == {"ok": True}
    view = await eventually_a_view(simulated, DANA)
    short = await type_and_submit(simulated, view, "Tea")
    assert short["errors"] == {"input_c": "The value must be longer than 5 characters"}
    assert await type_and_submit(simulated, view, "World peace") == {"ok": True}
    assert await simulated.stack(DANA) == []
    assert heard == ["World peace"]


async def type_and_submit(simulated: Simulated, view: dict[str, Any], words: str) -> dict[str, Any]:
    where = {"as": DANA, "view_id": view["id"], "block_id": "input_c", "action_id": "dreamy_input"}
    assert await simulated.post("actions", **where, value=words) == {"ok": True}
    return await simulated.post(f"views/{view['id']}/submit", **{"as": DANA})


async def eventually_a_view(simulated: Simulated, who: str) -> dict[str, Any]:
    await simulated.until(lambda: simulated.slack.world.stacks.get(who), who)
    return (await simulated.stack(who))[-1]


async def test_command_and_modal_over_http(simulated: Simulated, bolt: AsyncApp, serving: Any) -> None:
    heard: list[Any] = []
    hello_and_modal(bolt, heard)
    async with serving(bolt):
        await talk(simulated, heard)
    direct = await find_direct(simulated, DANA)
    assert [one["text"] for one in await simulated.messages(DANA, direct)] == [
        "Your submission was: World peace"
    ]


async def find_direct(simulated: Simulated, who: str) -> str:
    state = await simulated.get("state", **{"as": who})
    return next(str(channel["id"]) for channel in state["channels"] if channel["is_im"])


async def test_command_and_modal_over_a_socket(simulated: Simulated, bolt: AsyncApp) -> None:
    heard: list[Any] = []
    hello_and_modal(bolt, heard)
    handler: Any = AsyncSocketModeHandler(bolt, "xapp-simulator-app")
    await handler.connect_async()
    try:
        await talk(simulated, heard)
        state = await simulated.get("state", **{"as": DANA})
        assert state["mode"] == "socket"
    finally:
        await handler.close_async()


async def test_shortcuts(simulated: Simulated, bolt: AsyncApp, serving: Any) -> None:
    heard: list[Any] = []
    hello_and_modal(bolt, heard)
    async with serving(bolt):
        assert await simulated.post("shortcuts", **{"as": ADA, "callback_id": "new"}) == {"ok": True}
        assert (await eventually_a_view(simulated, ADA))["callback_id"] == "view_1"
        message = (await simulated.messages(ADA, GENERAL))[0]
        taken = {"as": ADA, "callback_id": "take", "channel": GENERAL, "message_ts": message["ts"]}
        assert await simulated.post("shortcuts", **taken) == {"ok": True}
        await simulated.until(lambda: heard)
    assert heard == ["autumn-latte.jpg"]


async def test_home(simulated: Simulated, bolt: AsyncApp, serving: Any) -> None:
    heard: list[Any] = []
    hello_and_modal(bolt, heard)
    async with serving(bolt):
        await simulated.post("home", **{"as": DANA})
        await simulated.until(lambda: simulated.slack.world.homes)
    home = await simulated.get("home", **{"as": DANA})
    assert home["view"]["blocks"][0]["text"]["text"] == "*Welcome home* :house:"


async def test_a_button_and_its_thread(simulated: Simulated, bolt: AsyncApp, serving: Any) -> None:
    heard: list[Any] = []
    hello_and_modal(bolt, heard)
    button = {
        "type": "button",
        "action_id": "approve_button",
        "value": "42",
        "text": {"type": "plain_text", "text": "Approve"},
    }
    blocks = [{"type": "actions", "block_id": "b", "elements": [button]}]
    posted = await simulated.web().chat_postMessage(channel=GENERAL, text="Please", blocks=blocks)
    click = {"as": ADA, "channel": GENERAL, "message_ts": posted["ts"], "block_id": "b"}
    async with serving(bolt):
        assert await simulated.post("actions", **click, action_id="approve_button") == {"ok": True}
        await simulated.until(lambda: simulated.slack.threads.get((GENERAL, posted["ts"])))
    thread = await simulated.messages(ADA, GENERAL, thread=posted["ts"])
    assert heard == ["42"]
    assert thread[1]["text"] == f"<@{ADA}> approved"


async def test_a_mention(simulated: Simulated, bolt: AsyncApp, serving: Any) -> None:
    heard: list[Any] = []
    hello_and_modal(bolt, heard)
    async with serving(bolt):
        await simulated.post("messages", **{"as": DANA, "channel": GENERAL, "text": "@probe are you there?"})
        await simulated.until(lambda: len(simulated.slack.world.messages[GENERAL]) > 2)
    assert heard == ["<@U0PRESSBOT> are you there?"]


async def test_files_upload_v2(simulated: Simulated, picture: bytes) -> None:
    web = simulated.web()
    sent = await web.files_upload_v2(
        filename="a.png", content=picture, channel=GENERAL, initial_comment="Look"
    )
    assert sent["file"]["size"] == len(picture)
    shown = (await simulated.messages(DANA, GENERAL))[-1]
    assert (shown["text"], shown["files"][0]["mimetype"]) == ("Look", "image/png")
