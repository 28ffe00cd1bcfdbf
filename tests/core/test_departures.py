"""A client that is removed: nothing of it goes out, nothing is left but its trail, whatever dies when."""

import csv
import io
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from psycopg import Connection as Owner
from pydantic import SecretStr
from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import clients, departures, grace, leaving, seals, verification, withdrawals
from core.announcements import SlackAway
from core.db import Actor, Database, Origin
from core.decisions import Seen
from core.errors import Invalid, NotAllowed, NotFound, PressroomError, TryAgainLater
from core.graph.api import GraphAPI
from core.models import (
    Account,
    Announcement,
    AuditEntry,
    Client,
    Connection,
    Decision,
    Departure,
    DepartureStep,
    Ending,
    PostState,
    Publication,
    PublicationState,
)
from core.services import Services
from core.verification import Walk
from tests.conftest import Cast, Heard
from tests.core.asking import MANAGERS, asked, rule, says, takes_back
from tests.core.desk import Desk, make_desk
from tests.core.logins import Login
from tests.core.recorder import Recorder, failing
from tests.core.timetable import actions, round_of_the_engine, scheduled, soon
from tests.drivers.connecting import connect
from tests.drivers.meta import APP_ID, APP_SECRET, COFFEE, ROASTERY, Meta

NAME = "Northwind Coffee"
COLUMNS = """
SELECT c.table_name, c.column_name FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
    AND (c.column_name IN ('client_id', 'parent_id') OR (c.table_name, c.column_name) = ('clients', 'id'))
"""


@pytest.fixture
async def desk(services: Services, agency: Cast, meta: Meta) -> Desk:
    """A client with a login that no other test has, and both accounts."""
    desk = await make_desk(services, agency, meta)
    await only(desk)
    return desk


async def only(desk: Desk) -> None:
    """Make the login one of a person who has no other: other tests of this database log Maya in, too."""
    async with desk.services.db.session(desk.cast.program) as session:
        await session.exec(update(Connection).values(meta_user_id=uuid4().hex))


async def removed(desk: Desk, name: str = NAME) -> Departure:
    """Have the client's manager remove it."""
    who = desk.cast.actor(desk.cast.manager)
    return await departures.remove(desk.services, who, client_id=desk.cast.client.id, name=name)


async def goes_on(desk: Desk, departure: Departure, services: Services | None = None) -> None:
    """Let the sweep, or one that dies, take the departure as far as it goes now."""
    with_ = services or desk.services
    while taken := await departures.take(with_, departure.agency_id, departure.id):
        await leaving.STEPS[taken.step](with_, taken)


async def is_time(desk: Desk, departure: Departure, **values: Any) -> None:
    """Let the departure's next moment come."""
    due = {"next_run_at": datetime(2000, 1, 1, tzinfo=UTC)} | values
    async with desk.services.db.session(desk.cast.program) as session:
        await session.exec(update(Departure).where(col(Departure.id) == departure.id).values(**due))


async def all_said(desk: Desk) -> None:
    """Let Slack have heard all that it is owed."""
    async with desk.services.db.session(desk.cast.program) as session:
        await session.exec(update(Announcement).values(done_at=datetime.now(UTC)))


async def to_the_end(desk: Desk, departure: Departure, services: Services | None = None) -> None:
    """Take it to where its export waits for its time to be over."""
    await goes_on(desk, departure, services)
    await all_said(desk)
    await is_time(desk, departure)
    await goes_on(desk, departure, services)
    ids = {"agency_id": departure.agency_id, "departure_id": departure.id}
    await leaving.deliver(desk.services, Recorder(), **ids)


async def row(desk: Desk, departure: Departure) -> Departure:
    return await departures.load(desk.services, departure.agency_id, departure.id)


async def trail(desk: Desk) -> list[str]:
    """Give what was done to the client, in order."""
    async with desk.services.db.session(desk.cast.program) as session:
        theirs = select(AuditEntry).where(AuditEntry.client_id == desk.cast.client.id)
        return [one.action for one in await session.exec(theirs.order_by(col(AuditEntry.created_at)))]


