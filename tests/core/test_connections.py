import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import col, select, update

from core import accounts, checkups, choices, clients, connections, tickets
from core.clients import Details
from core.connections import LoginDeclined, LoginFailed, NoPages, PermissionsMissing
from core.db import Origin
from core.errors import CannotOpen, Invalid, MetaError, NotAllowed, NotFound, ReconnectNeeded, TryAgainLater
from core.graph import oauth
from core.graph.api import GraphAPI
from core.models import Account, AuditEntry, Connection, ConnectTicket, Platform
from core.services import Services
from core.tickets import AnotherBrowser, StateForged, StateUsed, TicketExpired, TicketUnknown, TicketUsed
from tests.conftest import Cast
from tests.drivers.connecting import BROWSER, Connecting, connect, open_link
from tests.drivers.meta import (
    APP_ID,
    APP_SECRET,
    BOOKS,
    COFFEE,
    COFFEE_INSTAGRAM,
    EVENTS,
    EVENTS_INSTAGRAM,
    GARAGE,
    MAYA,
    PRIYA,
    ROASTERY,
    TOM,
    Meta,
)

COFFEE_PAGE, COFFEE_ON_INSTAGRAM = f"facebook_page:{COFFEE}", f"instagram_business:{COFFEE_INSTAGRAM}"


@pytest.fixture
async def connecting(services: Services, meta: Meta, agency: Cast) -> Connecting:
    return await open_link(services, meta, agency.actor(agency.manager), agency.client.id)


async def rows(services: Services, agency: Cast, kind: Any) -> list[Any]:
    async with services.db.session(agency.program) as session:
        return list((await session.exec(select(kind))).all())


async def only(services: Services, agency: Cast, kind: Any) -> Any:
    (found,) = await rows(services, agency, kind)
    return found


async def change_ticket(services: Services, agency: Cast, **values: Any) -> None:
    async with services.db.session(agency.program) as session:
        await session.exec(update(ConnectTicket).values(**values))


async def audited(services: Services, agency: Cast, action: str) -> list[AuditEntry]:
    return [entry for entry in await rows(services, agency, AuditEntry) if entry.action == action]


# The link


async def test_a_link_is_for_the_managers_of_the_client_and_the_admins(services: Services, agency: Cast):
    async def ask(member: Any) -> str:
        return await connections.issue_ticket(
            services, agency.actor(member), client_id=agency.client.id, platform=Platform.INSTAGRAM
        )

    assert (await ask(agency.manager)).startswith("https://pressroom.example/api/v1/social/connect?ticket=")
    assert await ask(agency.admin)
    with pytest.raises(NotAllowed):
        await ask(agency.author)
    with pytest.raises(NotFound):
        await ask(agency.stranger)


async def test_of_a_ticket_only_the_hash_is_kept(services: Services, agency: Cast, connecting: Connecting):
    await connecting.start()
    ticket = await only(services, agency, ConnectTicket)
    kept = repr(ticket.model_dump())
    for secret in (connecting.ticket, *str(connecting.browser).split(".")):
        assert secret not in kept
    assert all(len(kept) == 32 for kept in (ticket.ticket_hash, ticket.browser_hash, ticket.state_hash))


async def test_issuing_a_link_is_written_down(services: Services, agency: Cast, connecting: Connecting):
    (entry,) = await audited(services, agency, "connect_link_issued")
    assert entry.user_id == agency.manager.slack_user_id
    assert entry.client_id == agency.client.id
    assert connecting.ticket not in repr(entry)


async def test_opening_a_link_uses_nothing_up(services: Services, agency: Cast, connecting: Connecting):
    before = await only(services, agency, ConnectTicket)
    visits = [await connecting.visit() for _ in range(3)]
    assert [visit.client.name for visit in visits] == ["Northwind Coffee"] * 3
    assert visits[0].member.id == agency.manager.id
    assert await only(services, agency, ConnectTicket) == before


async def test_an_unknown_ticket_opens_nothing(services: Services, connecting: Connecting):
    for text in ("", "x", connecting.ticket[:-1], connecting.ticket + "x"):
        with pytest.raises(TicketUnknown):
            await tickets.visit(services, text, BROWSER)


