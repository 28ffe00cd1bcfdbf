"""A client that is removed, from the question for its name to the file with all that was its own."""

import asyncio
import io
import zipfile
from uuid import UUID

import httpx
from sqlmodel import select

from core import agencies, grace, private_links, withdrawals
from core.db import Actor
from core.decisions import Seen
from core.models import Account, Agency, AuditEntry, Client, Connection
from core.policies import Stage
from tests.drivers.slack import NORTHWIND
from tests.journeys.conftest import House, Northwind
from tests.journeys.test_approvals import rules
from tests.journeys.waiting import live, schedules

TEAM = "T0BRIGHT01"
CLIENT = Stage("Client", 1, by_link=True)


async def test_a_manager_removes_a_client_and_gets_all_that_was_its_own(
    house: House, northwind: Northwind, http: httpx.AsyncClient
) -> None:
    dana = house.slack.dana
    await schedules(house, northwind)
    await dana.sees("Scheduled", NORTHWIND)
    await dana.says("/social clients remove northwind coffee")
    form = await dana.sees_modal("This removes *Northwind Coffee* for good")
    assert "1 planned post is cancelled" in form.text
    assert "2 accounts are disconnected" in form.text
    await dana.submits(Type_the_name_of_the_client="Northwind")
    errors = await dana.sees_errors()
    assert "Type Northwind Coffee, exactly" in errors["Type the name of the client"]
    await dana.submits(Type_the_name_of_the_client="Northwind Coffee")
    await dana.sees_modal("is being removed")
    card = await dana.sees("Cancelled", NORTHWIND)
    await dana.sees("is being removed", NORTHWIND, thread=card.shape["ts"])
    done = await dana.sees("*Northwind Coffee* is removed", await dana.direct_messages())
    address = done.buttons()[0]["url"]
    answer = await http.get(address)
    assert answer.headers["content-disposition"] == 'attachment; filename="northwind-coffee.zip"'
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert "Good morning" in archive.read("posts.csv").decode()
    assert "client_removal_asked" in archive.read("audit.csv").decode()
    await house.slack.ada.says("/social audit")
    trail = await house.slack.ada.sees_modal("had a client removed")
    assert "*Northwind Coffee*" in trail.text
    assert "Somebody with its private link opened the export of a client" in trail.text
    forged = await http.get(address.replace("/exports/1", "/exports/2"))
    assert forged.status_code == httpx.codes.NOT_FOUND
    async with house.services.db.session(Actor.program(northwind.dana.agency_id)) as session:
        for table in (Client, Account, Connection):
            assert (await session.exec(select(table))).all() == []
    assert await live(house) == []


async def test_what_failed_is_counted_loses_its_buttons_and_the_channel_is_told_once(
    house: House, northwind: Northwind, http: httpx.AsyncClient
) -> None:
    dana = house.slack.dana
    await schedules(house, northwind)
    await house.meta.fault("/feed", "error", code=100, message="not like this", times=1)
    await schedules(house, northwind, "Half price", due_in=None)
    card = await dana.sees("Not published on 1 of 1", NORTHWIND)
    await rules(house, northwind, CLIENT)
    waits = await schedules(house, northwind, "Asked")
    secret = await private_links.make(house.services, northwind.ada, post_id=waits.post.id)
    withdrawn = await schedules(house, northwind, "Withdrawn")
    await withdrawals.withdraw(house.services, northwind.dana, Seen.of(withdrawn.post))
    assert {one["text"]["text"] for one in card.buttons()} >= {"Retry", "Edit"}
    await dana.says("/social clients remove northwind coffee")
    form = await dana.sees_modal("This removes *Northwind Coffee* for good")
    assert "1 planned post is cancelled" in form.text
    assert "1 post that waits for approval is cancelled" in form.text
    assert "1 failed post will not be tried again" in form.text
    await dana.submits(Type_the_name_of_the_client="Northwind Coffee")
    told = await dana.sees(f"is being removed from Pressroom, as <@{dana.id}> asked", NORTHWIND)
    assert "1 planned post is cancelled. 1 post that waits for approval is cancelled." in told.text
    assert "1 failed post will not be tried again" in told.text
    await dana.sees("*Northwind Coffee* is removed", await dana.direct_messages())
    shown = await dana.messages(NORTHWIND)
    assert sum("is being removed from Pressroom" in one.text for one in shown) == 1
    assert [one.buttons() for one in shown] == [[]] * len(shown)
    assert any("Not published on 1 of 1" in one.text for one in shown)
    page = await http.get(private_links.address(house.services, secret))
    assert page.status_code == httpx.codes.NOT_FOUND
    assert "This link no longer leads anywhere" in page.text