def left(owner: Owner[Any], desk: Desk) -> set[str]:
    """Give the tables in which anything of the client is left."""
    tables = owner.execute(COLUMNS).fetchall()
    return {
        table
        for table, column in tables
        if owner.execute(f"SELECT FROM {table} WHERE {column} = %s", [desk.cast.client.id]).rowcount
    }


async def whole(desk: Desk) -> bool:
    """Say whether the agency's chain verifies, with all that was written."""
    while await seals.seal_some(desk.services.db, desk.cast.id):
        pass
    return not [one async for one in verification.verify(desk.services.db, desk.cast.id, Walk())]


# --- asking ---------------------------------------------------------------------------------------------


async def test_a_wrong_name_is_said_and_nothing_happens(desk: Desk) -> None:
    with pytest.raises(Invalid, match="Type Northwind Coffee, exactly"):
        await removed(desk, "northwind coffee")
    async with desk.services.db.session(desk.cast.program) as session:
        assert (await clients.get(session, desk.cast.client.id)).leaving_at is None
    assert "client_removal_asked" not in await trail(desk)


async def test_only_managers_and_admins_may(desk: Desk) -> None:
    who = desk.cast.actor(desk.cast.author)
    with pytest.raises(NotAllowed, match="Only the managers"):
        await departures.remove(desk.services, who, client_id=desk.cast.client.id, name=NAME)
    who = desk.cast.actor(desk.cast.stranger)
    with pytest.raises(NotFound):
        await departures.remove(desk.services, who, client_id=desk.cast.client.id, name=NAME)


async def test_what_goes_is_counted(desk: Desk) -> None:
    await scheduled(desk, desk.content(desk.facebook), soon(hours=2))
    await desk.draft(desk.content(desk.facebook))
    await desk.keep()
    async with desk.services.db.session(desk.cast.actor(desk.cast.admin)) as session:
        found = await departures.stakes(session, desk.cast.actor(desk.cast.admin), desk.cast.client.id)
    assert found.counts == {"planned": 1, "in_approval": 0, "accounts": 2, "pictures": 1, "failed": 0}


async def test_from_then_on_nobody_writes_connects_or_removes_again(desk: Desk) -> None:
    view = await desk.draft(desk.content(desk.facebook))
    await removed(desk)
    sentence = "Northwind Coffee is being removed"
    with pytest.raises(NotAllowed, match=sentence):
        await removed(desk)
    with pytest.raises(NotAllowed, match=sentence):
        await desk.draft(desk.content(desk.facebook))
    with pytest.raises(NotAllowed, match=sentence):
        await desk.draft(desk.content(desk.facebook), view.post.id)
    with pytest.raises(NotAllowed, match=sentence):
        await desk.keep()


async def test_postgresql_adds_nothing_to_it_whatever_the_program_believes(desk: Desk) -> None:
    await removed(desk)
    with pytest.raises(Exception, match="is being removed"):
        async with desk.services.db.session(desk.cast.program) as session:
            session.add(
                Connection(
                    agency_id=desk.cast.id,
                    client_id=desk.cast.client.id,
                    member_id=desk.cast.manager.id,
                    meta_user_id="1",
                    meta_user_name="Maya",
                )
            )
    with pytest.raises(Exception, match="does not come back"):
        async with desk.services.db.session(desk.cast.program) as session:
            await session.exec(
                update(Client).where(col(Client.leaving_at).is_not(None)).values(leaving_at=None)
            )


async def test_what_is_due_does_not_go_out_any_more(desk: Desk, meta: Meta) -> None:
    view = await desk.publish(desk.content(desk.facebook))
    departure = await removed(desk)
    await desk.advance(view)
    assert (await meta.public())["pages"].get(COFFEE, []) == []
    await goes_on(desk, departure)
    assert (await desk.look(view)).post.state is PostState.CANCELLED
    assert (await actions(desk, view.post.id))[-1] == "post_called_off"
    await round_of_the_engine(desk)
    assert (await meta.public())["pages"].get(COFFEE, []) == []