async def test_a_ticket_expires(services: Services, agency: Cast, connecting: Connecting):
    await change_ticket(services, agency, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    with pytest.raises(TicketExpired):
        await connecting.visit()


async def test_starting_gives_fifteen_minutes_once(services: Services, agency: Cast, connecting: Connecting):
    nearly_over = datetime.now(UTC) + timedelta(minutes=1)
    await change_ticket(services, agency, expires_at=nearly_over)
    await connecting.start()
    first = (await only(services, agency, ConnectTicket)).expires_at
    assert first > nearly_over + timedelta(minutes=10)
    await connecting.start()
    assert (await only(services, agency, ConnectTicket)).expires_at == first


async def test_a_member_who_is_no_longer_a_manager_cannot_use_their_link(
    services: Services, agency: Cast, connecting: Connecting
):
    authors = frozenset({agency.manager.id})
    details = Details("Northwind Coffee", None, frozenset({agency.author.id}), authors)
    await clients.change(services.db, agency.actor(agency.admin), agency.client.id, details)
    with pytest.raises(NotAllowed):
        await connecting.visit()
    details = Details("Northwind Coffee", None, frozenset({agency.author.id}), frozenset())
    await clients.change(services.db, agency.actor(agency.admin), agency.client.id, details)
    with pytest.raises(NotFound):
        await connecting.visit()


# The dialog


async def test_the_dialog_is_asked_for_both_platforms(connecting: Connecting):
    said = parse_qs(urlsplit(await connecting.start()).query)
    assert said["client_id"] == [APP_ID]
    assert said["redirect_uri"] == ["https://pressroom.example/api/v1/social/connect/callback"]
    assert set(said["scope"][0].split(",")) == {
        "pages_show_list", "pages_read_engagement", "pages_manage_posts",
        "instagram_basic", "instagram_content_publish", "business_management",
    }  # fmt: skip
    assert "auth_type" not in said


async def test_a_configuration_of_the_login_stands_for_the_permissions(
    services: Services, connecting: Connecting
):
    connecting.services = replace(services, facebook_config_id="777")
    said = parse_qs(urlsplit(await connecting.start()).query)
    assert said["config_id"] == ["777"]
    assert "scope" not in said


async def test_asking_again_says_so(connecting: Connecting):
    said = parse_qs(urlsplit(await connecting.start(ask_again=True)).query)
    assert said["auth_type"] == ["rerequest"]


async def test_data_access_that_ends_soon_is_renewed_by_reauthorize(
    services: Services, agency: Cast, meta: Meta
):
    actor = agency.actor(agency.manager)
    await connect(services, meta, actor, agency.client.id, COFFEE_PAGE)
    async with services.db.session(agency.program) as session:
        soon = datetime.now(UTC) + timedelta(days=13)
        await session.exec(update(Connection).values(data_access_expires_at=soon))
    again = await open_link(services, meta, actor, agency.client.id)
    assert parse_qs(urlsplit(await again.start()).query)["auth_type"] == ["reauthorize"]


# The way back


async def test_only_the_browser_that_used_the_link_first_can_start(connecting: Connecting):
    await connecting.start()
    connecting.browser, first = None, connecting.browser
    with pytest.raises(AnotherBrowser):
        await connecting.start()
    connecting.browser = f"{connecting.ticket}.somebody-else"
    with pytest.raises(AnotherBrowser):
        await connecting.start()
    connecting.browser = first
    assert await connecting.start()


async def test_only_that_browser_can_come_back_and_others_use_nothing_up(connecting: Connecting):
    said = await connecting.decide(await connecting.start())
    mine = connecting.browser
    for other in (None, "", f"{connecting.ticket}.other"):
        connecting.browser = other
        with pytest.raises(AnotherBrowser):
            await connecting.come_back(said)
    connecting.browser = mine
    assert (await connecting.come_back(said)).meta_user_name == "Maya Chen"


async def test_a_forged_state_is_refused(services: Services, connecting: Connecting):
    said = await connecting.decide(await connecting.start())
    state = said["state"]
    other = "B" if state[40] == "A" else "A"
    for forged in ("", "x", ".", state[:-1], state + "x", "ü" + state, state[:40] + other + state[41:]):
        with pytest.raises(StateForged):
            await connecting.come_back(said | {"state": forged})
    with pytest.raises(StateForged):  # a ticket is not a state, nor does it pass for one
        tickets.ticket_of(services, connecting.ticket)
    assert await connecting.come_back(said)


async def test_another_installation_does_not_take_our_states(services: Services, connecting: Connecting):
    said = await connecting.decide(await connecting.start())
    connecting.services = replace(services, signing_key=b"another key of 32 bytes, elsewhere")
    with pytest.raises(StateForged):
        await connecting.come_back(said)


async def test_a_state_is_good_for_one_return(connecting: Connecting):
    said = await connecting.decide(await connecting.start())
    await connecting.come_back(said)
    with pytest.raises(StateUsed):
        await connecting.come_back(said)


async def test_of_two_returns_at_once_one_wins(services: Services, connecting: Connecting):
    said = await connecting.decide(await connecting.start())
    back = [
        tickets.come_back(services, said["state"], browser=connecting.browser, origin=BROWSER)
        for _ in range(4)
    ]
    outcomes = await asyncio.gather(*back, return_exceptions=True)
    assert Counter(type(outcome).__name__ for outcome in outcomes) == {"Visit": 1, "StateUsed": 3}


async def test_starting_again_voids_the_earlier_state(connecting: Connecting):
    earlier = await connecting.decide(await connecting.start())
    later = await connecting.decide(await connecting.start())
    with pytest.raises(StateUsed):
        await connecting.come_back(earlier)
    assert await connecting.come_back(later)


async def test_a_ticket_can_run_out_at_meta(services: Services, agency: Cast, connecting: Connecting):
    said = await connecting.decide(await connecting.start())
    await change_ticket(services, agency, expires_at=datetime.now(UTC))
    with pytest.raises(TicketExpired):
        await connecting.come_back(said)


# The login


async def test_a_login_is_kept_sealed_and_long_lived(
    services: Services, agency: Cast, connecting: Connecting
):
    connection = await connecting.log_in()
    kept = await only(services, agency, Connection)
    assert kept.id == connection.id
    assert (kept.client_id, kept.member_id) == (agency.client.id, agency.manager.id)
    assert (kept.meta_user_id, kept.meta_user_name) == (MAYA, "Maya Chen")
    assert kept.token_expires_at > datetime.now(UTC) + timedelta(days=50)
    assert kept.data_access_expires_at > datetime.now(UTC) + timedelta(days=80)
    assert "instagram_content_publish" in kept.permissions
    token = services.vault.open(kept.access_token, row=kept.token_row)
    assert (await oauth.me(services.graph, token=token)).id == MAYA
    (entry,) = await audited(services, agency, "login_granted")
    assert (entry.ip_address, entry.user_agent) == (BROWSER.ip_address, BROWSER.user_agent)
    assert token.reveal() not in repr(entry)


async def test_an_unsaid_lifetime_is_looked_up(
    services: Services, agency: Cast, meta: Meta, connecting: Connecting
):
    await meta.settings(expires_in="unsaid")
    await connecting.log_in()
    kept = await only(services, agency, Connection)
    assert kept.token_expires_at > datetime.now(UTC) + timedelta(days=50)


async def test_cancelling_keeps_nothing_and_the_link_stays_good(
    services: Services, agency: Cast, connecting: Connecting
):
    with pytest.raises(LoginDeclined):
        await connecting.log_in(decision="cancel")
    assert await rows(services, agency, Connection) == []
    assert await connecting.log_in()


async def test_a_login_that_ends_otherwise_says_so(connecting: Connecting):
    said = await connecting.decide(await connecting.start())
    with pytest.raises(LoginFailed):
        await connecting.come_back({"state": said["state"], "error": "temporarily_unavailable"})


@pytest.mark.parametrize(
    ("platform", "missing"),
    [
        (Platform.INSTAGRAM, ("instagram_content_publish",)),
        (Platform.INSTAGRAM, ("pages_read_engagement", "instagram_basic")),
        (Platform.FACEBOOK, ("pages_manage_posts",)),
        (Platform.FACEBOOK, ("pages_show_list",)),
    ],
)
async def test_a_permission_left_out_is_named_and_can_be_asked_again(
    services: Services,
    agency: Cast,
    meta: Meta,
    platform: Platform,
    missing: tuple[str, ...],
):
    connecting = await open_link(services, meta, agency.actor(agency.manager), agency.client.id, platform)
    with pytest.raises(PermissionsMissing) as raised:
        await connecting.log_in(declined=missing)
    assert raised.value.names == missing
    assert not set(raised.value.words) & set(missing)
    assert await rows(services, agency, Connection) == []
    said = await connecting.decide(await connecting.start(ask_again=True))
    assert await connecting.come_back(said)


async def test_what_only_the_other_platform_needs_may_be_left_out(connecting: Connecting):
    await connecting.log_in(declined=("pages_manage_posts",))
    reached = await connecting.reached()
    assert reached[COFFEE_ON_INSTAGRAM] is None
    assert "Create and manage content on your Page" in str(reached[COFFEE_PAGE])


async def test_somebody_without_a_page_is_told(services: Services, agency: Cast, connecting: Connecting):
    with pytest.raises(NoPages):
        await connecting.log_in(person=PRIYA)
    assert await rows(services, agency, Connection) == []


async def test_when_meta_is_down_the_link_stays_good(services: Services, meta: Meta, connecting: Connecting):
    said = await connecting.decide(await connecting.start())
    await meta.fault("oauth/access_token", "html", times=2)
    with pytest.raises(TryAgainLater):
        await connecting.come_back(said)
    await meta.reset()
    await meta.register(services.public_url + connections.CALLBACK)
    assert await connecting.log_in()


async def test_a_code_that_is_none_is_refused(connecting: Connecting):
    said = await connecting.decide(await connecting.start())
    with pytest.raises(MetaError):
        await connecting.come_back(said | {"code": "none"})


async def test_no_transaction_is_open_while_waiting_for_meta(services: Services, agency: Cast, meta: Meta):
    seen: list[int] = []

    async def look(_: httpx.Request) -> None:
        seen.append(services.db.engine.pool.checkedout())  # type: ignore[attr-defined]

    async with httpx.AsyncClient(event_hooks={"request": [look]}) as http:
        secret = SecretStr(APP_SECRET)
        graph = GraphAPI(http, base_url=meta.url, version="v25.0", app_id=APP_ID, app_secret=secret)
        watched = replace(services, graph=graph)
        await connect(watched, meta, agency.actor(agency.manager), agency.client.id, COFFEE_PAGE)
    assert len(seen) > 8
    assert set(seen) == {0}


# The choice


async def test_everything_that_the_login_shares_is_reached_also_through_a_portfolio(connecting: Connecting):
    await connecting.log_in()
    reached = await connecting.reached()
    assert {value for value, hindrance in reached.items() if hindrance is None} >= {
        COFFEE_PAGE, COFFEE_ON_INSTAGRAM, f"facebook_page:{ROASTERY}", f"facebook_page:{BOOKS}",
        f"facebook_page:{EVENTS}", f"instagram_business:{EVENTS_INSTAGRAM}",
    }  # fmt: skip


async def test_what_was_asked_for_stands_first_and_what_cannot_be_chosen_last(connecting: Connecting):
    await connecting.log_in()
    found = await choices.of(connecting.services, await connecting.resume())
    shown = [(choice.platform.title, choice.label, bool(choice.hindrance)) for choice in found.all]
    assert shown[:4] == [
        ("Instagram", "@northwind.coffee", False),
        ("Instagram", "@northwind.events", False),
        ("Instagram", "@northwind.roastery", False),
        ("Instagram", "Harbor Books", True),
    ]
    assert {platform for platform, _, _ in shown[4:]} == {"Facebook"}


async def test_a_page_without_instagram_is_mentioned_only_when_instagram_was_asked_for(
    services: Services, agency: Cast, meta: Meta
):
    actor = agency.actor(agency.manager)
    for platform, mentioned in ((Platform.INSTAGRAM, True), (Platform.FACEBOOK, False)):
        connecting = await open_link(services, meta, actor, agency.client.id, platform)
        await connecting.log_in(pages=(BOOKS,))
        reached = await connecting.reached()
        assert ("No professional Instagram" in str(reached.get("instagram_business:"))) is mentioned
        assert reached[f"facebook_page:{BOOKS}"] is None


async def test_a_page_on_which_the_person_may_not_publish_is_not_offered(
    services: Services, agency: Cast, meta: Meta
):
    actor = agency.actor(agency.manager)
    connecting = await open_link(services, meta, actor, agency.client.id, Platform.FACEBOOK)
    await connecting.log_in(person=TOM)
    garage = f"facebook_page:{GARAGE}"
    assert "Tom Berg may not create content" in str((await connecting.reached())[garage])
    with pytest.raises(Invalid):
        await connecting.choose(garage)
    assert await rows(services, agency, Account) == []


async def test_an_account_of_another_client_is_taken_and_its_client_named_only_to_whoever_sees_it(
    services: Services, agency: Cast, meta: Meta
):
    stranger, manager, admin = map(agency.actor, (agency.stranger, agency.manager, agency.admin))
    await connect(services, meta, stranger, agency.other_client.id, COFFEE_PAGE)
    connecting = await open_link(services, meta, manager, agency.client.id)
    await connecting.log_in()
    reached = await connecting.reached()
    assert reached[COFFEE_PAGE] == "Connected for another client of your agency."
    assert reached[COFFEE_ON_INSTAGRAM] is None
    with pytest.raises(Invalid):
        await connecting.choose(COFFEE_PAGE)
    connecting = await open_link(services, meta, admin, agency.client.id)
    await connecting.log_in()
    assert (await connecting.reached())[COFFEE_PAGE] == "Connected for Harbor Books."


async def test_the_chosen_accounts_are_stored_each_with_its_own_sealed_token(
    services: Services, agency: Cast, connecting: Connecting
):
    connection = await connecting.log_in()
    stored = await connecting.choose(COFFEE_PAGE, COFFEE_ON_INSTAGRAM)
    kept = {account.platform: account for account in await rows(services, agency, Account)}
    assert {account.id for account in stored} == {account.id for account in kept.values()}
    instagram, facebook = kept[Platform.INSTAGRAM], kept[Platform.FACEBOOK]
    assert (instagram.platform_account_id, instagram.label) == (COFFEE_INSTAGRAM, "@northwind.coffee")
    assert (facebook.platform_account_id, facebook.label) == (COFFEE, "Northwind Coffee")
    assert instagram.account_metadata["page_id"] == COFFEE
    assert instagram.permissions == list(oauth.SCOPES["instagram_business"])
    for account in kept.values():
        assert (account.parent_id, account.connection_id) == (agency.client.id, connection.id)
        token = services.vault.open(account.access_token, row=account.token_row)
        assert (await oauth.debug_token(services.graph, token=token)).page_id == COFFEE
        assert account.token_expires_at is None
    with pytest.raises(CannotOpen):
        services.vault.open(instagram.access_token, row=facebook.token_row)


async def test_each_connected_account_is_written_down_with_address_and_browser(
    services: Services, agency: Cast, connecting: Connecting
):
    await connecting.log_in()
    stored = await connecting.choose(COFFEE_PAGE, COFFEE_ON_INSTAGRAM)
    entries = await audited(services, agency, "account_connected")
    assert {entry.account_id for entry in entries} == {account.id for account in stored}
    for entry in entries:
        assert (entry.ip_address, entry.user_agent) == (BROWSER.ip_address, BROWSER.user_agent)
        assert entry.user_id == agency.manager.slack_user_id
        assert entry.client_id == agency.client.id


async def test_of_what_is_chosen_again_only_what_was_not_connected_is_written_down(
    services: Services, meta: Meta, agency: Cast, connecting: Connecting
):
    await connecting.log_in()
    page, instagram = sorted(
        await connecting.choose(COFFEE_PAGE, COFFEE_ON_INSTAGRAM), key=lambda one: one.platform
    )
    manager = agency.actor(agency.manager)
    await accounts.disconnect(services, manager, page.id)
    await connect(services, meta, manager, agency.client.id, COFFEE_PAGE, COFFEE_ON_INSTAGRAM)
    entries = await audited(services, agency, "account_connected")
    assert Counter(one.account_id for one in entries) == {page.id: 2, instagram.id: 1}


async def test_a_ticket_is_good_for_one_choice(connecting: Connecting):
    await connecting.log_in()
    await connecting.choose(COFFEE_PAGE)
    for again in (connecting.visit, connecting.resume, connecting.start):
        with pytest.raises(TicketUsed):
            await again()


async def test_of_two_choices_at_once_one_wins(services: Services, agency: Cast, connecting: Connecting):
    await connecting.log_in()
    visit = await connecting.resume()
    both = [choices.choose(services, visit, {value}) for value in (COFFEE_PAGE, COFFEE_ON_INSTAGRAM)]
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert Counter(type(outcome) for outcome in outcomes) == {list: 1, TicketUsed: 1}
    assert len(await rows(services, agency, Account)) == 1


async def test_choosing_nothing_that_is_offered_is_refused(
    services: Services, agency: Cast, connecting: Connecting
):
    await connecting.log_in(pages=(COFFEE,))
    for values in ((), (f"facebook_page:{ROASTERY}",), ("nonsense",), ("instagram_business:",)):
        with pytest.raises(Invalid):
            await connecting.choose(*values)
    assert await rows(services, agency, Account) == []
    assert await connecting.choose(COFFEE_PAGE)


async def test_the_choice_needs_a_login(connecting: Connecting):
    await connecting.start()
    with pytest.raises(choices.NotLoggedIn):
        await connecting.choose(COFFEE_PAGE)


async def test_two_clients_cannot_get_one_account_at_once(services: Services, agency: Cast, meta: Meta):
    mine = await open_link(services, meta, agency.actor(agency.manager), agency.client.id)
    theirs = await open_link(services, meta, agency.actor(agency.stranger), agency.other_client.id)
    await mine.log_in()
    await theirs.log_in()
    both = (mine.choose(COFFEE_PAGE), theirs.choose(COFFEE_PAGE))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) in (["Taken", "list"], ["Invalid", "list"])
    assert len(await rows(services, agency, Account)) == 1


