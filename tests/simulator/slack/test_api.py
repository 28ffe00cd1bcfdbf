from typing import Any

import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler

from tests.simulator.slack.blockkit_samples import plain, section
from tests.simulator.slack.hands import ADA, BOARD, DANA, GENERAL, HARBOR, NORTHWIND, OTTO, QUIET, Simulated

BOT = "U0PRESSBOT"


async def post(simulated: Simulated, channel: str = GENERAL, **more: Any) -> dict[str, Any]:
    return await simulated.call("chat.postMessage", **{"channel": channel, "text": "Hello", **more})


async def error(simulated: Simulated, method: str, **arguments: Any) -> str:
    return str((await simulated.call(method, **arguments)).get("error"))


async def test_arguments_come_from_anywhere(simulated: Simulated) -> None:
    bearer = {"authorization": "Bearer xoxb-simulator-bot"}
    asked = simulated.http
    assert (await asked.get("/api/users.info", params={"user": DANA}, headers=bearer)).json()["ok"]
    assert (await asked.post("/api/users.info", data={"user": DANA}, headers=bearer)).json()["ok"]
    ignored = (await asked.post("/api/users.info", json={"user": DANA}, headers=bearer)).json()
    assert ignored["error"] == "invalid_arguments"
    assert ignored["response_metadata"]["messages"] == ["[ERROR] missing required field: user"]
    in_form = {
        "channel": GENERAL,
        "text": "x",
        "blocks": '[{"type": "divider"}]',
        "token": "xoxb-simulator-bot",
    }
    sent = (await asked.post("/api/chat.postMessage", data=in_form)).json()
    assert sent["message"]["blocks"][0]["type"] == "divider"
    assert (await asked.post("/api/auth.test", params={"token": "xoxb-simulator-bot"})).json()[
        "error"
    ] == "not_authed"


async def test_a_json_body_without_charset_is_warned_of(simulated: Simulated) -> None:
    answer = await post(simulated)
    assert answer["warning"] == "missing_charset"
    assert "warning" not in (await simulated.web().chat_postMessage(channel=GENERAL, text="x")).data


@pytest.mark.parametrize(
    ("method", "token", "says"),
    [
        ("auth.test", "xoxb-wrong", "invalid_auth"),
        ("auth.test", "xapp-simulator-app", "not_allowed_token_type"),
        ("apps.connections.open", "xoxb-simulator-bot", "not_allowed_token_type"),
        ("chat.startStream", "xoxb-simulator-bot", "unknown_method"),
    ],
)
async def test_who_may_call_what(simulated: Simulated, method: str, token: str, says: str) -> None:
    assert (await simulated.call(method, token))["error"] == says


async def test_scopes_are_those_of_the_manifest(simulated: Simulated) -> None:
    answer = await simulated.read("users.lookupByEmail", email="dana@brightside.example")
    assert (answer["error"], answer["needed"]) == ("missing_scope", "users:read.email")
    assert "chat:write" in answer["provided"]
    response = await simulated.web().auth_test()
    assert "chat:write" in response.headers["x-oauth-scopes"]
    assert response["bot_id"] == "B0PRESSBOT"


async def test_where_the_app_may_post(simulated: Simulated) -> None:
    assert (await post(simulated, QUIET))["error"] == "not_in_channel"
    assert (await post(simulated, BOARD))["error"] == "channel_not_found"
    assert (await post(simulated, "C0NOWHERE1"))["error"] == "channel_not_found"
    await simulated.http.post(f"/_sim/channels/{HARBOR}", json={"is_archived": True})
    assert (await post(simulated, HARBOR))["error"] == "is_archived"
    direct = await post(simulated, DANA)
    assert direct["channel"].startswith("D")
    assert (await post(simulated, DANA))["channel"] == direct["channel"]
    private = {"channel": GENERAL, "user": OTTO, "text": "x"}
    assert await error(simulated, "chat.postEphemeral", **private) == "user_not_in_channel"
    assert (await simulated.call("conversations.join"))["error"] == "invalid_arguments"
    assert (await simulated.call("conversations.join", channel=QUIET))["channel"]["is_member"] is True
    assert (await post(simulated, QUIET))["ok"]


