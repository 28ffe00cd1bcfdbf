"""Meta says that a person removed Pressroom, or wants their data deleted: in every agency, and provably."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import select

from core import removals
from core.db import Database
from core.models import AuditEntry, Ending, Removal
from pressroom.schema import Addresses
from tests.conftest import Cast
from tests.core.logins import Login, logged_in
from tests.drivers.meta import APP_SECRET, MAYA, TOM, Meta
from tests.pressroom.conftest import own_database
from tests.web.conftest import Site

DEAUTHORIZE, DELETION = "/api/v1/meta/deauthorize", "/api/v1/meta/data-deletion"


def signed(person: str = MAYA, *, secret: str = APP_SECRET, **more: Any) -> dict[str, str]:
    said = {"algorithm": "HMAC-SHA256", "issued_at": int(datetime.now(UTC).timestamp()), "user_id": person}
    part = base64.urlsafe_b64encode(json.dumps(said | more).encode()).decode().rstrip("=")
    mac = base64.urlsafe_b64encode(hmac.digest(secret.encode(), part.encode(), hashlib.sha256))
    return {"signed_request": f"{mac.decode().rstrip('=')}.{part}"}


@pytest.fixture(scope="module")
async def db(postgres: Addresses) -> AsyncIterator[Database]:
    """A database of this module's own: the same person logs in in many tests of others."""
    with own_database(postgres) as addresses:
        made = Database(addresses.program)
        yield made
        await made.close()


@pytest.fixture
async def login(site: Site, meta: Meta, agency: Cast) -> Login:
    return await logged_in(site.services, meta, agency)


async def tokens(login: Login) -> list[str | None]:
    return [
        (await login.row()).access_token,
        *(one.access_token for one in (await login.accounts()).values()),
    ]


async def test_a_person_who_removes_the_app_on_facebook_is_forgotten(
    site: Site, login: Login, meta: Meta
) -> None:
    await meta.call_back(site.url)
    page = await meta.remove_app()
    assert "Pressroom was removed from Maya Chen" in page.text.replace("&#39;", "'")
    await removals.carry_on(site.services)
    assert await tokens(login) == [None, None, None]
    assert await login.endings() == [Ending.REMOVED, Ending.REMOVED]
    row = await login.row()
    assert (row.ending, row.is_active, row.meta_user_id) == (Ending.REMOVED, False, MAYA)
    [entry] = await login.trail("login_removed")
    assert entry.ip_address == "127.0.0.1"
    assert [one.member_id for one in await login.alerts()] == [login.cast.manager.id]
    assert [one["kind"] for one in await meta.warnings()] == []


async def test_it_is_so_in_every_agency_and_for_nobody_else(
    site: Site, login: Login, meta: Meta, make_agency: Callable[[], Awaitable[Cast]], http: httpx.AsyncClient
) -> None:
    other = await logged_in(site.services, meta, await make_agency())
    answer = await http.post(site.url + DEAUTHORIZE, data=signed(TOM))
    assert answer.json() == {"success": True}
    await removals.carry_on(site.services)
    assert None not in [*await tokens(login), *await tokens(other)]
    await meta.tokens("deauthorized", who=MAYA)
    assert (await http.post(site.url + DEAUTHORIZE, data=signed())).status_code == 200
    await removals.carry_on(site.services)
    for one in (login, other):
        assert await tokens(one) == [None, None, None]
        async with site.services.db.session(one.cast.program) as session:
            entries = await session.exec(select(AuditEntry).where(AuditEntry.action == "login_removed"))
            assert [entry.agency_id for entry in entries] == [one.cast.id]


async def test_said_twice_it_is_done_once(site: Site, login: Login, http: httpx.AsyncClient) -> None:
    await login.meta.tokens("deauthorized")
    for _ in range(2):
        assert (await http.post(site.url + DEAUTHORIZE, data=signed())).is_success
    await asyncio.gather(*(removals.carry_on(site.services) for _ in range(3)))
    assert len(await login.trail("login_removed")) == 1
    assert len(await login.alerts()) == 1


async def test_what_was_said_before_a_new_login_does_not_end_that(
    site: Site, login: Login, http: httpx.AsyncClient
) -> None:
    """Whoever kept an old callback can send it again; it is about an older login."""
    old = int((datetime.now(UTC) - timedelta(hours=1)).timestamp())
    for path in (DEAUTHORIZE, DELETION):
        assert (await http.post(site.url + path, data=signed(issued_at=old))).is_success
    await removals.carry_on(site.services)
    assert None not in await tokens(login)


async def test_a_login_right_after_a_removal_stays_as_long_as_meta_honours_it(
    site: Site, login: Login, meta: Meta, http: httpx.AsyncClient
) -> None:
    """Meta's call takes its time, and clocks differ: by the moments alone, either may be the later."""
    said = signed(issued_at=int((datetime.now(UTC) - timedelta(minutes=1)).timestamp()))
    await http.post(site.url + DEAUTHORIZE, data=said)
    await removals.carry_on(site.services)
    assert None not in await tokens(login)
    await meta.tokens("deauthorized")
    await http.post(site.url + DEAUTHORIZE, data=said)
    await removals.carry_on(site.services)
    assert await tokens(login) == [None, None, None]