async def test_another_agency_may_connect_the_same_account(
    services: Services, agency: Cast, meta: Meta, make_agency: Any
):
    other: Cast = await make_agency()
    for one in (agency, other):
        (account,) = await connect(services, meta, one.actor(one.manager), one.client.id, COFFEE_PAGE)
        assert [kept.id for kept in await rows(services, one, Account)] == [account.id]


async def test_connecting_again_keeps_the_identity_and_clears_the_trouble(
    services: Services, agency: Cast, meta: Meta
):
    actor = agency.actor(agency.manager)
    (first,) = await connect(services, meta, actor, agency.client.id, COFFEE_PAGE)
    async with services.db.session(agency.program) as session:
        await session.exec(update(Account).values(trouble="The login has run out."))
    (again,) = await connect(services, meta, actor, agency.client.id, COFFEE_PAGE)
    kept = await only(services, agency, Account)
    assert again.id == first.id == kept.id
    assert kept.trouble is None
    assert kept.connected_at > first.connected_at
    assert len(await rows(services, agency, Connection)) == 1


async def test_connecting_again_after_disconnecting_keeps_the_identity(
    services: Services, agency: Cast, meta: Meta
):
    actor = agency.actor(agency.manager)
    (first,) = await connect(services, meta, actor, agency.client.id, COFFEE_PAGE)
    await accounts.disconnect(services, actor, first.id)
    (again,) = await connect(services, meta, actor, agency.client.id, COFFEE_PAGE)
    assert again.id == first.id
    assert again.is_active
    assert again.disconnected_at is None
    assert services.vault.open(str(again.access_token), row=again.token_row)