async def test_only_its_own_messages_are_the_apps_to_change(simulated: Simulated) -> None:
    danas = (await simulated.messages(DANA, GENERAL))[0]["ts"]
    assert await error(simulated, "chat.update", channel=GENERAL, ts=danas, text="x") == "cant_update_message"
    assert await error(simulated, "chat.delete", channel=GENERAL, ts=danas) == "cant_delete_message"
    assert await error(simulated, "chat.update", channel=GENERAL, ts="1.1", text="x") == "message_not_found"
    hidden = await simulated.call("chat.postEphemeral", channel=GENERAL, user=DANA, text="x")
    assert "ts" not in hidden
    assert (
        await error(simulated, "chat.update", channel=GENERAL, ts=hidden["message_ts"], text="x")
        == "message_not_found"
    )
    mine = (await post(simulated, metadata={"event_type": "card", "event_payload": {"id": 1}}))["ts"]
    updated = await simulated.call(
        "chat.update", channel=GENERAL, ts=mine, text="New", blocks=[section("New & <b>")]
    )
    assert (updated["ts"], updated["text"]) == (mine, "New")
    assert updated["message"]["metadata"]["event_payload"] == {"id": 1}
    assert updated["message"]["blocks"][0]["text"]["text"] == "New &amp; &lt;b&gt;"
    assert await error(simulated, "chat.update", channel=GENERAL, ts=mine, text="x" * 4001) == "msg_too_long"
    assert (await simulated.call("chat.delete", channel=GENERAL, ts=mine))["ok"]


async def test_what_a_message_must_be(simulated: Simulated) -> None:
    assert (await post(simulated, text=""))["error"] == "no_text"
    assert (await post(simulated, markdown_text="x"))["error"] == "markdown_text_conflict"
    assert (await post(simulated, blocks="{]"))["error"] == "invalid_blocks_format"
    assert (await post(simulated, metadata={"event_type": 1}))["error"] == "invalid_metadata_schema"
    wrong = await post(simulated, blocks=[{"type": "header", "text": plain("x" * 151)}])
    assert (wrong["error"], wrong["errors"]) == (
        "invalid_blocks",
        ["must be less than 151 characters [json-pointer:/blocks/0/text/text]"],
    )
    assert wrong["response_metadata"]["messages"] == [f"[ERROR] {wrong['errors'][0]}"]
    await post(simulated, text="", blocks=[section()])
    assert "missing_text" in simulated.warned()


async def test_threads_and_permalinks(simulated: Simulated) -> None:
    root, second = await post(simulated), await post(simulated)
    assert root["ts"] < second["ts"]
    reply = await post(simulated, thread_ts=root["ts"], text="Reply")
    assert reply["message"]["parent_user_id"] == BOT
    link = await simulated.read("chat.getPermalink", channel=GENERAL, message_ts=reply["ts"])
    digits = reply["ts"].replace(".", "")
    assert link["permalink"].endswith(f"/archives/{GENERAL}/p{digits}?thread_ts={root['ts']}&cid={GENERAL}")
    assert [one["reply_count"] for one in await simulated.messages(DANA, GENERAL)] == [0, 1, 0]
    thread = await simulated.messages(DANA, GENERAL, thread=root["ts"])
    assert [one["text"] for one in thread] == ["Hello", "Reply"]


async def test_people(simulated: Simulated) -> None:
    web = simulated.web()
    ada = (await web.users_info(user=ADA))["user"]
    assert (ada["tz"], ada["is_admin"], ada["profile"].get("email")) == ("Europe/Stockholm", True, None)
    otto = (await web.users_info(user=OTTO))["user"]
    assert (otto["is_stranger"], otto["is_admin"], otto["team_id"]) == (True, False, "T0NORTHW01")
    with pytest.raises(SlackApiError, match="user_not_found"):
        await web.users_info(user="U0NOBODY01")
    names = [user["name"] async for page in await web.users_list(limit=2) for user in page["members"]]
    assert names == ["ada", "dana", "lee", "otto", "probe"]
    members = await web.conversations_members(channel=NORTHWIND, limit=4)
    assert (len(members["members"]), bool(members["response_metadata"]["next_cursor"])) == (4, True)