async def test_what_the_public_may_see_is_looked_up_first(desk: Desk, meta: Meta) -> None:
    """The answer of a call was lost; the departure waits until somebody knows."""
    view = await desk.publish(desk.content(desk.facebook))
    await meta.fault("/feed", "error_after", status=500, code=2)
    await desk.advance(view)
    departure = await removed(desk)
    await goes_on(desk, departure)
    assert (await row(desk, departure)).step is DepartureStep.CANCEL
    async with desk.services.db.session(desk.cast.program) as session:
        again = {"state": PublicationState.QUEUED, "next_run_at": None, "queued_at": datetime.now(UTC)}
        await session.exec(update(Publication).where(col(Publication.post_id) == view.post.id).values(again))
    seen = await desk.advance(view)
    assert seen.post.state is PostState.PUBLISHED
    await is_time(desk, departure)
    await goes_on(desk, departure)
    assert (await row(desk, departure)).step is DepartureStep.DELETE


# --- step by step -----------------------------------------------------------------------------------------


async def test_nothing_is_left_but_the_trail(desk: Desk, owner: Owner[Any]) -> None:
    kept = await desk.keep()
    view = await scheduled(desk, desk.content(desk.instagram, media_id=kept.id), soon(hours=2))
    await desk.draft(desk.content(desk.facebook, caption="=SUM(1)"))
    departure = await removed(desk)
    await to_the_end(desk, departure)
    assert left(owner, desk) == {"audit_logs", "departures"}
    said = (await trail(desk))[(await trail(desk)).index("client_removal_asked") :]
    assert said == [
        "client_removal_asked",
        "post_called_off",
        "client_posts_cancelled",
        "client_exported",
        "account_disconnected",
        "account_disconnected",
        "login_revoked",
        "client_logins_ended",
        "client_shredded",
        "client_removed",
        "client_export_handed_over",
    ]
    with pytest.raises(NotFound):
        await desk.services.store.get(f"{desk.cast.id}/{kept.id}/original")
    posts, audit = await opened(desk, departure)
    assert {one["post_id"] for one in posts} >= {str(view.post.id)}
    assert "'=SUM(1)" in {one["caption"] for one in posts}
    assert "client_posts_cancelled" in {one["action"] for one in audit}
    assert await whole(desk)
    await is_time(desk, departure)
    await goes_on(desk, departure)
    assert left(owner, desk) == {"audit_logs"}
    with pytest.raises(NotFound):
        await desk.services.store.get(f"{departures.folder(departure)}/{departures.EXPORT}")
    assert await whole(desk)


async def test_the_export_names_who_approved_and_what_the_trail_tells_of(desk: Desk) -> None:
    stage = replace(MANAGERS, roles=frozenset({"manager", "admin", "author"}), needs=3)
    await rule(desk, stage, someone_else=False)
    view = await asked(desk)
    for member in (desk.cast.manager, desk.cast.admin):
        await says(desk, member, view)
    await takes_back(desk, desk.cast.admin, view)
    departure = await removed(desk)
    await to_the_end(desk, departure)
    posts, audit = await opened(desk, departure)
    (post,) = [one for one in posts if one["post_id"] == str(view.post.id)]
    assert post["approved_by"] == desk.cast.manager.name
    assert datetime.now(UTC) - datetime.fromisoformat(post["approved_at"]) < timedelta(minutes=5)
    (approved,) = [one for one in audit if one["action"] == "post_approved" and one["person"] == "Dana Reyes"]
    assert (approved["user_id"], approved["client"]) == (desk.cast.manager.slack_user_id, NAME)