async def test_a_disconnected_account_can_go_to_another_client(services: Services, agency: Cast, meta: Meta):
    manager, stranger = agency.actor(agency.manager), agency.actor(agency.stranger)
    (first,) = await connect(services, meta, manager, agency.client.id, COFFEE_PAGE)
    await accounts.disconnect(services, manager, first.id)
    (other,) = await connect(services, meta, stranger, agency.other_client.id, COFFEE_PAGE)
    assert other.id != first.id
    assert other.parent_id == agency.other_client.id


async def test_a_login_of_somebody_else_takes_the_account_over_and_the_unused_one_is_shredded(
    services: Services, agency: Cast, meta: Meta
):
    actor = agency.actor(agency.manager)
    (first,) = await connect(services, meta, actor, agency.client.id, COFFEE_PAGE)
    async with services.db.session(agency.program) as session:
        await session.exec(update(Connection).values(meta_user_id="somebody else"))
    (again,) = await connect(services, meta, actor, agency.client.id, COFFEE_PAGE)
    assert again.connection_id != first.connection_id
    kept = {connection.id: connection for connection in await rows(services, agency, Connection)}
    assert kept[first.connection_id].access_token is None
    assert not kept[first.connection_id].is_active
    assert kept[again.connection_id].access_token
    (entry,) = await audited(services, agency, "login_shredded")
    assert entry.details["connection_id"] == str(first.connection_id)
    assert (entry.client_id, entry.user_id) == (agency.client.id, actor.user_id)