async def test_the_list_offers_it_to_those_who_may(house: House, northwind: Northwind) -> None:
    lee, ada = house.slack.lee, house.slack.ada
    await lee.says("/social clients")
    listing = await lee.sees_modal("Northwind Coffee")
    assert "Remove" not in [one["text"]["text"] for one in listing.buttons()]
    await lee.goes_back(clear=True)
    await lee.says("/social clients remove", NORTHWIND)
    await lee.sees_modal("Only the managers of Northwind Coffee")
    await lee.goes_back(clear=True)
    await ada.says("/social clients")
    await ada.clicks("Remove")
    await ada.submits(Type_the_name_of_the_client=northwind.client.name)
    await ada.sees_modal("is being removed")
    await ada.goes_back()
    await ada.sees_modal("There are no clients yet")


async def test_an_admin_has_the_whole_workspace_leave(house: House, northwind: Northwind) -> None:
    ada, dana = house.slack.ada, house.slack.dana
    await dana.says("/social leave")
    await dana.sees_modal("Only your agency's admins can do this")
    await dana.goes_back(clear=True)
    await ada.says("/social leave")
    form = await ada.sees_modal("This deletes all that I keep of")
    assert "1 client is removed" in form.text
    async with house.services.db.session(northwind.ada) as session:
        name = (await session.get_one(Agency, northwind.ada.agency_id)).name
    await ada.submits(Type_the_name_of_the_workspace=name)
    await ada.sees_modal("From now on nothing goes out")
    await ada.goes_back(clear=True)
    await begins_something(house)
    await grace.end(house.services)
    direct = await ada.direct_messages()
    await ada.sees("*Northwind Coffee* is removed", direct)
    async with asyncio.timeout(10):
        while await agencies.find(house.services.db, TEAM):
            await grace.end(house.services)
            await asyncio.sleep(0.2)
    last = await ada.sees(f"Everything that I kept of *{name}* is deleted", direct)
    assert "|Northwind Coffee>, until" in last.text
    assert "/exports/" in last.text
    words = [one.text for one in await ada.messages(direct)]
    assert sum("Everything that I kept of" in one for one in words) == 1
    await nothing_begins_by_itself(house)
    await starts_again(house, was=northwind.ada.agency_id)


async def begins_something(house: House) -> None:
    """Have people try whatever begins something: each is told the same, and no window opens."""
    dana, ada = house.slack.dana, house.slack.ada
    leaves, because = "This workspace has been leaving Pressroom since", f"as <@{ada.id}> asked"
    for command in ("/publish", "/social queue", "/social help"):
        said = str(await dana.says(command))
        assert leaves in said
        assert because in said
        await dana.sees_no_modal()
    await dana.uses("new_post")
    told = await dana.sees(leaves, await dana.direct_messages())
    assert f"<@{ada.id}> gets a file" in told.text
    await dana.sees_no_modal()
    await dana.opens_home()
    assert because in (await dana.home(leaves)).text


async def nothing_begins_by_itself(house: House) -> None:
    """Have people look in after the farewell: nobody makes an agency by that, and each is told the way."""
    dana, ada, db = house.slack.dana, house.slack.ada, house.services.db
    for person, way in ((dana, "ask an admin of this workspace"), (ada, "you begin without clients")):
        await person.opens_home()
        home = await person.home("This workspace has left Pressroom")
        assert way in home.text
        assert [one["text"]["text"] for one in home.buttons()] == ["Start again"] * (person is ada)
        for command in ("/publish", "/social queue", "/social leave"):
            assert "This workspace has left Pressroom" in str(await person.says(command))
        await person.sees_no_modal()
    assert await agencies.find(db, TEAM) is None


async def starts_again(house: House, *, was: UUID) -> None:
    """Have an admin begin anew: with nothing of before."""
    ada, db = house.slack.ada, house.services.db
    await (await ada.home("Start again")).clicks("Start again")
    await ada.home("Let us begin")
    anew = await agencies.find(db, TEAM)
    assert anew
    assert anew != was
    await ada.says("/social clients")
    await ada.sees_modal("There are no clients yet")
    async with db.session(Actor.program(anew)) as session:
        [added] = await session.exec(select(AuditEntry).where(AuditEntry.action == "agency_added"))
    assert added.user_id == ada.id
