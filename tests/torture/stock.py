"""What is in stock: people at Meta, and clients with their logins and accounts."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core import clients
from core.clients import Details
from core.models import Account, Client, Connection, Platform
from core.vault import Token, Vault
from tests.torture.house import House, connection_of


@dataclass(frozen=True)
class Holding:
    """A client with a person's login and the two accounts of a Page."""

    name: str
    person: str
    client_id: UUID
    connection_id: UUID
    accounts: tuple[UUID, ...]


async def stock(its: House, vault: Vault, name: str, count: int) -> tuple[Holding, ...]:
    """Have a new person log in for so many new clients."""
    person = (await its.meta.post("/_sim/people", json={"name": name})).json()["id"]
    made = []
    for number in range(count):
        called = f"{name} {number}"
        page = {"name": called, "instagram": called.replace(" ", "."), "person": person}
        listed = (await its.meta.post("/_sim/accounts", json=page)).json()
        [facebook] = [one for one in listed["pages"] if one["name"] == called]
        made.append((called, facebook))
    login = (await its.meta.post("/_sim/login", json={"person": person})).json()
    return tuple([await hold(its, vault, login, called, facebook) for called, facebook in made])


async def hold(its: House, vault: Vault, login: Any, name: str, page: Any) -> Holding:
    """Connect a Page and its Instagram account to a new client."""
    assert its.actor.member_id is not None
    details = Details(name, None, frozenset({its.actor.member_id}), frozenset())
    client = await clients.add(its.services.db, its.actor, details)
    connection = connection_of(client, its.actor, login["person"])
    connection.access_token = vault.seal(Token(login["access_token"]), row=connection.token_row)
    found = [
        account_of(client, connection, Platform.FACEBOOK, page["id"]),
        account_of(client, connection, Platform.INSTAGRAM, page["instagram_id"]),
    ]
    for account in found:
        account.access_token = vault.seal(Token(login["page_tokens"][page["id"]]), row=account.token_row)
    async with its.services.db.session(its.actor) as session:
        session.add(connection)
        await session.flush()
        session.add_all(found)
    ids = tuple(account.id for account in found)
    return Holding(name, login["person"], client.id, connection.id, ids)


def account_of(client: Client, connection: Connection, platform: Platform, meta_id: str) -> Account:
    """Make an account; it has no token yet."""
    return Account(
        agency_id=client.agency_id,
        parent_id=client.id,
        connection_id=connection.id,
        platform=platform,
        platform_account_id=meta_id,
        platform_account_name=client.name,
    )