async def test_a_login_that_nobody_chose_from_is_shredded_when_its_ticket_is_over(
    services: Services, agency: Cast, meta: Meta, connecting: Connecting
):
    await connecting.log_in()
    actor = agency.actor(agency.manager)
    await open_link(services, meta, actor, agency.client.id)
    assert (await only(services, agency, Connection)).access_token  # the other browser may still choose
    await change_ticket(services, agency, expires_at=datetime.now(UTC))
    await open_link(services, meta, actor, agency.client.id)
    assert (await only(services, agency, Connection)).access_token is None
    assert len(await audited(services, agency, "login_shredded")) == 1


async def test_a_login_that_ends_while_meta_lists_its_pages_stores_nothing(
    services: Services, agency: Cast, meta: Meta, connecting: Connecting
):
    await connecting.log_in()
    visit = await connecting.resume()
    found = await choices.of(services, visit)
    await meta.tokens("deauthorized")
    assert await checkups.look(services, agency_id=agency.id, connection_id=found.connection.id)
    with pytest.raises(choices.NotLoggedIn):
        await choices.store(services, visit, found.connection, list(found.offered))
    assert await rows(services, agency, Account) == []
    assert (await only(services, agency, ConnectTicket)).finished_at is None


async def test_what_another_login_reaches_is_not_stored_with_this_one(
    services: Services, agency: Cast, connecting: Connecting
):
    await connecting.log_in()
    visit = await connecting.resume()
    found = await choices.of(services, visit)
    await connecting.log_in()  # in another tab
    with pytest.raises(choices.NotLoggedIn):
        await choices.store(services, visit, found.connection, list(found.offered))
    assert await rows(services, agency, Account) == []


