"""The commands `pressroom audit verify` and `export`, as an operator runs them."""

import asyncio
import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from typer.testing import CliRunner, Result

from core import audit as audit_trail
from core import seals
from core.db import Actor, Database
from pressroom.cli import app
from pressroom.schema import Addresses, driver_url
from tests.conftest import Cast

CHANGE = """
UPDATE audit_logs SET user_id = 'U0' WHERE agency_id = %s AND action = 'agency_added' RETURNING id
"""


@pytest.fixture
async def sealed(db: Database, agency: Cast) -> Cast:
    """Give an agency whose entries are sealed."""
    await seals.seal_some(db, agency.id)
    return agency


@pytest.fixture
def owner(addresses: Addresses) -> Iterator[psycopg.Connection[tuple[str, ...]]]:
    assert addresses.owner
    with psycopg.connect(driver_url(addresses.owner), autocommit=True) as connection:
        yield connection


async def audit(addresses: Addresses, *arguments: str) -> Result:
    environ = {"DATABASE_URL": addresses.program}
    return await asyncio.to_thread(CliRunner().invoke, app, ["audit", *arguments], env=environ)


async def test_a_trail_that_is_whole_is_said_to_be_and_its_head_is_good(
    addresses: Addresses, sealed: Cast
) -> None:
    whole = await audit(addresses, "verify", "--agency", sealed.team_id)
    assert whole.exit_code == 0
    assert whole.output.startswith(f"{sealed.team_id} (Brightside): 7 entries, whole. Head: 7:")
    head = whole.output.split()[-1]
    same = await audit(addresses, "verify", "--agency", sealed.team_id, "--head", head)
    assert same.exit_code == 0


@pytest.mark.parametrize("number", [7, 70])
async def test_a_head_that_does_not_fit_may_be_mistyped_and_that_is_said_first(
    addresses: Addresses, sealed: Cast, number: int
) -> None:
    given = ["--agency", sealed.team_id, "--head", f"{number}:{'0' * 64}"]
    found = await audit(addresses, "verify", *given)
    assert found.exit_code == 1
    said, state, now = found.output.splitlines()
    assert said.startswith(
        f"{sealed.team_id}: Number {number} as the head that you gave has it (000000000000…)"
    )
    so = "everything up to there may have been rewritten" if number == 7 else "what followed is removed"
    assert said.endswith(
        "Compare it with the channel's message first: a slip of one digit looks the same."
        f" If it stands there like this, {so}."
    )
    assert "7 entries, whole. Head: 7:" in state
    assert now.startswith("1 fault. If the head is as it was posted: Somebody with the rights of")


async def test_what_was_changed_is_named_and_the_command_ends_with_one(
    addresses: Addresses, sealed: Cast, owner: psycopg.Connection[tuple[str, ...]]
) -> None:
    with owner.transaction():
        owner.execute("SET LOCAL session_replication_role = replica")
        [changed] = owner.execute(CHANGE, [sealed.id]).fetchall()
    found = await audit(addresses, "verify", "--agency", sealed.team_id)
    assert found.exit_code == 1
    assert f"{sealed.team_id}: Entry {changed[0]} (number 1) was changed after it was sealed" in found.output
    assert "1 fault. Somebody with the rights of the database's owner" in found.output
    everybody = await audit(addresses, "verify")
    assert everybody.exit_code == 1
    assert sealed.team_id in everybody.output


async def test_an_export_goes_to_the_standard_output(addresses: Addresses, sealed: Cast) -> None:
    lines = await audit(addresses, "export", "--agency", sealed.team_id)
    *before, taken = [json.loads(one) for one in lines.output.splitlines()]
    assert [one["number"] for one in before] == [1, 2, 3, 4, 5, 6, 7]
    assert (taken["entry"]["action"], taken["entry"]["details"]["by"]) == ("audit_exported", "operator")
    of_client = ["--client", "northwind coffee", "--format", "csv"]
    table = await audit(addresses, "export", "--agency", sealed.team_id, *of_client)
    assert [one["action"] for one in csv.DictReader(table.stdout.splitlines())] == [
        "client_added",
        "audit_exported",
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("verify", "--agency", "T0NOBODY"), "There is no agency of the workspace T0NOBODY here."),
        (("verify", "--head", "1:00"), "name it with --agency"),
        (
            ("verify", "--agency", "T0", "--head", "nonsense"),
            "--head takes a number and 64 hexadecimal digits",
        ),
        (("verify", "--agency", "T0", "--head", f"-7:{'0' * 64}"), "--head takes a number"),
        (("verify", "--agency", "T0", "--head", f"0:{'0' * 64}"), "--head takes a number"),
        (("export", "--agency", "T0NOBODY"), "There is no agency"),
    ],
)
async def test_what_cannot_be_found_or_read_is_said_in_a_sentence(
    addresses: Addresses, arguments: tuple[str, ...], sentence: str
) -> None:
    refused = await audit(addresses, *arguments)
    assert sentence in str(refused.exception)


async def removed(db: Database, agency: Cast, *names: str) -> UUID:
    """Give the id of a client that had these names, and of which only the trail is left."""
    actor, client_id = Actor.program(agency.id), uuid4()
    async with db.session(actor) as session:
        for name in names:
            audit_trail.record(session, actor, "client_changed", client_id=client_id, name=name)
    async with db.session(actor) as session:
        audit_trail.record(session, actor, "client_removed", client_id=client_id, name=names[-1])
    return client_id


@pytest.mark.parametrize("wanted", ["southwind tea", "South", "Tea & Co", "{id}"])
async def test_a_client_that_was_removed_is_found_by_its_trail(
    addresses: Addresses, db: Database, agency: Cast, wanted: str
) -> None:
    client_id = await removed(db, agency, "Tea & Co", "Southwind Tea")
    found = await audit(
        addresses, "export", "--agency", agency.team_id, "--client", wanted.format(id=client_id)
    )
    assert (
        f"The entries of Southwind Tea (removed on {datetime.now(UTC):%Y-%m-%d}, {client_id})" in found.stderr
    )
    actions = [json.loads(one)["entry"]["action"] for one in found.stdout.splitlines()]
    assert actions == ["client_changed", "client_changed", "client_removed", "audit_exported"]


async def test_of_two_of_one_name_the_one_that_is_there_is_meant(
    addresses: Addresses, db: Database, agency: Cast
) -> None:
    gone = await removed(db, agency, "Northwind Coffee")
    meant = ["export", "--agency", agency.team_id, "--client"]
    found = await audit(addresses, *meant, "Northwind Coffee")
    assert str(gone) not in found.output
    several = str((await audit(addresses, *meant, "northwind")).exception)
    assert several.startswith("Several clients fit 'northwind': Northwind Coffee (")
    assert str(gone) in several
    assert several.endswith("Give the id of the one that you mean.")


async def test_without_such_a_client_the_nearest_are_named_or_all(addresses: Addresses, agency: Cast) -> None:
    for wanted, says in (("Nortwind Cofee", "The nearest: Northwind Coffee ("), ("Zebra", "Known are: ")):
        refused = await audit(addresses, "export", "--agency", agency.team_id, "--client", wanted)
        said = str(refused.exception)
        assert said.startswith(f"No client is called {wanted}, and none was. {says}"), said
        assert "Northwind Coffee" in said