async def opened(desk: Desk, departure: Departure) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Open the export by its private address; give its two tables."""
    address = departures.address(desk.services, await row(desk, departure))
    token = address.split("/exports/")[1].split("/")[0]
    name, data = await departures.download(desk.services, departure.id, token=token, origin=Origin())
    assert name == NAME
    archive = zipfile.ZipFile(io.BytesIO(data))
    tables = [io.StringIO(archive.read(one).decode(), newline="") for one in ("posts.csv", "audit.csv")]
    posts, audit = (list(csv.DictReader(table)) for table in tables)
    return posts, audit


class Killed(BaseException):
    """The process is gone."""


class Mortal(Database):
    """A database whose process dies before its so-manieth transaction."""

    def __init__(self, db: Database, left: int) -> None:
        self.__dict__.update(db.__dict__)
        self.left = left

    @asynccontextmanager
    async def session(self, actor: Actor) -> AsyncIterator[AsyncSession]:
        self.left -= 1
        if self.left < 0:
            raise Killed
        async with super().session(actor) as session:
            yield session


async def test_whatever_dies_when_it_comes_to_the_same_end(desk: Desk, owner: Owner[Any]) -> None:
    """Killed before its first transaction, then before the second, and so on, each time going on anew."""
    kept = await desk.keep()
    await scheduled(desk, desk.content(desk.instagram, media_id=kept.id), soon(hours=2))
    await scheduled(desk, desk.content(desk.facebook), soon(hours=3))
    departure, deaths = await removed(desk), 0
    for lives in [*range(1, 9)] * 8:
        mortal = replace(desk.services, db=Mortal(desk.services.db, lives))
        await all_said(desk)
        await is_time(desk, departure)
        try:
            await goes_on(desk, departure, mortal)
        except Killed:
            deaths += 1
        if (await row(desk, departure)).step is DepartureStep.TELL:
            break
    await to_the_end(desk, departure)
    assert deaths > 5
    assert left(owner, desk) == {"audit_logs", "departures"}
    done = await trail(desk)
    once = (
        "client_posts_cancelled",
        "client_exported",
        "client_logins_ended",
        "client_shredded",
        "client_removed",
    )
    assert [done.count(one) for one in once] == [1] * 5
    assert done.count("post_called_off") == 2
    assert await whole(desk)


@pytest.mark.parametrize("step", list(DepartureStep))
async def test_a_step_that_somebody_else_has_done_changes_nothing(desk: Desk, step: DepartureStep) -> None:
    departure = await removed(desk)
    ids = {"agency_id": departure.agency_id, "departure_id": departure.id}
    while (taken := await departures.take(desk.services, **ids)) and taken.step is not step:
        await leaving.STEPS[taken.step](desk.services, taken)
        if taken.step is DepartureStep.TELL:
            await leaving.deliver(desk.services, Recorder(), **ids)
            await is_time(desk, departure)
    assert taken is not None
    await leaving.STEPS[step](desk.services, taken)
    before = await trail(desk)
    if step in (DepartureStep.TELL, DepartureStep.EXPIRE):
        await leaving.STEPS[step](desk.services, taken)
    else:
        with pytest.raises(departures.Overtaken):
            await leaving.STEPS[step](desk.services, taken)
    assert await trail(desk) == before


# --- logins at Meta ---------------------------------------------------------------------------------------


async def test_the_login_is_given_back_at_meta(desk: Desk, meta: Meta) -> None:
    await goes_on(desk, await removed(desk))
    asked = [one for one in await meta.requests() if one["method"] == "DELETE"]
    assert len(asked) == 1
    assert "access_token" not in str(asked[0].get("query", ""))


async def test_a_login_that_another_client_needs_stays_at_meta(desk: Desk, meta: Meta) -> None:
    async with desk.services.db.session(desk.cast.program) as session:
        login = (await session.exec(select(Connection))).one()
        values = login.model_dump(exclude={"id", "client_id"}) | {"access_token": None}
        session.add(Connection(**values, client_id=desk.cast.other_client.id))
    await goes_on(desk, await removed(desk))
    assert [one for one in await meta.requests() if one["method"] == "DELETE"] == []
    assert "login_kept_at_meta" in await trail(desk)


@pytest.mark.parametrize(("moment", "ending"), [("request", Ending.GIVEN_BACK), ("response", None)])
async def test_who_is_connected_for_another_client_meanwhile_hears_the_true_reason(
    desk: Desk, meta: Meta, moment: str, ending: Ending | None
) -> None:
    """Meta ends it with the one that is given back; or not, where it was made just after that."""
    made: list[Login] = []

    async def meanwhile(what: httpx.Request | httpx.Response) -> None:
        request = what.request if isinstance(what, httpx.Response) else what
        if request.method == "DELETE" and not made:
            made.append(await connected_elsewhere(desk, meta))

    async with httpx.AsyncClient(event_hooks={moment: [meanwhile]}) as http:
        secret = SecretStr(APP_SECRET)
        graph = GraphAPI(http, base_url=meta.url, version="v25.0", app_id=APP_ID, app_secret=secret)
        await goes_on(desk, await removed(desk), replace(desk.services, graph=graph))
    [other] = made
    row = await other.row()
    assert (row.ending, bool(row.access_token)) == (ending, ending is None)
    assert [one.ending for one in (await other.accounts()).values()] == [ending]
    assert len(await other.alerts()) == (1 if ending else 0)
    assert "login_revoked" in await trail(desk)


async def connected_elsewhere(desk: Desk, meta: Meta) -> Login:
    """Connect another client with the login of the same person."""
    cast, services = desk.cast, desk.services
    who, client = cast.actor(cast.stranger), cast.other_client
    [account] = await connect(services, meta, who, client.id, f"facebook_page:{ROASTERY}")
    other = Login(services, meta, cast, account.connection_id)
    async with services.db.session(cast.program) as session:
        theirs = select(Connection.meta_user_id).where(Connection.client_id == cast.client.id)
        person = (await session.exec(theirs)).one()
    await other.put(meta_user_id=person)
    return other


async def test_a_dead_token_is_noted_and_nothing_waits(desk: Desk, meta: Meta) -> None:
    await meta.tokens("password")
    departure = await removed(desk)
    await goes_on(desk, departure)
    assert "login_not_revoked" in await trail(desk)
    assert (await row(desk, departure)).step is DepartureStep.TELL


async def test_while_meta_is_away_it_is_tried_again_and_given_up_in_the_end(desk: Desk, meta: Meta) -> None:
    await meta.fault("/permissions", "error", status=500, code=2, times=10)
    departure = await removed(desk)
    await goes_on(desk, departure)
    waits = await row(desk, departure)
    assert (waits.step, waits.attempts) == (DepartureStep.REVOKE, 1)
    assert waits.next_run_at > datetime.now(UTC) + timedelta(seconds=30)
    await is_time(desk, departure)
    await goes_on(desk, departure)
    assert (await row(desk, departure)).attempts == 2
    await is_time(desk, departure, step_since=datetime.now(UTC) - timedelta(days=4))
    await goes_on(desk, departure)
    assert "login_not_revoked" in await trail(desk)
    async with desk.services.db.session(desk.cast.program) as session:
        assert (await session.exec(select(Connection.access_token))).first() is None
        assert not (await session.exec(select(Account).where(col(Account.is_active)))).all()


# --- what its channel is told -----------------------------------------------------------------------------


async def in_channel(desk: Desk) -> None:
    """Give the client a channel."""
    async with desk.services.db.session(desk.cast.program) as session:
        (await session.get_one(Client, desk.cast.client.id)).slack_channel_id = "C0NORTHW01"


async def hands_over(desk: Desk, departure: Departure, slack: Recorder) -> None:
    """Let the sweep look, and do what it handed over, twice: jobs may be doubled."""
    heard = desk.services.transport
    assert isinstance(heard, Heard)
    heard.goodbyes.clear()
    await leaving.have_channel_told(desk.services, await row(desk, departure))
    ids = {"agency_id": departure.agency_id, "departure_id": departure.id}
    for _ in (*heard.goodbyes, *heard.goodbyes):
        await leaving.deliver(desk.services, slack, **ids)


async def test_its_channel_is_told_once_and_until_slack_has_heard_it(desk: Desk) -> None:
    await in_channel(desk)
    departure = await removed(desk)
    slack = Recorder(meanwhile={"departing": failing(SlackAway())})
    await hands_over(desk, departure, slack)
    assert slack.said == []
    await hands_over(desk, departure, slack)  # it is not time to try again
    assert slack.said == []
    await is_time(desk, departure, tell_at=datetime(2000, 1, 1, tzinfo=UTC))
    for _ in range(2):
        await hands_over(desk, departure, slack)
    assert slack.said == ["departing"]


async def is_told(desk: Desk, departure: Departure, slack: Recorder) -> DepartureStep:
    """Let Slack be told what is to be told by now; give the step that is next."""
    ids = {"agency_id": departure.agency_id, "departure_id": departure.id}
    await leaving.deliver(desk.services, slack, **ids)
    return (await row(desk, departure)).step


async def gone_from_channel(desk: Desk) -> Departure:
    """Have a client with a channel removed, but for what is to be told."""
    await in_channel(desk)
    departure = await removed(desk)
    await goes_on(desk, departure)
    await all_said(desk)
    await is_time(desk, departure)
    await goes_on(desk, departure)
    return departure


@pytest.mark.parametrize("error", [SlackAway(), TryAgainLater("Slack asks us to wait."), ConnectionError()])
async def test_its_channel_is_told_first_however_late_that_is(desk: Desk, error: Exception) -> None:
    departure = await gone_from_channel(desk)
    slack = Recorder(meanwhile={"departing": failing(error)})
    with suppress(ConnectionError):  # it died over it
        await is_told(desk, departure, slack)
    assert await is_told(desk, departure, slack) is DepartureStep.TELL  # it is not time to try again
    assert slack.said == []
    await is_time(desk, departure, tell_at=datetime(2000, 1, 1, tzinfo=UTC))
    for _ in range(2):
        assert await is_told(desk, departure, slack) is DepartureStep.EXPIRE
    assert slack.said == ["departing", "departed"]


async def test_a_channel_that_cannot_be_told_keeps_nobody_waiting(desk: Desk) -> None:
    departure = await gone_from_channel(desk)
    slack = Recorder(meanwhile={"departing": failing(PressroomError("Slack refused it: no_such_channel."))})
    assert await is_told(desk, departure, slack) is DepartureStep.EXPIRE
    assert slack.said == ["departed"]
    assert (await row(desk, departure)).tell_at is None


async def test_a_channel_that_is_never_told_keeps_the_export_waiting_for_some_days(desk: Desk) -> None:
    departure = await gone_from_channel(desk)
    slack = Recorder(meanwhile={"departing": failing(SlackAway())})
    assert await is_told(desk, departure, slack) is DepartureStep.TELL
    await is_time(desk, departure, step_since=datetime.now(UTC) - timedelta(days=4))
    await goes_on(desk, departure)
    assert (await row(desk, departure)).step is DepartureStep.EXPIRE


async def test_nobody_is_told_a_month_later(desk: Desk) -> None:
    await in_channel(desk)
    departure, slack = await removed(desk), Recorder()
    await is_time(desk, departure, step=DepartureStep.EXPIRE)
    await hands_over(desk, departure, slack)
    ids = {"agency_id": departure.agency_id, "departure_id": departure.id}
    await leaving.deliver(desk.services, slack, **ids)
    assert slack.said == []


async def test_what_waits_and_what_failed_is_counted_and_what_is_at_rest_is_not(
    desk: Desk, meta: Meta
) -> None:
    await meta.fault("/feed", "error", code=100, times=1)
    await desk.advance(await desk.publish(desk.content(desk.facebook)))
    await scheduled(desk, desk.content(desk.facebook), soon(hours=3))
    await rule(desk, MANAGERS)
    await asked(desk)
    withdrawn = await asked(desk, "Not this one")
    await withdrawals.withdraw(desk.services, desk.actor, Seen.of(withdrawn.post))
    await says(desk, desk.cast.manager, await asked(desk, "Not so"), Decision.CHANGES_REQUESTED, "Shorter")
    ada = desk.cast.actor(desk.cast.admin)
    async with desk.services.db.session(ada) as session:
        found = await departures.stakes(session, ada, desk.cast.client.id)
        of_all = await grace.stakes(session, ada)
    assert (found.planned, found.in_approval, found.failed) == (1, 1, 1)
    assert (of_all.posts, of_all.failed) == (found.planned + found.in_approval, found.failed)


async def test_every_card_is_drawn_a_last_time(desk: Desk) -> None:
    await rule(desk, MANAGERS)
    withdrawn = await asked(desk, "Not this one")
    await withdrawals.withdraw(desk.services, desk.actor, Seen.of(withdrawn.post))
    await all_said(desk)
    await goes_on(desk, await removed(desk))
    async with desk.services.db.session(desk.cast.program) as session:
        owed = select(Announcement).where(col(Announcement.done_at).is_(None), Announcement.kind == "card")
        assert withdrawn.post.id in {one.post_id for one in await session.exec(owed)}