async def test_a_login_that_ended_meanwhile_stores_nothing(
    services: Services, agency: Cast, meta: Meta, connecting: Connecting
):
    await connecting.log_in()
    await meta.tokens("password", who="Maya Chen")
    with pytest.raises(ReconnectNeeded):
        await connecting.choose(COFFEE_PAGE)
    assert await rows(services, agency, Account) == []


# Waiting


async def test_the_page_that_waits_is_told_how_far_it_is(
    services: Services, agency: Cast, connecting: Connecting
):
    async def state() -> str:
        return (await connections.status(services, connecting.ticket, Origin())).state

    said = await connecting.decide(await connecting.start())
    assert await state() == "waiting"
    await connecting.come_back(said)
    assert await state() == "choosing"
    await connecting.choose(COFFEE_PAGE, COFFEE_ON_INSTAGRAM)
    status = await connections.status(services, connecting.ticket, Origin())
    assert [account.label for account in status.accounts] == ["Northwind Coffee", "@northwind.coffee"]
    await change_ticket(services, agency, expires_at=datetime.now(UTC))
    assert await state() == "over"


async def test_only_what_this_ticket_connected_is_shown(services: Services, agency: Cast, meta: Meta):
    actor = agency.actor(agency.manager)
    await connect(services, meta, actor, agency.client.id, COFFEE_ON_INSTAGRAM)
    later = await open_link(services, meta, actor, agency.client.id)
    await later.log_in()
    await later.choose(COFFEE_PAGE)
    status = await connections.status(services, later.ticket, Origin())
    assert [account.label for account in status.accounts] == ["Northwind Coffee"]
    async with services.db.session(actor) as session:
        both = await session.exec(select(Account).where(col(Account.is_active)))
        assert len(both.all()) == 2
