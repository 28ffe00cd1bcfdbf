from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import col, select

from core import accounts
from core.errors import NotAllowed, NotFound
from core.models import Account, AuditEntry, Connection, Platform
from core.services import Services
from tests.conftest import Cast
from tests.drivers.connecting import connect
from tests.drivers.meta import BOOKS, COFFEE, COFFEE_INSTAGRAM, Meta

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BOTH = (f"instagram_business:{COFFEE_INSTAGRAM}", f"facebook_page:{COFFEE}")


@pytest.fixture
async def connected(services: Services, meta: Meta, agency: Cast) -> list[Account]:
    actor = agency.actor(agency.manager)
    return await connect(services, meta, actor, agency.client.id, *BOTH)


async def kept(services: Services, agency: Cast, kind: Any, row_id: Any) -> Any:
    async with services.db.session(agency.program) as session:
        return await session.get_one(kind, row_id)


# Finding them


async def test_a_client_has_its_accounts_in_a_lasting_order(
    services: Services, agency: Cast, connected: list[Account]
):
    async with services.db.session(agency.actor(agency.author)) as session:
        found = await accounts.of_client(session, agency.client.id)
        assert [account.label for account in found] == ["Northwind Coffee", "@northwind.coffee"]
        assert await accounts.get(session, connected[0].id) == found[1]
        assert await accounts.of_client(session, agency.other_client.id) == []


async def test_disconnected_accounts_are_shown_only_when_asked_for(
    services: Services, agency: Cast, connected: list[Account]
):
    actor = agency.actor(agency.manager)
    await accounts.disconnect(services, actor, connected[0].id)
    async with services.db.session(actor) as session:
        assert len(await accounts.of_client(session, agency.client.id)) == 1
        assert len(await accounts.of_client(session, agency.client.id, active_only=False)) == 2
        ((_, listed),) = await accounts.listed(session)
        assert listed
        assert listed.id == connected[1].id
        assert [
            one.id for one in (await accounts.of_clients(session, [agency.client.id]))[agency.client.id]
        ] == [connected[1].id]


async def test_everybody_sees_the_accounts_of_their_own_clients(services: Services, agency: Cast, meta: Meta):
    ours = agency.actor(agency.manager)
    await connect(services, meta, ours, agency.client.id, *BOTH)
    theirs = agency.actor(agency.stranger)
    (books,) = await connect(services, meta, theirs, agency.other_client.id, f"facebook_page:{BOOKS}")
    labels = {
        agency.author.id: {"Northwind Coffee": 2},
        agency.stranger.id: {"Harbor Books": 1},
        agency.admin.id: {"Harbor Books": 1, "Northwind Coffee": 2},
    }
    for member in (agency.author, agency.stranger, agency.admin):
        async with services.db.session(agency.actor(member)) as session:
            seen = Counter(client.name for client, _ in await accounts.listed(session))
        assert seen == labels[member.id]
    async with services.db.session(agency.actor(agency.author)) as session:
        for unseen in (books.id, uuid4()):
            with pytest.raises(NotFound):
                await accounts.get(session, unseen)


async def test_a_client_without_accounts_is_listed_too(services: Services, agency: Cast):
    async with services.db.session(agency.actor(agency.stranger)) as session:
        ((client, account),) = await accounts.listed(session)
        by_client = await accounts.of_clients(session, [agency.other_client.id])
    assert (client.id, account) == (agency.other_client.id, None)
    assert by_client == {agency.other_client.id: []}


async def test_the_list_is_read_a_page_at_a_time(services: Services, agency: Cast, meta: Meta):
    await connect(services, meta, agency.actor(agency.manager), agency.client.id, *BOTH)
    async with services.db.session(agency.actor(agency.admin)) as session:
        pages = [await accounts.listed(session, most=2, skip=skip) for skip in (0, 2)]
        assert [
            [(client.name, account.label if account else None) for client, account in page] for page in pages
        ] == [
            [("Harbor Books", None), ("Northwind Coffee", "Northwind Coffee")],
            [("Northwind Coffee", "@northwind.coffee")],
        ]
        assert await accounts.count(session) == 3
        assert await accounts.count(session, client_id=agency.client.id) == 2
        ((only, _),) = await accounts.listed(session, client_id=agency.other_client.id)
        assert only.id == agency.other_client.id


# Disconnecting


