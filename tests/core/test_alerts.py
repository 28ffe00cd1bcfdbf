"""Who hears that a login ends, or has ended: the right person, in time, once."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col

from core import alerts, checkups, clients
from core.alerts import ahead, nearest
from core.clients import Details
from core.errors import TryAgainLater
from core.models import Account, Alert, Member, Platform
from core.reminders import working
from core.services import Services
from tests.conftest import Cast, Heard
from tests.core.logins import LONG_AGO, Login, logged_in
from tests.core.recorder import Recorder, failing
from tests.drivers.connecting import open_link
from tests.drivers.meta import COFFEE, Meta

ZONES = ["Europe/Stockholm", "America/Los_Angeles", "Pacific/Auckland", "Asia/Kolkata"]
END = datetime(2026, 12, 16, 10, tzinfo=UTC)  # a Wednesday


@pytest.fixture
async def login(services: Services, meta: Meta, agency: Cast) -> Login:
    return await logged_in(services, meta, agency)


async def told(login: Login) -> list[tuple[UUID, int | None]]:
    """Give whom it was planned to tell, with how many days ahead."""
    return [(one.member_id, one.days) for one in await login.alerts()]


async def warned(login: Login, **ends_in: float) -> list[tuple[UUID, int | None]]:
    """Have the end come nearer, and the sweep look."""
    await login.ends_in(datetime.now(UTC), **ends_in)
    await alerts.warn(login.services)
    return await told(login)


async def deliver(login: Login, slack: Recorder) -> None:
    """Have everything said whose time has come."""
    for one in await login.alerts():
        await alerts.deliver(login.services, slack, agency_id=login.cast.id, alert_id=one.id)


async def make_due(login: Login) -> None:
    """Have the working hours begin."""
    async with login.services.db.session(login.cast.program) as session:
        await session.exec(update(Alert).where(col(Alert.said_at).is_(None)).values(next_run_at=LONG_AGO))


class TestWhen:
    @pytest.mark.parametrize(
        ("left", "days"),
        [
            (30, None),
            (14.1, None),
            (13.9, 14),
            (7.1, 14),
            (6.9, 7),
            (1.1, 7),
            (0.9, 1),
            (0, None),
            (-1, None),
        ],
    )
    def test_fourteen_seven_and_one_day_ahead(self, left: float, days: int | None) -> None:
        assert nearest(END, END - timedelta(days=left)) == days

    @pytest.mark.parametrize("day", range(14, 21))  # Monday to Sunday
    @pytest.mark.parametrize("hour", [0, 9, 20])
    @pytest.mark.parametrize("zone", ZONES)
    def test_the_last_warning_comes_in_working_hours_before_the_end(
        self, agency: Cast, day: int, hour: int, zone: str
    ) -> None:
        end, member = datetime(2026, 12, day, hour, tzinfo=UTC), agency.manager.model_copy()
        member.timezone = zone
        at = alerts.in_time(ahead(end, 1), end, member)
        assert end - timedelta(days=6) < at < end
        assert at == working(at, member.zone)

    async def test_each_is_planned_once_and_for_working_hours(self, login: Login) -> None:
        for _ in range(3):
            await warned(login, days=13)
        [one] = await login.alerts()
        zone = login.cast.manager.zone
        assert one.next_run_at == working(one.next_run_at, zone)

    async def test_many_processes_plan_it_once(self, login: Login) -> None:
        await login.ends_in(datetime.now(UTC), days=13)
        await asyncio.gather(*(alerts.warn(login.services) for _ in range(5)))
        assert len(await login.alerts()) == 1


class TestWhom:
    async def test_first_the_one_who_connected_then_the_managers_too(self, login: Login) -> None:
        cast = login.cast
        await second_manager(login)
        assert await warned(login, days=13) == [(cast.manager.id, 14)]
        everybody = {cast.manager.id, cast.stranger.id}
        assert {who for who, days in await warned(login, days=6) if days == 7} == everybody
        assert {who for who, days in await warned(login, hours=20) if days == 1} == everybody
        assert len(await login.alerts()) == 5

    async def test_whoever_may_no_longer_connect_is_not_asked(self, login: Login) -> None:
        cast = login.cast
        await team(login, managers=[cast.stranger])
        assert await warned(login, days=13) == [(cast.stranger.id, 14)]

    async def test_a_page_alone_is_not_warned_of_what_does_not_concern_it(self, login: Login) -> None:
        async with login.services.db.session(login.cast.program) as session:
            gone = update(Account).where(col(Account.platform) == Platform.INSTAGRAM)
            await session.exec(gone.values(is_active=False, access_token=None))
        assert await warned(login, days=6) == []
        row = await login.row()
        assert row.token_expires_at
        assert row.warn_at == row.token_expires_at - alerts.WIDEST

    async def test_a_login_that_could_not_be_renewed_warns_too(self, login: Login) -> None:
        await login.put(token_expires_at=datetime.now(UTC) + timedelta(days=6))
        await login.put(warn_at=LONG_AGO)
        await alerts.warn(login.services)
        assert await told(login) == [(login.cast.manager.id, 7)]

    async def test_another_reason_is_not_told_as_another_end(self, login: Login) -> None:
        slack = Recorder()
        for state in ("checkpoint", "password", "valid"):
            await login.meta.tokens(state)
            assert await checkups.look(login.services, **login.ids)
            await deliver(login, slack)
        assert slack.said == ["alert"]
        assert await told(login) == [(login.cast.manager.id, None)]

    async def test_when_it_ends_both_are_told_at_once_and_once(self, login: Login) -> None:
        await second_manager(login)
        await login.meta.tokens("password")
        for _ in range(2):
            await checkups.look(login.services, **login.ids)
        assert {who for who, _ in await told(login)} == {login.cast.manager.id, login.cast.stranger.id}
        assert {days for _, days in await told(login)} == {None}
        assert await login.trail("login_end_told") == []  # nobody was told yet
        slack = Recorder()
        await deliver(login, slack)
        assert slack.said == ["alert"] * 2
        heard = [one.details["whom"] for one in await login.trail("login_end_told")]
        both = [[one.slack_user_id] for one in (login.cast.manager, login.cast.stranger)]
        assert sorted(heard) == sorted(both)

    @pytest.mark.parametrize("left", [13, 6])
    async def test_whoever_left_meanwhile_does_not_hear_it_and_whom_it_concerns_now_does(
        self, login: Login, left: int
    ) -> None:
        cast, slack = login.cast, Recorder()
        await second_manager(login)
        await warned(login, days=left)
        await team(login, managers=[cast.stranger, cast.author])
        for _ in range(3):  # on Monday, twice over
            await make_due(login)
            await deliver(login, slack)
        assert {one.member_id for one in await login.alerts()} == {cast.stranger.id, cast.author.id}
        assert slack.said == ["alert"] * 2
        days = {one.details["days"] for one in await login.trail("login_end_near")}
        assert days == {14 if left > 7 else 7}

    async def test_an_end_is_told_to_whom_it_concerns_by_then(self, login: Login) -> None:
        cast, slack = login.cast, Recorder()
        await login.meta.tokens("password")
        await checkups.look(login.services, **login.ids)
        await team(login, managers=[cast.stranger])
        for _ in range(2):
            await deliver(login, slack)
        assert [one.member_id for one in await login.alerts()] == [cast.stranger.id]
        assert slack.said == ["alert"]
        [entry] = await login.trail("login_end_told")
        assert entry.details["whom"] == [cast.stranger.slack_user_id]


class TestSaying:
    async def test_it_is_said_once_however_many_say_it(self, login: Login) -> None:
        slack = Recorder()
        await warned(login, days=13)
        await make_due(login)
        await asyncio.gather(*(deliver(login, slack) for _ in range(5)))
        await deliver(login, slack)
        assert slack.said == ["alert"]
        [entry] = await login.trail("login_end_near")
        assert (entry.details["days"], entry.details["whom"]) == (14, [login.cast.manager.slack_user_id])

    async def test_the_engine_hears_of_those_that_are_due_alone(self, login: Login) -> None:
        heard = login.services.transport
        assert isinstance(heard, Heard)
        await warned(login, days=13)
        [one] = await login.alerts()
        async with login.services.db.session(login.cast.program) as session:
            await session.exec(update(Alert).values(next_run_at=datetime.now(UTC) + timedelta(hours=1)))
        await alerts.hand_over(login.services)
        assert one.id not in heard.alerted
        await make_due(login)
        await alerts.hand_over(login.services)
        assert heard.alerted.count(one.id) == 1

    async def test_while_slack_is_away_it_is_tried_again(self, login: Login) -> None:
        slack = Recorder(meanwhile={"alert": failing(TryAgainLater("Slack is away."))})
        await warned(login, days=13)
        await make_due(login)
        await deliver(login, slack)
        await deliver(login, slack)
        assert slack.said == []
        await make_due(login)  # five minutes later
        await deliver(login, slack)
        assert slack.said == ["alert"]

    async def test_a_process_that_dies_before_it_is_said_leaves_it_to_another(self, login: Login) -> None:
        await warned(login, days=13)
        await make_due(login)
        [one] = await login.alerts()
        assert await alerts.take(login.services, login.cast.id, one.id)  # and here it dies
        slack = Recorder()
        await deliver(login, slack)
        assert slack.said == []
        await make_due(login)
        await deliver(login, slack)
        assert slack.said == ["alert"]

    async def test_what_was_put_right_meanwhile_is_not_said(self, login: Login, meta: Meta) -> None:
        slack = Recorder()
        await warned(login, days=13)
        await make_due(login)
        await logged_in(login.services, meta, login.cast)
        await deliver(login, slack)
        assert (slack.said, await login.alerts()) == ([], [])

    async def test_half_a_login_heals_its_accounts_so_that_nothing_is_said(self, login: Login) -> None:
        await half_a_login(login)
        await checkups.look(login.services, **login.ids)
        assert await login.endings() == [None, None]
        slack = Recorder()
        await deliver(login, slack)
        assert (slack.said, await login.alerts()) == ([], [])

    async def test_an_account_that_half_a_login_leaves_out_is_told_of(self, login: Login, meta: Meta) -> None:
        await half_a_login(login)
        await meta.withdraw(unshared=[COFFEE])
        await checkups.look(login.services, **login.ids)
        slack = Recorder()
        await deliver(login, slack)
        assert slack.said == ["alert"]

    async def test_an_end_that_moved_away_is_not_said(self, login: Login) -> None:
        slack = Recorder()
        await warned(login, days=13)
        await make_due(login)
        await login.put(data_access_expires_at=datetime.now(UTC) + timedelta(days=80))
        await deliver(login, slack)
        assert slack.said == []

    async def test_after_a_new_login_the_next_end_is_warned_of_again(self, login: Login, meta: Meta) -> None:
        await warned(login, days=13)
        await logged_in(login.services, meta, login.cast)
        assert await warned(login, days=12) == [(login.cast.manager.id, 14)]


async def half_a_login(login: Login) -> None:
    """Have it end, and the person log in anew, but close the window before choosing; a look is due then."""
    await login.meta.tokens("password")
    await checkups.look(login.services, **login.ids)
    cast = login.cast
    link = await open_link(login.services, login.meta, cast.actor(cast.manager), cast.client.id)
    await link.log_in()
    row = await login.row()
    assert row.check_at
    assert row.check_at <= datetime.now(UTC)


async def second_manager(login: Login) -> None:
    await team(login, managers=[login.cast.manager, login.cast.stranger])


async def team(login: Login, *, managers: list[Member]) -> None:
    """Have others manage the client."""
    cast = login.cast
    ids = frozenset(one.id for one in managers)
    details = Details("Northwind Coffee", None, ids, frozenset({cast.author.id}))
    await clients.change(login.services.db, cast.actor(cast.admin), cast.client.id, details)