async def test_what_is_done_late_does_not_end_a_login_that_came_after_it(
    site: Site, login: Login, meta: Meta, http: httpx.AsyncClient
) -> None:
    """No worker ran for a while, and the person has connected again meanwhile."""
    await http.post(site.url + DEAUTHORIZE, data=signed())
    again = await logged_in(site.services, meta, login.cast)
    await removals.carry_on(site.services)
    assert None not in await tokens(again)
    assert await again.trail("login_removed") == []


async def test_what_meta_said_of_a_person_is_seen_by_no_agency(
    site: Site, login: Login, http: httpx.AsyncClient
) -> None:
    await http.post(site.url + DELETION, data=signed())
    for actor in (login.cast.program, login.cast.actor(login.cast.admin)):
        async with site.services.db.session(actor) as session:
            assert (await session.exec(select(Removal))).all() == []
    async with site.services.db.as_nobody() as session:
        [noted] = (await session.exec(select(Removal))).all()
    assert (noted.meta_user_id, noted.ending) == (MAYA, Ending.DELETED)
    await removals.carry_on(site.services)
    async with site.services.db.as_nobody() as session:
        assert (await session.exec(select(Removal))).all() == []


async def test_a_deletion_takes_the_person_out_too_and_says_where_that_stands(
    site: Site, login: Login, meta: Meta, http: httpx.AsyncClient
) -> None:
    await meta.call_back(site.url)
    answer = (await meta.ask_deletion())["answer"]
    assert set(answer) == {"url", "confirmation_code"}
    assert "Your data is being deleted" in (await http.get(answer["url"])).text
    await removals.carry_on(site.services)
    row = await login.row()
    assert await tokens(login) == [None, None, None]
    assert MAYA not in row.meta_user_id
    assert (row.meta_user_name, row.permissions, row.ending) == ("(deleted)", [], Ending.DELETED)
    [entry] = await login.trail("data_deleted")
    assert entry.details["confirmation_code"] == answer["confirmation_code"]
    page = await http.get(answer["url"])
    assert page.status_code == 200
    assert "Your data was deleted" in page.text
    assert answer["confirmation_code"] in page.text
    assert "Maya" not in page.text
    assert page.headers["cache-control"] == "no-store"


async def test_after_a_removal_a_deletion_finds_the_rest(
    site: Site, login: Login, http: httpx.AsyncClient
) -> None:
    await http.post(site.url + DEAUTHORIZE, data=signed())
    await http.post(site.url + DELETION, data=signed())
    await removals.carry_on(site.services)
    assert (await login.row()).meta_user_name == "(deleted)"
    assert await login.endings() == [Ending.DELETED, Ending.DELETED]
    assert len(await login.alerts()) == 1


async def test_somebody_we_do_not_know_gets_a_code_too(site: Site, http: httpx.AsyncClient) -> None:
    answer = (await http.post(site.url + DELETION, data=signed("999"))).json()
    assert (await http.get(answer["url"])).status_code == 200


async def test_a_code_that_is_not_ours_is_said_to_be_none(site: Site, http: httpx.AsyncClient) -> None:
    answer = (await http.post(site.url + DELETION, data=signed("999"))).json()
    code = answer["confirmation_code"]
    for wrong in ("A", code[:-2] + "AA", code + "AA", "%C3%A4" * 40, "1" * 40, "=" * 40):
        page = await http.get(f"{site.url}{DELETION}/{wrong}")
        assert page.status_code == 404, wrong
    assert (await http.get(f"{site.url}{DELETION}/{code.lower()}")).status_code == 200


async def test_after_a_removal_a_new_login_brings_everything_back(
    site: Site, login: Login, meta: Meta, http: httpx.AsyncClient
) -> None:
    before = {one.id for one in (await login.accounts()).values()}
    for path in (DEAUTHORIZE, DELETION):
        await http.post(site.url + path, data=signed())
    await removals.carry_on(site.services)
    again = await logged_in(site.services, meta, login.cast)
    assert {one.id for one in (await again.accounts()).values()} == before
    assert await again.endings() == [None, None]


@pytest.mark.parametrize("path", [DEAUTHORIZE, DELETION])
@pytest.mark.parametrize(
    "form", [{}, {"signed_request": ""}, signed(secret="another"), signed(algorithm="none"), {"x": "y"}]
)
async def test_what_meta_did_not_sign_does_nothing(
    site: Site, login: Login, http: httpx.AsyncClient, path: str, form: dict[str, str]
) -> None:
    assert (await http.post(site.url + path, data=form)).status_code == 400
    assert None not in await tokens(login)


async def test_what_is_too_large_is_not_read(site: Site, http: httpx.AsyncClient) -> None:
    large = {"signed_request": "A" * 10_000}
    assert (await http.post(site.url + DEAUTHORIZE, data=large)).status_code == 413
    assert (await http.get(site.url + DEAUTHORIZE)).status_code == 405
