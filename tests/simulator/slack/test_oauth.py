import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from slack_sdk.errors import SlackApiError

from tests.simulator.slack.hands import OTTO, Simulated

# slack_sdk's oauth_v2_access is what warns
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
ASKED = {
    "client_id": "simulator-client-id",
    "scope": "commands,chat:write",
    "state": "s1",
    "redirect_uri": "https://app.example/slack/oauth_redirect",
}


async def code(simulated: Simulated, **more: str) -> dict[str, str]:
    form = {**ASKED, "team": "T0NORTHW01", "decision": "allow", **more}
    answer = await simulated.http.post("/oauth/v2/authorize", data=form)
    assert answer.status_code == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


async def access(simulated: Simulated, **arguments: Any) -> dict[str, Any]:
    secrets = {"client_id": "simulator-client-id", "client_secret": "simulator-client-secret"}
    answer: Any = await simulated.web("").oauth_v2_access(**{**secrets, **arguments})
    return dict(answer.data)


async def refused(simulated: Simulated, **arguments: Any) -> str:
    try:
        await access(simulated, **arguments)
    except SlackApiError as wrong:
        return str(wrong.response["error"])
    return ""


async def test_installing_into_another_workspace(simulated: Simulated) -> None:
    page = await simulated.http.get("/oauth/v2/authorize", params=ASKED)
    assert "Northwind Coffee" in page.text
    back = await code(simulated)
    assert back["state"] == "s1"
    installed = await access(simulated, code=back["code"], redirect_uri=ASKED["redirect_uri"])
    assert (installed["team"]["id"], installed["scope"]) == ("T0NORTHW01", "commands,chat:write")
    assert (await simulated.call("auth.test", installed["access_token"]))["team"] == "Northwind Coffee"
    assert await refused(simulated, code=back["code"]) == "invalid_code"
    assert (await simulated.get("state", **{"as": OTTO}))["app"]["installed"] is True


async def test_what_oauth_refuses(simulated: Simulated) -> None:
    elsewhere = await simulated.http.get(
        "/oauth/v2/authorize", params={**ASKED, "redirect_uri": "https://evil.example/"}
    )
    assert "did not match any configured URIs" in elsewhere.text
    more = await simulated.http.get("/oauth/v2/authorize", params={**ASKED, "scope": "admin"})
    assert "Invalid permissions requested" in more.text
    assert (await code(simulated, decision="cancel"))["error"] == "access_denied"
    back = await code(simulated)
    assert await refused(simulated, code=back["code"], client_secret="no") == "bad_client_secret"
    assert (
        await refused(simulated, code=back["code"], redirect_uri="https://app.example/x")
        == "bad_redirect_uri"
    )
    late = await code(simulated)
    await simulated.http.post("/_sim/clock", json={"advance": 601})
    assert await refused(simulated, code=late["code"]) == "invalid_code"


async def test_rotated_tokens_end_and_are_refreshed_once(simulated: Simulated, monkeypatch: Any) -> None:
    monkeypatch.setattr(simulated.slack.manifest.settings, "token_rotation_enabled", True)
    first = await access(simulated, code=(await code(simulated))["code"])
    await simulated.http.post("/_sim/clock", json={"advance": first["expires_in"]})
    assert (await simulated.call("auth.test", first["access_token"]))["error"] == "token_expired"
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = await access(simulated, **refresh)
    assert (await simulated.call("auth.test", second["access_token"]))["ok"]
    assert await refused(simulated, **refresh) == "invalid_refresh_token"
    await asyncio.gather(*simulated.slack.tasks)
