"""Every way in which a login, or an account of it, ends is told apart; what can be healed is healed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core import accounts, checkups, endings, refresh
from core.errors import ReconnectNeeded
from core.models import Ending, Platform
from core.services import Services
from tests.conftest import Cast
from tests.core.logins import LONG_AGO, Login, logged_in
from tests.drivers.meta import COFFEE, COFFEE_INSTAGRAM, Meta

DAYS = 24 * 3600.0


@pytest.fixture
async def login(services: Services, meta: Meta, agency: Cast) -> Login:
    return await logged_in(services, meta, agency)


async def look(login: Login) -> list[str | None]:
    """Look at the login, and give why its accounts cannot be used."""
    assert await checkups.look(login.services, **login.ids)
    return await login.endings()


def both(ending: Ending) -> list[Ending]:
    return [ending, ending]


class TestTheWholeLogin:
    @pytest.mark.parametrize(
        ("state", "ending"),
        [
            ("expired", Ending.EXPIRED),
            ("password", Ending.PASSWORD),
            ("deauthorized", Ending.REMOVED),
            ("checkpoint", Ending.CHECKPOINT),
            ("blocked", Ending.CHECKPOINT),
            ("unconfirmed", Ending.UNCONFIRMED),
            ("logged_out", Ending.LOGGED_OUT),
        ],
    )
    async def test_each_way_it_ends_is_told_apart(self, login: Login, state: str, ending: Ending) -> None:
        await login.meta.tokens(state)
        assert await look(login) == both(ending)
        row = await login.row()
        is_kept = ending is not Ending.REMOVED  # a token of somebody who removed Pressroom is of no use
        assert (row.ending, row.is_active, bool(row.access_token)) == (ending, is_kept, is_kept)
        [ended] = await login.trail("login_ended")
        assert ended.details["ending"] == ending
        troubles = await login.trail("account_in_trouble")
        assert [one.details["reason"] for one in troubles] == [endings.SENTENCES[ending]] * 2

    async def test_a_time_that_is_over_ends_it(self, login: Login) -> None:
        await login.meta.pass_time(61 * DAYS)
        assert await look(login) == both(Ending.EXPIRED)

    async def test_what_is_known_is_not_told_again(self, login: Login) -> None:
        await login.meta.tokens("password")
        for _ in range(3):
            await look(login)
        assert len(await login.trail("login_ended")) == 1
        assert len(await login.alerts()) == 1
        assert len(await login.trail("account_in_trouble")) == 2

    async def test_what_works_again_is_healed(self, login: Login) -> None:
        await login.meta.tokens("checkpoint")
        await look(login)
        await login.meta.tokens("valid")
        assert await look(login) == [None, None]
        assert (await login.row()).ending is None
        assert len(await login.trail("account_recovered")) == 2


class TestOneAccount:
    async def test_a_role_that_was_lost(self, login: Login) -> None:
        await login.meta.tokens("role_lost", account=COFFEE)
        assert await look(login) == both(Ending.ROLE_LOST)
        assert (await login.row()).ending is None
        await login.meta.tokens("valid", account=COFFEE)
        assert await look(login) == [None, None]

    async def test_a_task_that_was_taken_away(self, login: Login) -> None:
        await login.meta.withdraw(tasks={COFFEE: ["ANALYZE", "MODERATE"]})
        assert await look(login) == both(Ending.TASK_LOST)
        await login.meta.withdraw(tasks={COFFEE: ["CREATE_CONTENT"]})
        assert await look(login) == [None, None]

    @pytest.mark.parametrize(
        ("permission", "ended"),
        [
            ("instagram_content_publish", [Ending.PERMISSION, None]),
            ("instagram_basic", [Ending.PERMISSION, None]),
            ("pages_manage_posts", [None, Ending.PERMISSION]),
            ("pages_read_engagement", both(Ending.PERMISSION)),
            ("pages_show_list", both(Ending.PERMISSION)),
        ],
    )
    async def test_a_permission_that_was_withdrawn(
        self, login: Login, permission: str, ended: list[Ending | None]
    ) -> None:
        await login.meta.withdraw(permissions=[permission])
        assert await look(login) == ended

    async def test_an_account_that_is_no_longer_shared(self, login: Login) -> None:
        await login.meta.withdraw(unshared=[COFFEE_INSTAGRAM])
        assert await look(login) == [Ending.PERMISSION, None]

    async def test_a_page_that_is_no_longer_shared(self, login: Login) -> None:
        await login.meta.withdraw(unshared=[COFFEE])
        assert await look(login) == both(Ending.PERMISSION)

    async def test_access_to_data_that_is_over_ends_instagram_alone(self, login: Login) -> None:
        await login.meta.pass_time(50 * DAYS)
        await login.put(refresh_at=LONG_AGO)
        await refresh.renew(login.services)
        await login.meta.pass_time(41 * DAYS)
        assert await look(login) == [Ending.DATA_ACCESS, None]

    async def test_one_that_meta_refuses_does_not_hide_the_others(self, login: Login) -> None:
        await login.meta.withdraw(unshared=[COFFEE_INSTAGRAM])
        refusal: dict[str, Any] = {
            "code": 10,
            "message": "Application does not have permission for this action",
        }
        await login.meta.fault(f"/{COFFEE_INSTAGRAM}", "error", times=None, **refusal)
        await login.meta.withdraw(tasks={COFFEE: ["ANALYZE"]})
        assert await look(login) == [Ending.PERMISSION, Ending.TASK_LOST]

    async def test_one_that_meta_will_not_speak_of_stays_what_it_was_and_hides_no_other(
        self, login: Login
    ) -> None:
        await login.meta.withdraw(unshared=[COFFEE_INSTAGRAM])
        restricted: dict[str, Any] = {"code": 25, "subcode": 2207050, "message": "The user is restricted"}
        await login.meta.fault(f"/{COFFEE_INSTAGRAM}", "error", times=None, **restricted)
        await login.meta.withdraw(tasks={COFFEE: ["ANALYZE"]})
        assert await look(login) == [None, Ending.TASK_LOST]
        row = await login.row()
        assert row.check_at
        assert row.check_at - datetime.now(UTC) > timedelta(hours=20)  # not again and again, hour by hour

    async def test_a_dead_token_of_an_account_is_replaced_while_the_login_lives(self, login: Login) -> None:
        own, *before = await login.opened()
        await login.meta.tokens("password", account=COFFEE)
        assert await look(login) == [None, None]
        now_own, *now = await login.opened()
        assert now_own == own
        assert set(now).isdisjoint(before)
        [entry] = await login.trail("token_refreshed")
        assert len(entry.details["accounts"]) == 2


class TestWhatProvesNothing:
    async def test_two_reads_that_do_not_show_an_account_are_not_enough(self, login: Login) -> None:
        """The list leaves the Page out and a read hides it (100/33), but the token is good and names it."""
        await login.meta.withdraw(tasks={COFFEE: []})
        assert await look(login) == [None, None]

    async def test_two_reads_and_a_login_that_no_longer_names_it_are(self, login: Login) -> None:
        await login.meta.withdraw(unshared=[COFFEE])
        read = f"/{COFFEE}"
        await login.meta.fault(read, "status", status=503, times=None)
        assert not await checkups.look(login.services, **login.ids)  # without the second read, nobody knows
        assert await login.endings() == [None, None]
        await login.meta.http.delete(f"{login.meta.url}/_sim/faults")
        assert await look(login) == both(Ending.PERMISSION)

    @pytest.mark.parametrize("match", ["debug_token", "me/accounts", "me/permissions"])
    async def test_while_meta_is_away_nothing_is_concluded(self, login: Login, match: str) -> None:
        await login.meta.fault(match, "status", status=503, times=None)
        assert not await checkups.look(login.services, **login.ids)
        assert await login.endings() == [None, None]
        row = await login.row()
        assert row.lease_until is None
        assert row.check_at
        assert timedelta(minutes=50) < row.check_at - datetime.now(UTC) < timedelta(minutes=70)


class TestTheSweep:
    async def test_every_login_is_looked_at_once_a_day(self, login: Login) -> None:
        row = await login.row()
        assert row.check_at
        assert timedelta(hours=21) < row.check_at - datetime.now(UTC) < timedelta(hours=27)
        await login.put(check_at=LONG_AGO, checked_at=None)
        await login.meta.withdraw(permissions=["pages_manage_posts"])
        for _ in range(2):
            await checkups.check(login.services)
        row = await login.row()
        assert row.checked_at
        assert row.check_at
        assert timedelta(hours=21) < row.check_at - datetime.now(UTC) < timedelta(hours=27)
        assert await login.endings() == [None, Ending.PERMISSION]

    async def test_one_that_ends_before_it_would_be_renewed_is_renewed_at_once(self, login: Login) -> None:
        row = await login.row()
        planned = row.refresh_at
        await look(login)
        assert (await login.row()).refresh_at == planned
        assert row.token_expires_at
        await login.put(refresh_at=row.token_expires_at + timedelta(days=1))
        await look(login)
        row = await login.row()
        assert row.refresh_at
        assert row.refresh_at <= datetime.now(UTC)

    async def test_what_was_found_stands_in_the_list_of_accounts(self, login: Login) -> None:
        await login.meta.withdraw(tasks={COFFEE: ["ANALYZE"]})
        await look(login)
        account = (await login.accounts())[Platform.FACEBOOK]
        health = accounts.health(account, await login.row(), now=datetime.now(UTC))
        assert not health.ok
        assert "may no longer create content on the Page" in health.sentence


@pytest.mark.parametrize(
    ("said", "ending"),
    [
        ({"code": 190, "subcode": 463}, Ending.EXPIRED),
        ({"code": 190, "subcode": 460}, Ending.PASSWORD),
        ({"code": 190, "subcode": 458}, Ending.REMOVED),
        ({"code": 190, "subcode": 459}, Ending.CHECKPOINT),
        ({"code": 190, "subcode": 464}, Ending.UNCONFIRMED),
        ({"code": 190, "subcode": 467}, Ending.LOGGED_OUT),
        ({"code": 190, "subcode": 490}, Ending.CHECKPOINT),
        ({"code": 190, "subcode": 492}, Ending.ROLE_LOST),
        ({"code": 190}, Ending.LOGGED_OUT),
        ({"code": 102}, Ending.LOGGED_OUT),
        ({"code": 10}, Ending.PERMISSION),
        ({"code": 200}, Ending.PERMISSION),
        ({"code": 299}, Ending.PERMISSION),
        ({"code": 100, "subcode": 33}, None),
        ({"code": 190, "message": "You cannot access the app till you log in to…"}, Ending.CHECKPOINT),
        ({"code": 100, "message": "The user is not an Instagram Business"}, Ending.PERSONAL),
    ],
)
def test_an_error_of_meta_s_tells_which_ending(said: dict[str, Any], ending: Ending | None) -> None:
    assert endings.of_error(ReconnectNeeded(**said)) is ending


def test_every_ending_has_a_sentence_that_says_what_to_do() -> None:
    assert set(endings.SENTENCES) == set(Ending)
    assert all(
        "connect" in one and one.endswith(".") and len(one) < 200 for one in endings.SENTENCES.values()
    )
