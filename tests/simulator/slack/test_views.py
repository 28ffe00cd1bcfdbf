import pytest

from simulator.slack.world import JSON
from tests.simulator.slack.blockkit_samples import (
    actions,
    button,
    element,
    field,
    home,
    modal,
    option,
    plain,
    section,
)
from tests.simulator.slack.hands import ADA, DANA, OTTO, Simulated


def trigger(simulated: Simulated, who: str = DANA) -> str:
    slack = simulated.slack
    return slack.triggers.issue(slack.ids, user=who, team_id="T0BRIGHT01", now=slack.now())


async def opened(simulated: Simulated, view: JSON | None = None) -> JSON:
    answer = await simulated.call("views.open", trigger_id=trigger(simulated), view=view or modal(field()))
    assert answer["ok"], answer
    return dict(answer["view"])


async def test_a_trigger_opens_one_view_within_three_seconds(simulated: Simulated) -> None:
    once = trigger(simulated)
    assert (await simulated.call("views.open", trigger_id=once, view=modal()))["ok"]
    again = await simulated.call("views.open", trigger_id=once, view=modal())
    assert again["error"] == "exchanged_trigger_id"
    late = trigger(simulated)
    await simulated.http.post("/_sim/clock", json={"advance": 3.1})
    assert (await simulated.call("views.open", trigger_id=late, view=modal()))[
        "error"
    ] == "expired_trigger_id"
    assert (await simulated.call("views.open", trigger_id="1.2.3", view=modal()))[
        "error"
    ] == "invalid_trigger_id"


async def test_the_stack_is_three_deep(simulated: Simulated) -> None:
    first = await opened(simulated)
    pushes = [
        await simulated.call("views.push", trigger_id=trigger(simulated), view=modal()) for _ in range(3)
    ]
    assert [answer.get("error") for answer in pushes] == [None, None, "push_limit_reached"]
    top = pushes[1]["view"]
    assert (top["root_view_id"], top["previous_view_id"]) == (first["id"], pushes[0]["view"]["id"])
    assert [view["id"] for view in await simulated.stack(DANA)] == [
        first["id"],
        top["previous_view_id"],
        top["id"],
    ]


async def test_an_update_needs_the_hash_that_was_seen(simulated: Simulated) -> None:
    view = await opened(simulated)
    mine = {"view_id": view["id"], "hash": view["hash"], "view": modal(field())}
    first = await simulated.call("views.update", **mine)
    assert first["view"]["hash"] != view["hash"]
    assert (await simulated.call("views.update", **mine))["error"] == "hash_conflict"
    await simulated.post(f"views/{view['id']}/close", **{"as": DANA})
    assert (await simulated.call("views.update", view_id=view["id"], view=modal()))["error"] == "not_found"


async def test_what_was_typed_stays_where_both_ids_are_the_same(simulated: Simulated) -> None:
    view = await opened(simulated, modal(field(block_id="kept"), field(block_id="old")))
    for block_id in ("kept", "old"):
        where = {"as": DANA, "view_id": view["id"], "block_id": block_id, "action_id": "field"}
        await simulated.post("actions", **where, value="typed")
    again = modal(
        field(element(initial_value="not this"), block_id="kept"),
        field(element(initial_value="this"), block_id="new"),
    )
    await simulated.call("views.update", view_id=view["id"], view=again)
    values = (await simulated.stack(DANA))[0]["state"]["values"]
    assert {name: value["field"]["value"] for name, value in values.items()} == {
        "kept": "typed",
        "new": "this",
    }


async def test_an_external_id_is_unique_and_finds_its_view(simulated: Simulated) -> None:
    await opened(simulated, modal(external_id="one"))
    again: JSON = {"trigger_id": trigger(simulated, ADA), "view": modal(external_id="one")}
    assert (await simulated.call("views.open", **again))["error"] == "duplicate_external_id"
    updated = await simulated.call("views.update", external_id="one", view=modal(external_id="one"))
    assert updated["ok"]


async def test_a_malformed_view_names_the_place(simulated: Simulated) -> None:
    once = trigger(simulated)
    answer = await simulated.call("views.open", trigger_id=once, view=modal(title=plain("x" * 25)))
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    ]
    assert (await simulated.call("views.open", trigger_id=once, view=modal()))["ok"]
    large = modal(*[section("x" * 2900) for _ in range(100)])
    assert (await simulated.call("views.open", trigger_id=once, view=large))["error"] == "view_too_large"


async def test_home_is_published_to_people_of_the_workspace(simulated: Simulated) -> None:
    first = (await simulated.call("views.publish", user_id=DANA, view=home()))["view"]
    assert (first["type"], first["root_view_id"]) == ("home", first["id"])
    second = await simulated.call("views.publish", user_id=DANA, view=home(), hash=first["hash"])
    assert second["view"]["id"] == first["id"]
    stale = await simulated.call("views.publish", user_id=DANA, view=home(), hash=first["hash"])
    assert stale["error"] == "hash_conflict"
    assert (await simulated.call("views.publish", user_id=OTTO, view=home()))["error"] == "invalid_arguments"
    assert await simulated.stack(DANA) == []


@pytest.mark.parametrize(
    ("inner", "given", "says"),
    [
        (element(), {}, "Please complete this required field."),
        (element(max_length=3), {"value": "four"}, "Please use no more than 3 characters."),
        (element(min_length=3), {"value": "ab"}, "Please use at least 3 characters."),
        (element("email_text_input"), {"value": "dana"}, "Please enter a valid email address."),
        (element("url_text_input"), {"value": "dana"}, "Please enter a valid URL."),
        (element("number_input", is_decimal_allowed=False), {"value": "1.5"}, "Please enter a whole number."),
        (
            element("number_input", is_decimal_allowed=True, max_value="9"),
            {"value": "10"},
            "Please enter a number that is at most 9.",
        ),
        (
            element("multi_static_select", options=[option("a"), option("b")], max_selected_items=1),
            {"selected_options": ["a", "b"]},
            "Please select no more than 1 items.",
        ),
        (
            element("file_input", filetypes=["png"]),
            {"files": ["F0LATTE0001"]},
            "autumn-latte.jpg is not one of the accepted file types: png.",
        ),
    ],
)
async def test_the_client_checks_before_it_submits(
    simulated: Simulated, inner: JSON, given: JSON, says: str
) -> None:
    view = await opened(simulated, modal(field(inner)))
    where = {"as": DANA, "view_id": view["id"], "block_id": "field_b", "action_id": "field"}
    assert await simulated.post("actions", **where, **given) == {"ok": True}
    answer = await simulated.post(f"views/{view['id']}/submit", **{"as": DANA})
    assert answer == {"ok": False, "errors": {"field_b": says}}
    assert not simulated.slack.deliveries


async def test_one_cannot_choose_what_is_not_offered(simulated: Simulated) -> None:
    view = await opened(simulated, modal(actions(element("static_select", options=[option("a")]), button())))
    where = {"as": DANA, "view_id": view["id"], "block_id": "buttons"}
    wrong = await simulated.post("actions", **where, action_id="field", selected_option="z")
    assert wrong == {"error": "field offers no option 'z'."}
    assert "no element" in (await simulated.post("actions", **where, action_id="missing"))["error"]
