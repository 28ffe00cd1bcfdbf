"""Whatever a signed request carries, it is answered: parts missing, and values that no button of ours has."""

import json
from typing import Any
from urllib.parse import urlencode

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import ids
from tests.bot.test_requests import FORM, knock

OURS = sorted(
    {value for name, value in vars(ids).items() if isinstance(value, str) and not name.startswith("_")}
)
VALUES = st.text(max_size=40) | st.sampled_from(["", "x:1:1", "0" * 32, "null", "{}"])
ACTIONS = st.fixed_dictionaries(
    {"action_id": st.sampled_from(OURS), "block_id": VALUES},
    optional={"value": VALUES, "action_ts": VALUES, "type": st.sampled_from(["button", "static_select"])},
)
VIEWS = st.fixed_dictionaries(
    {
        "id": VALUES,
        "callback_id": st.sampled_from(OURS),
        "private_metadata": VALUES,
        "type": st.sampled_from(["modal", "home"]),
    },
    optional={"state": st.just({"values": {}}), "hash": VALUES},
)
RELAXED = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@RELAXED
@given(action=ACTIONS, more=st.fixed_dictionaries({}, optional={"view": VIEWS, "trigger_id": VALUES}))
async def test_a_button_with_any_value(
    door: httpx.AsyncClient, action: dict[str, str], more: dict[str, Any]
) -> None:
    await sent(door, {"type": "block_actions", "actions": [action], "container": {}, **more})


@RELAXED
@given(view=VIEWS)
async def test_a_form_with_anything_in_it(door: httpx.AsyncClient, view: dict[str, Any]) -> None:
    await sent(door, {"type": "view_submission", "view": view | {"state": {"values": {}}}})


async def sent(door: httpx.AsyncClient, payload: dict[str, Any]) -> None:
    """Send an interaction of somebody whom the bot knows; it is answered."""
    whole = {"team": {"id": "T0BRIGHT01"}, "user": {"id": "U0DANA0001", "team_id": "T0BRIGHT01"}} | payload
    answer = await knock(door, urlencode({"payload": json.dumps(whole)}), kind=FORM)
    assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR, payload


@RELAXED
@given(body=st.text(max_size=100), kind=st.sampled_from([FORM, "text/plain"]))
async def test_a_body_that_is_none(door: httpx.AsyncClient, body: str, kind: str) -> None:
    assert (await knock(door, body, kind=kind)).status_code < httpx.codes.INTERNAL_SERVER_ERROR