async def test_one_message_a_second_and_channel(simulated: Simulated) -> None:
    simulated.slack.settings.rate_burst = 2
    answers = [await post(simulated) for _ in range(3)]
    assert [answer.get("error") for answer in answers] == [None, None, "ratelimited"]
    limited = await simulated.http.post(
        "/api/chat.postMessage",
        json={"channel": GENERAL, "text": "x"},
        headers={"authorization": "Bearer xoxb-simulator-bot"},
    )
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "1")
    assert (await post(simulated, HARBOR))["ok"]
    await simulated.http.post("/_sim/clock", json={"advance": 1})
    assert (await post(simulated))["ok"]


async def test_faults_before_and_after_the_effect(simulated: Simulated) -> None:
    async def next_time(**fault: Any) -> None:
        await simulated.http.post("/_sim/faults", json={"match": "chat.postMessage", **fault})

    await next_time(kind="error", error="fatal_error")
    assert (await post(simulated))["error"] == "fatal_error"
    assert len(await simulated.messages(DANA, GENERAL)) == 1
    await next_time(kind="drop_after")
    with pytest.raises(httpx.RemoteProtocolError):
        await post(simulated)
    assert len(await simulated.messages(DANA, GENERAL)) == 2
    await next_time(kind="rate_limit", retry_after=0)
    web = simulated.web(retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=1)])
    assert (await web.chat_postMessage(channel=GENERAL, text="x"))["ok"]
    asked = (await simulated.http.get("/_sim/requests")).json()
    assert [entry["status"] for entry in asked] == [200, None, 429, 200]
    assert asked[0]["headers"]["authorization"] == "Bearer xoxb-…-bot"


async def test_a_message_waits_for_its_minute(simulated: Simulated) -> None:
    now = int(simulated.slack.now())
    later = {"channel": GENERAL, "text": "Later"}
    assert await error(simulated, "chat.scheduleMessage", **later, post_at=now - 1) == "time_in_past"
    assert (
        await error(simulated, "chat.scheduleMessage", **later, post_at=now + 121 * 86400) == "time_too_far"
    )
    waiting = await simulated.call("chat.scheduleMessage", **later, post_at=now + 3600)
    taken_back = {"channel": GENERAL, "scheduled_message_id": waiting["scheduled_message_id"]}
    assert (await simulated.call("chat.deleteScheduledMessage", **taken_back))["ok"]
    assert (
        await error(simulated, "chat.deleteScheduledMessage", **taken_back) == "invalid_scheduled_message_id"
    )


async def test_validating_blocks(simulated: Simulated) -> None:
    assert (await simulated.call("blocks.validate", "", blocks='[{"type": "divider"}]'))["ok"]
    assert (await simulated.call("blocks.validate", "", view='{"type": "modal"}'))["error"] == "invalid_view"
    assert (await simulated.call("blocks.validate", ""))["error"] == "invalid_arguments"


async def test_reactions(simulated: Simulated) -> None:
    ts = (await post(simulated))["ts"]
    react = {"channel": GENERAL, "timestamp": ts, "name": "eyes"}
    web = simulated.web()
    assert (await web.reactions_add(**react))["ok"]
    assert await error(simulated, "reactions.add", **react) == "already_reacted"
    assert (await simulated.messages(DANA, GENERAL))[-1]["reactions"] == [{"name": "eyes", "users": [BOT]}]


async def test_an_uninstalled_app_has_no_token(simulated: Simulated) -> None:
    await simulated.http.post("/_sim/uninstall", json={})
    assert (await simulated.call("auth.test"))["error"] == "token_revoked"
