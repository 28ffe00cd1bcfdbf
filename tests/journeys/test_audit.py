"""The audit trail in Slack: looked through, taken away, checked, and what is personal in it."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import delete, text

from bot import mrkdwn
from bot.uploads import Progress
from bot.views import trail as trail_view
from core import agencies, audit, audit_heads, grace, private_links, seals, sign_offs
from core.db import Actor, Origin
from core.models import Agency, Client, Decision
from core.policies import Stage
from pressroom.schema import Addresses, driver_url
from tests.drivers.slack import BOARD, GENERAL, NORTHWIND, Modal, Person, Place
from tests.journeys.conftest import House, Northwind
from tests.journeys.test_approvals import asks, edits, rules
from tests.journeys.waiting import harbor, schedules

CHAIN = text("SELECT number, hash FROM audit_chains")
END = "PostgreSQL refuses"
BY_LINK = Stage("Client", 1, by_link=True)
PHONE = Origin("203.0.113.7", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5) Safari/604.1")


async def looks(person: Person, client: str = "") -> Modal:
    """Open the trail."""
    await person.says(f"/social audit {client}".strip(), GENERAL)
    return await person.sees_modal(END)


# --- looking through ------------------------------------------------------------------------------------


async def test_each_filter_shows_what_fits_and_all_that_are_chosen_together(
    house: House, northwind: Northwind
) -> None:
    books, ada = await harbor(house, northwind), house.slack.ada
    await schedules(house, northwind, "Coffee")
    await schedules(house, books, "Reading")
    trail = await looks(ada)
    assert "Coffee" in trail.text
    assert "Reading" in trail.text
    await trail.enters("All clients", "Harbor")
    trail = await ada.sees_modal(lambda modal: "“Reading”" in modal.text and "“Coffee”" not in modal.text)
    assert trail.options("All actions")[0] == "All actions"
    await trail.enters("All actions", "Connected an account")
    trail = await ada.sees_modal(lambda modal: "“Reading”" not in modal.text and "Harbor Books" in modal.text)
    assert "connected an account, Facebook Harbor Books" in trail.text
    await trail.enters("All accounts", "Harbor Books")
    await trail.clicks("Clear filters")
    trail = await ada.sees_modal("“Coffee”")
    assert "“Reading”" in trail.text
    assert trail.entered_in("All actions")["text"]["text"] == "All actions"


async def test_it_is_of_one_person_or_of_what_nobody_did(house: House, northwind: Northwind) -> None:
    ada, dana = house.slack.ada, house.slack.dana
    await schedules(house, northwind, "Coffee")
    trail = await looks(ada)
    await trail.enters("Everybody", "Dana")
    trail = await ada.sees_modal(lambda modal: f"<@{ada.id}> " not in modal.text)
    assert f"<@{dana.id}> scheduled a post" in trail.text
    await trail.enters("Dana Reyes", "Pressroom itself")
    await ada.sees_modal(lambda modal: f"<@{dana.id}> " not in modal.text and "I set up" in modal.text)


async def test_a_member_sees_whom_they_chose(house: House, northwind: Northwind) -> None:
    await schedules(house, northwind, "Coffee")
    lee, dana = house.slack.lee, house.slack.dana
    await (await looks(lee)).enters("Everybody", "Dana")
    trail = await lee.sees_modal("Clear filters")
    assert trail.entered_in("Dana Reyes")["value"] == dana.id


@pytest.mark.usefixtures("northwind")
async def test_days_are_those_of_whoever_looks_and_must_be_in_order(house: House) -> None:
    dana = house.slack.dana
    trail = await looks(dana, "northwind")
    tomorrow = datetime.now(UTC).date() + timedelta(days=2)
    await trail.enters("First day", tomorrow)
    trail = await dana.sees_modal("Nothing like that is in the trail")
    await trail.enters("Last day", tomorrow - timedelta(days=9))
    await dana.sees_modal("The first day is after the last one.")
    await dana.goes_back()
    await trail.clicks("Clear filters")
    await dana.sees_modal("added a client")


async def test_older_pages_follow_and_the_way_back(house: House, northwind: Northwind) -> None:
    ada = house.slack.ada
    async with house.services.db.session(northwind.ada) as session:
        for number in range(2 * trail_view.A_PAGE):
            audit.record(session, northwind.ada, f"step_{number:02}", client_id=northwind.client.id)
            await session.flush()
    trail = await looks(ada)
    assert "step 29" in trail.text
    assert "step 15" in trail.text
    assert "step 14" not in trail.text
    await trail.clicks("Older")
    trail = await ada.sees_modal("step 14")
    assert "step 15" not in trail.text
    await trail.clicks("Older")
    trail = await ada.sees_modal("added a client")
    await trail.clicks("Newest")
    trail = await ada.sees_modal("step 29")
    assert "Newest" not in [one["text"]["text"] for one in trail.buttons()]


async def test_a_client_that_is_not_theirs_is_not_there(house: House, northwind: Northwind) -> None:
    books, dana = await harbor(house, northwind), house.slack.dana
    await schedules(house, books, "Reading")
    trail = await looks(dana, "harbor")
    assert "You work for no client called *harbor*" in trail.text
    assert "Reading" not in trail.text
    assert "Harbor" not in trail.text.replace("called *harbor*", "")


# --- its words ------------------------------------------------------------------------------------------


async def test_an_edit_is_told_from_asking_with_version_and_round(house: House, northwind: Northwind) -> None:
    await rules(house, northwind)
    lee = house.slack.lee
    card = await asks(lee, "Good *morning*")
    await edits(lee, card, "Better morning :wave:")
    trail = await looks(lee)
    asked = f"<@{lee.id}> asked for approval of a post, Facebook Northwind Coffee"
    assert f"{asked}: “{mrkdwn.literal('Good *morning*', 80)}”" in trail.text
    edited = f"<@{lee.id}> edited a post, so that everybody is asked anew, Facebook Northwind Coffee"
    assert f"{edited}: “{mrkdwn.literal('Better morning :wave:', 80)}”" in trail.text
    assert "version 1 · round 1" in trail.text
    assert "version 2 · round 2" in trail.text


async def test_a_decision_by_a_private_link_is_told_as_such_and_who_made_it(
    house: House, northwind: Northwind
) -> None:
    await rules(house, northwind, BY_LINK)
    post = await schedules(house, northwind, "Good morning")
    secret = await private_links.make(house.services, northwind.ada, post_id=post.post.id)
    await sign_offs.decide(
        house.services, secret.reveal(), PHONE, version=1, decision=Decision.APPROVED, name="Maya *C*"
    )
    trail = await looks(house.slack.dana)
    assert f"{mrkdwn.literal('Maya *C*', 80)} approved a post: “Good morning”" in trail.text
    by_link = f"by the private link that <@{house.slack.ada.id}> made · from 203.0.113.7 (Safari, iPhone)"
    assert f"version 1 · round 1 · stage “Client” · {by_link}" in trail.text
    await trail.enters("Everybody", "by private links")
    trail = await house.slack.dana.sees_modal("Clear filters")
    assert "Maya" in trail.text
    assert "asked for approval" not in trail.text


# --- taking it away -------------------------------------------------------------------------------------


async def file_in(person: Person, words: str) -> tuple[str, str]:
    """Wait for a file that comes by direct message; give its name, and what is in it."""
    direct = await person.direct_messages()
    await person.sees(f"Here is {words}", direct)
    found = [one for place in await person.messages(direct) for one in files_of(place)]
    url = f"{person.slack.url}/_sim/ui/files/{found[-1]['id']}"
    answer = await person.slack.http.get(url, params={"as": person.id})
    assert answer.is_success, answer.text
    return found[-1]["name"], answer.text


def labels(place: Place) -> list[str]:
    return [one["text"]["text"] for one in place.buttons()]


def files_of(place: Place) -> list[dict[str, str]]:
    return list(place.shape["files"])


async def seal(house: House, northwind: Northwind) -> None:
    """Seal everything that waits."""
    while await seals.seal_some(house.services.db, northwind.ada.agency_id):
        pass


async def test_an_export_of_one_client_is_what_the_trail_says(house: House, northwind: Northwind) -> None:
    await schedules(house, northwind, "Good morning")
    dana = house.slack.dana
    await dana.says("/social audit export", GENERAL)
    await dana.sees_modal("The whole trail is for your agency's admins. Choose a client")
    await dana.goes_back(clear=True)
    trail = await looks(dana)
    assert "Export" not in labels(trail)
    await trail.enters("All clients", "Northwind")
    trail = await dana.sees_modal("Clear filters")
    await trail.clicks("Export")
    await dana.sees_modal("the audit trail of *Northwind Coffee*")
    await dana.submits()
    name, written = await file_in(dana, "the audit trail of *Northwind Coffee*")
    assert name.startswith("audit-trail-northwind-coffee-")
    rows = list(csv.DictReader(io.StringIO(written)))
    async with house.services.db.session(northwind.dana) as session:
        told = await audit.entries(session, audit.Filters(client_id=northwind.client.id), most=500)
    assert sorted(one["action"] for one in rows) == sorted(one.action for one in told)
    assert "audit_exported" in {one["action"] for one in rows}
    connected = {one["account"]: one for one in rows if one["action"] == "account_connected"}
    assert set(connected) == {"Facebook Northwind Coffee", "Instagram @northwind.coffee"}
    asked = connected["Facebook Northwind Coffee"]
    assert (asked["client"], asked["person"], asked["user_id"]) == ("Northwind Coffee", "Dana Reyes", dana.id)
    await dana.goes_back()
    trail = await dana.sees_modal(END)
    await trail.enters("All actions", "Added a client")
    trail = await dana.sees_modal(lambda modal: "> connected" not in modal.text and END in modal.text)
    await trail.clicks("Export")
    part = "the audit trail of *Northwind Coffee*, only what fits the filters (action)"
    await dana.sees_modal(part)
    await dana.submits()
    name, written = await file_in(dana, part)
    assert name.startswith("audit-trail-filtered-northwind-coffee-")
    rows = list(csv.DictReader(io.StringIO(written)))
    assert [one["action"] for one in rows] == ["client_added"]
    await dana.goes_back()
    await (await dana.sees_modal(END)).clicks("Clear filters")
    await dana.sees_modal(f"<@{dana.id}> took the audit trail away as a file")


@pytest.mark.usefixtures("northwind")
async def test_words_after_the_command_lead_to_the_export_and_the_month(house: House) -> None:
    ada = house.slack.ada
    await ada.says("/social audit export North", GENERAL)
    await ada.sees_modal("the audit trail of *Northwind Coffee*")
    await ada.goes_back()
    await ada.says("/social audit month", NORTHWIND)
    assert "Northwind Coffee" in (await ada.sees_modal("Send me a CSV")).text
    await ada.goes_back()
    for words in ("export", "month"):
        await ada.says(f"/social audit {words} Nobody", GENERAL)
        refused = await ada.sees_modal("no client called Nobody")
        assert "Choose" not in refused.text
        await ada.goes_back()


async def test_json_lines_have_the_whole_chain_for_an_admin(house: House, northwind: Northwind) -> None:
    ada = house.slack.ada
    await seal(house, northwind)
    await (await looks(ada)).clicks("Export")
    await ada.submits(Format="JSON Lines")
    name, written = await file_in(ada, "the audit trail of *all clients*")
    assert name.endswith(".jsonl")
    numbers = [json.loads(line)["number"] for line in written.splitlines()]
    assert [one for one in numbers if one] == list(range(1, len([one for one in numbers if one]) + 1))


async def test_a_long_export_says_how_far_it_is(house: House) -> None:
    ada = house.slack.ada
    web = AsyncWebClient("xoxb-simulator-bot", f"{house.slack.url}/api/")
    posted = await web.chat_postMessage(channel=ada.id, text="I am writing it down")
    progress = Progress(web, posted["channel"], posted["ts"], "the audit trail of *all clients*")
    await progress.reached(1000)
    assert (await ada.sees("I am writing", posted["channel"])).text.startswith("I am writing it down")
    progress.told_at -= 10
    await progress.reached(12000)
    await ada.sees(
        "I am writing the audit trail of *all clients* down… 12,000 lines so far.", posted["channel"]
    )


async def test_a_workspace_that_must_install_again_is_told_so(house: House, northwind: Northwind) -> None:
    await seal(house, northwind)
    ada = house.slack.ada
    await house.slack.fault("files.getUploadURLExternal", "error", error="missing_scope")
    await (await looks(ada)).clicks("Export")
    await ada.submits()
    await ada.sees("An admin of this workspace must install me once more", await ada.direct_messages())


# --- whether it is as it was ----------------------------------------------------------------------------


@pytest.fixture
def superuser(own_database: Addresses) -> Iterator[psycopg.Connection]:
    """Give somebody who gets around what PostgreSQL refuses."""
    with psycopg.connect(driver_url(str(own_database.owner)), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


async def test_verify_says_what_a_superuser_changed(
    house: House, northwind: Northwind, superuser: psycopg.Connection
) -> None:
    ada = house.slack.ada
    await seal(house, northwind)
    await (await looks(ada)).clicks("Verify")
    fine = await ada.sees_modal("Everything is as it was written")
    assert "The head, to be kept elsewhere" in fine.text
    superuser.execute("UPDATE audit_logs SET user_id = 'U0EVE' WHERE action = 'client_added'")
    await ada.goes_back(clear=True)
    await ada.says("/social audit verify")
    found = await ada.sees_modal("1 fault")
    assert "*Changed:* Entry " in found.text
    assert "was changed after it was sealed" in found.text


async def test_a_head_from_slack_is_compared_and_must_be_whole(house: House, northwind: Northwind) -> None:
    ada = house.slack.ada
    await seal(house, northwind)
    await ada.says("/social audit verify 12:ab")
    await ada.sees_modal("A head is a number and 64 hexadecimal digits")
    await ada.goes_back()
    await ada.says(f"/social audit verify 1:{'ab' * 32}")
    await ada.sees_modal("*Another chain:*")


async def test_a_head_of_before_is_found_though_the_workspace_began_anew(
    house: House, northwind: Northwind
) -> None:
    ada, db, was = house.slack.ada, house.services.db, Actor.program(northwind.ada.agency_id)
    await seal(house, northwind)
    async with db.session(was) as session:
        number, hash_ = (await (await session.connection()).execute(CHAIN)).one()
        await session.exec(delete(Client))
        await grace.remove(session, was, await session.get_one(Agency, was.agency_id))
    await agencies.ensure(db, slack_team_id="T0BRIGHT01", name="Brightside")
    await ada.says(f"/social audit verify {number}:{hash_.hex()}")
    found = await ada.sees_modal("Everything is as it was written")
    assert f"The head that you gave, number {number}, is of before: this workspace left" in found.text
    assert "That trail is as it was written, too" in found.text
    await ada.goes_back(clear=True)
    await ada.says(f"/social audit verify {number}:{'ab' * 32}")
    assert "is in none of the 2 trails of this workspace" in (await ada.sees_modal("1 fault")).text


@pytest.mark.usefixtures("northwind")
async def test_what_is_for_admins_is_not_offered_to_others(house: House) -> None:
    dana = house.slack.dana
    trail = await looks(dana)
    assert [one["text"]["text"] for one in trail.buttons()][-1:] == ["A client's month"]
    await dana.goes_back()
    await dana.says("/social audit verify")
    await dana.sees_modal("Only your agency's admins can do this")


async def test_the_daily_head_comes_to_the_channel_that_an_admin_chose(
    house: House, northwind: Northwind
) -> None:
    ada = house.slack.ada
    await seal(house, northwind)
    await audit_heads.witness(house.services)
    await (await looks(ada)).clicks("Daily head")
    await ada.submits(Channel=GENERAL)
    await ada.sees_modal(f"The newest head comes to <#{GENERAL}> now")
    await audit_heads.witness(house.services)
    await ada.sees("Audit trail of", GENERAL)
    await ada.goes_back()
    await (await ada.sees_modal(END)).clicks("Daily head")
    assert (await ada.sees_modal("The newest head")).entered_in("Channel") == GENERAL


@pytest.mark.usefixtures("northwind")
async def test_a_channel_that_the_bot_cannot_write_in_is_not_taken(house: House) -> None:
    ada = house.slack.ada
    await (await looks(ada)).clicks("Daily head")
    await ada.submits(Channel=BOARD)
    assert "Invite me to that channel" in (await ada.sees_errors())["Channel"]


# --- a month, and one person ----------------------------------------------------------------------------


async def test_a_client_s_month_counts_what_went_out(house: House, northwind: Northwind) -> None:
    dana = house.slack.dana
    await schedules(house, northwind, "Good morning", due_in=None)
    await dana.sees("Published · Northwind Coffee", NORTHWIND)
    await (await looks(dana)).clicks("A client's month")
    month = await dana.sees_modal("Choose a client.")
    await month.enters("Choose a client", "Northwind")
    month = await dana.sees_modal("*1 post published*")
    assert "Facebook Northwind Coffee: 1 published" in month.text
    await month.clicks("Send me a CSV")
    name, written = await file_in(dana, "*Northwind Coffee* in")
    assert name == f"month-northwind-coffee-{datetime.now(UTC):%Y-%m}.csv"
    (row,) = csv.DictReader(io.StringIO(written))
    assert (row["account_or_person"], row["published"], row["failed"]) == (
        "Facebook Northwind Coffee",
        "1",
        "0",
    )
    await dana.goes_back()
    last = (await dana.sees_modal("published")).options("Choose a month")[1]
    await (await dana.sees_modal("published")).enters("Choose a month", last)
    await dana.sees_modal("*0 posts published*")


@pytest.mark.usefixtures("northwind")
async def test_what_is_stored_of_somebody_is_given_out_and_their_name_erased(house: House) -> None:
    ada, lee = house.slack.ada, house.slack.lee
    await (await looks(ada)).clicks("Personal data")
    form = await ada.sees_modal("Somebody in this workspace")
    await form.enters("Somebody in this workspace", lee)
    form = await ada.sees_modal("It cannot be undone")
    await form.clicks("Export")
    name, written = await file_in(ada, f"what is stored of <@{lee.id}>")
    assert name.startswith(f"personal-data-{lee.id}-")
    assert json.loads(written)["member"][0]["name"] == lee.name
    await ada.goes_back()
    await form.clicks("Erase")
    await ada.sees_modal("The name is erased")
    await ada.goes_back()
    await form.clicks("Export")
    await ada.sees_modal("It comes to you")
    await ada.goes_back(clear=True)
    await (await looks(ada)).enters("All actions", "Erased what was personal")
    await ada.sees_modal(f"erased what was personal in somebody's entries: <@{lee.id}>")


async def test_the_name_that_somebody_typed_at_a_private_link_is_erased(
    house: House, northwind: Northwind
) -> None:
    await rules(house, northwind, BY_LINK)
    post = await schedules(house, northwind, "Good morning")
    secret = await private_links.make(house.services, northwind.ada, post_id=post.post.id)
    await sign_offs.decide(
        house.services, secret.reveal(), PHONE, version=1, decision=Decision.APPROVED, name="Maria Sol"
    )
    ada = house.slack.ada
    await (await looks(ada)).clicks("Personal data")
    await (await ada.sees_modal("private link")).enters("Somebody who came", "Maria Sol")
    await (await ada.sees_modal("The name that they typed")).clicks("Erase")
    await ada.sees_modal("The name is erased")
    await ada.goes_back(clear=True)
    trail = await looks(ada)
    assert "Somebody of the client approved a post" in trail.text
    assert "Maria" not in trail.text
