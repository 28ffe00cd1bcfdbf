"""Clients and who works for them."""

import asyncio
from dataclasses import replace

import pytest

from core import audit, clients
from core.clients import Details
from core.db import Database
from core.errors import Invalid, NotAllowed, NotFound
from core.models import Client, Member
from tests.conftest import Cast


def details(
    *managers: Member, name: str = "Roastery", channel: str | None = None, authors: tuple[Member, ...] = ()
) -> Details:
    return Details(name, channel, frozenset(one.id for one in managers), frozenset(one.id for one in authors))


async def seen_by(db: Database, agency: Cast, member: Member) -> list[str]:
    async with db.session(agency.actor(member)) as session:
        return [client.name for client in await clients.visible(session)]


async def test_an_admin_adds_a_client_and_its_people_see_it(db: Database, agency: Cast):
    made = await clients.add(db, agency.actor(agency.admin), details(agency.stranger))
    assert made.name in await seen_by(db, agency, agency.stranger)
    assert made.name not in await seen_by(db, agency, agency.author)
    async with db.session(agency.actor(agency.admin)) as session:
        entry = (await audit.recent(session, most=1))[0]
    assert (entry.action, entry.client_id, entry.details["name"]) == ("client_added", made.id, "Roastery")


async def test_only_admins_add_clients(db: Database, agency: Cast):
    with pytest.raises(NotAllowed, match="admins"):
        await clients.add(db, agency.actor(agency.manager), details(agency.manager))


async def test_a_manager_changes_the_people_and_may_leave(db: Database, agency: Cast):
    new = details(agency.author, name="Northwind", authors=(agency.stranger,))
    await clients.change(db, agency.actor(agency.manager), agency.client.id, new)
    assert "Northwind" not in await seen_by(db, agency, agency.manager)
    assert "Northwind" in await seen_by(db, agency, agency.stranger)
    async with db.session(agency.actor(agency.admin)) as session:
        team = await clients.team(session, agency.client.id)
        entry = (await audit.recent(session, most=1))[0]
    assert ([one.id for one in team.managers], [one.id for one in team.authors]) == (
        [agency.author.id],
        [agency.stranger.id],
    )
    assert (entry.action, entry.user_id) == ("client_changed", agency.manager.slack_user_id)
    people = entry.details["managers"], entry.details["authors"], entry.details["reviewers"]
    assert people == ([agency.author.slack_user_id], [agency.stranger.slack_user_id], [])


@pytest.mark.parametrize("mine", ["authors", "reviewers", None])
async def test_a_manager_takes_the_role_from_themself_while_others_come_and_go(
    db: Database, agency: Cast, mine: str | None
):
    new = details(agency.stranger)
    if mine:
        new = replace(new, **{mine: frozenset({agency.manager.id})})
    await clients.change(db, agency.actor(agency.manager), agency.client.id, new)
    async with db.session(agency.actor(agency.admin)) as session:
        client = await clients.get(session, agency.client.id)
        assert await clients.details_of(session, client) == new
    with pytest.raises((NotAllowed, NotFound)):
        await clients.change(db, agency.actor(agency.manager), agency.client.id, details(agency.manager))


async def test_there_is_no_last_client(db: Database, agency: Cast):
    """More than fit on any page: each is reached, by its place and by its name, with its people."""
    boss = agency.actor(agency.admin)
    for number in range(110):
        await clients.add(
            db, boss, details(agency.manager, name=f"Client {number:03}", authors=(agency.author,))
        )
    await clients.add(db, boss, details(agency.stranger, name="Zeta"))
    async with db.session(boss) as session:
        total = await clients.count(session)
        found = [await clients.visible(session, most=50, skip=skip) for skip in range(0, total, 50)]
        names = [client.name for page in found for client in page]
        assert (total, len(set(names)), names[-1]) == (113, 113, "Zeta")
        zeta = found[-1][-1]
        assert await clients.visible(session, search="zet", most=2) == [zeta]
        teams = await clients.teams(session, [zeta.id, found[0][0].id])
    assert [one.id for one in teams[zeta.id].managers] == [agency.stranger.id]
    assert [one.id for one in teams[found[0][0].id].authors] == [agency.author.id]


async def test_who_manages_what_is_asked_once_for_many(db: Database, agency: Cast):
    both = [agency.client.id, agency.other_client.id]
    expected = {
        agency.admin.id: set(both),
        agency.manager.id: {agency.client.id},
        agency.author.id: set(),
        agency.stranger.id: {agency.other_client.id},
    }
    for member in (agency.admin, agency.manager, agency.author, agency.stranger):
        async with db.session(agency.actor(member)) as session:
            assert await clients.managed(session, member, both) == expected[member.id]


async def test_an_author_changes_nothing(db: Database, agency: Cast):
    with pytest.raises(NotAllowed, match="managers of Northwind Coffee"):
        await clients.change(db, agency.actor(agency.author), agency.client.id, details(agency.author))


async def test_somebody_elses_client_is_not_found(db: Database, agency: Cast):
    with pytest.raises(NotFound):
        await clients.change(db, agency.actor(agency.stranger), agency.client.id, details(agency.stranger))


async def test_everything_wrong_is_said_at_once(db: Database, agency: Cast):
    with pytest.raises(Invalid) as wrong:
        await clients.add(db, agency.actor(agency.admin), details(name="  "))
    assert set(wrong.value.fields) == {"name", "managers"}


@pytest.mark.parametrize("name", ["harbor books", " HARBOR BOOKS "])
async def test_a_name_is_taken_whatever_its_case_even_by_a_client_one_cannot_see(
    db: Database, agency: Cast, name: str
):
    for member in (agency.admin, agency.manager):
        with pytest.raises(Invalid) as wrong:
            await clients.change(
                db, agency.actor(member), agency.client.id, details(agency.manager, name=name)
            )
        assert set(wrong.value.fields) == {"name"}


async def test_each_channel_belongs_to_one_client(db: Database, agency: Cast):
    boss = agency.actor(agency.admin)
    await clients.add(db, boss, details(agency.stranger, name="Bakery", channel="C1"))
    for member in (agency.admin, agency.manager):
        with pytest.raises(Invalid) as wrong:
            await clients.change(
                db, agency.actor(member), agency.client.id, details(agency.manager, channel="C1")
            )
        assert set(wrong.value.fields) == {"channel"}


async def test_of_two_who_add_the_same_client_at_once_one_is_told(db: Database, agency: Cast):
    boss = agency.actor(agency.admin)
    both = [clients.add(db, boss, details(agency.admin)) for _ in range(2)]
    made = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(one).__name__ for one in made) == [Client.__name__, Invalid.__name__]