async def test_disconnecting_shreds_the_token_and_keeps_the_row(
    services: Services, agency: Cast, connected: list[Account]
):
    done = await accounts.disconnect(services, agency.actor(agency.manager), connected[0].id)
    assert done
    gone = done.account
    row = await kept(services, agency, Account, gone.id)
    assert (row.access_token, row.is_active) == (None, False)
    assert row.platform_account_name == "northwind.coffee"
    assert row.disconnected_at is not None
    other = await kept(services, agency, Account, connected[1].id)
    assert other.is_active
    assert services.vault.open(other.access_token, row=other.token_row)


async def test_the_last_account_takes_the_login_with_it(
    services: Services, agency: Cast, connected: list[Account]
):
    actor, login = agency.actor(agency.admin), connected[0].connection_id
    await accounts.disconnect(services, actor, connected[0].id)
    assert (await kept(services, agency, Connection, login)).access_token
    await accounts.disconnect(services, actor, connected[1].id)
    row = await kept(services, agency, Connection, login)
    assert (row.access_token, row.is_active, row.meta_user_name) == (None, False, "Maya Chen")


async def test_disconnecting_is_written_down_once(services: Services, agency: Cast, connected: list[Account]):
    actor = agency.actor(agency.manager)
    for _ in range(2):
        await accounts.disconnect(services, actor, connected[0].id)
    written = select(AuditEntry).where(col(AuditEntry.action) == "account_disconnected")
    async with services.db.session(agency.program) as session:
        (entry,) = await session.exec(written)
    assert entry.account_id == connected[0].id
    assert entry.user_id == agency.manager.slack_user_id
    assert entry.details["platform_account_name"] == "northwind.coffee"


async def test_only_managers_and_admins_disconnect(
    services: Services, agency: Cast, connected: list[Account]
):
    for member, refusal in ((agency.author, NotAllowed), (agency.stranger, NotFound)):
        with pytest.raises(refusal):
            await accounts.disconnect(services, agency.actor(member), connected[0].id)
    assert (await kept(services, agency, Account, connected[0].id)).is_active


# How it is doing


def account(**values: Any) -> Account:
    return Account(
        agency_id=uuid4(),
        parent_id=uuid4(),
        connection_id=uuid4(),
        platform=Platform.FACEBOOK,
        platform_account_id="1",
        platform_account_name="Northwind Coffee",
        **values,
    )


def instagram(**values: Any) -> Account:
    one = account(**values)
    one.platform = Platform.INSTAGRAM
    return one


def login(days: float | None, *, access_days: float | None = None, is_active: bool = True) -> Connection:
    def after(count: float | None) -> datetime | None:
        return None if count is None else NOW + timedelta(days=count)

    return Connection(
        agency_id=uuid4(),
        client_id=uuid4(),
        member_id=uuid4(),
        meta_user_id="1",
        meta_user_name="Maya Chen",
        token_expires_at=after(days),
        data_access_expires_at=after(access_days),
        is_active=is_active,
    )


WHO = "Connected with the login of Maya Chen."
BEFORE = ": reconnect before then"
ENDED = f"The access ended on {{}} November: connect the account again. {WHO}"
LOST = "The login is no longer stored: connect the account again."


@pytest.mark.parametrize(
    ("one", "connection", "ok", "sentence"),
    [
        (account(), login(None), True, WHO),
        (account(), login(60, access_days=9), True, WHO),  # what a Page needs does not end with that
        (instagram(), login(9, access_days=90), True, f"{WHO} Access ends on 1 December{BEFORE}."),
        (instagram(), login(60, access_days=90), True, f"{WHO} Access ends on 20 February 2027."),
        (instagram(), login(None, access_days=20), True, f"{WHO} Access ends on 12 December."),
        (account(), login(9), True, f"{WHO} Access ends on 1 December: reconnect before then."),
        (instagram(), login(60, access_days=-1), False, ENDED.format(21)),
        (account(), login(0), False, ENDED.format(22)),
        (account(trouble="The token ended."), login(60), False, f"The token ended. {WHO}"),
        (account(), login(60, is_active=False), False, f"{LOST} {WHO}"),
        (account(), None, False, LOST),
        (account(is_active=False, trouble="x"), None, False, "Disconnected."),
    ],
)  # fmt: skip
def test_health_says_whether_it_works_and_until_when(
    one: Account,
    connection: Connection | None,
    ok: bool,  # noqa: FBT001 a column of the table
    sentence: str,
):
    assert accounts.health(one, connection, now=NOW) == accounts.Health(ok=ok, sentence=sentence)
