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

from core import agencies, grace, seals
from core import audit as audit_trail
from core.db import Actor, Database
from core.models import Agency
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
    assert same.output.splitlines()[1].endswith("the head that you gave is in this trail.")


@pytest.mark.parametrize("number", [7, 70])
async def test_a_head_that_does_not_fit_may_be_mistyped_and_that_is_said_first(
    addresses: Addresses, sealed: Cast, number: int
) -> None:
    given = ["--agency", sealed.team_id, "--head", f"{number}:{'0' * 64}"]
    found = await audit(addresses, "verify", *given)
    assert found.exit_code == 1
    state, said, now = found.output.splitlines()
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
    *before, taken = [json.loads(one) for one in lines.stdout.splitlines()]
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


# --- a workspace that left and began anew -----------------------------------------------------------------


@pytest.fixture
async def anew(db: Database, sealed: Cast) -> Cast:
    """Give an agency that is gone; its workspace has another one, whose trail is shorter."""
    async with db.session(sealed.program) as session:
        await grace.remove(session, sealed.program, await session.get_one(Agency, sealed.id))
    await seals.seal_some(db, sealed.id)
    await seals.seal_some(db, await agencies.ensure(db, slack_team_id=sealed.team_id, name="Brightside"))
    return sealed


async def test_a_head_is_looked_for_in_every_trail_of_its_workspace(addresses: Addresses, anew: Cast) -> None:
    whole = await audit(addresses, "verify", "--agency", anew.team_id)
    old, new = whole.output.splitlines()
    left = f"(Brightside, left on {datetime.now(UTC):%Y-%m-%d}): 8 entries, whole"
    assert left in old
    assert new.startswith(f"{anew.team_id} (Brightside): 1 entries, whole")
    for line, end in ((old, "left on"), (new, "(Brightside): ")):
        head = line.split()[-1]
        same = await audit(addresses, "verify", "--agency", anew.team_id, "--head", head)
        assert same.exit_code == 0
        [said] = [one for one in same.output.splitlines() if "the head that you gave is in this trail" in one]
        assert end in said


@pytest.mark.parametrize("number", [1, 7, 70])
async def test_a_head_that_is_in_none_of_them_is_one_fault(
    addresses: Addresses, anew: Cast, number: int
) -> None:
    given = ["--agency", anew.team_id, "--head", f"{number}:{'0' * 64}"]
    found = await audit(addresses, "verify", *given)
    assert found.exit_code == 1
    *_, said, now = found.output.splitlines()
    assert "is in none of the 2 trails of this workspace. Compare it with the channel's message" in said
    assert now.startswith("1 fault. If the head is as it was posted: ")


async def test_what_was_changed_in_the_trail_of_before_is_found(
    addresses: Addresses, anew: Cast, owner: psycopg.Connection[tuple[str, ...]]
) -> None:
    with owner.transaction():
        owner.execute("SET LOCAL session_replication_role = replica")
        [changed] = owner.execute(CHANGE, [anew.id]).fetchall()
    found = await audit(addresses, "verify", "--agency", anew.team_id)
    assert found.exit_code == 1
    assert f"Entry {changed[0]} (number 1) was changed after it was sealed" in found.output


async def test_an_export_has_all_trails_and_says_which(addresses: Addresses, anew: Cast) -> None:
    given = ["export", "--agency", anew.team_id]
    found = await audit(addresses, *given)
    first, second = found.stderr.splitlines()
    assert first == f"The trail of {anew.team_id} (Brightside, left on {datetime.now(UTC):%Y-%m-%d})"
    assert second == f"The trail of {anew.team_id} (Brightside)"
    entries = [json.loads(one)["entry"] for one in found.stdout.splitlines()]
    ours = [one["action"] for one in entries if one["agency_id"] == str(anew.id)]
    assert ours[-2:] == ["agency_removed", "audit_exported"]
    assert [one["action"] for one in entries[len(ours) :]] == ["agency_added", "audit_exported"]
    table = list(csv.DictReader((await audit(addresses, *given, "--format", "csv")).stdout.splitlines()))
    assert [one["number"] for one in table].count("1") == 2
    assert {one["agency_id"] for one in table} == {one["agency_id"] for one in entries}


async def test_a_client_is_found_in_the_trail_of_before(addresses: Addresses, anew: Cast) -> None:
    meant = ["export", "--agency", anew.team_id, "--client", "Northwind Coffee"]
    found = await audit(addresses, *meant)
    said = found.stderr.splitlines()
    assert said[0].startswith("The entries of Northwind Coffee (")
    assert "left on" in said[1]
    assert [json.loads(one)["entry"]["action"] for one in found.stdout.splitlines()] == [
        "client_added",
        "audit_exported",
    ]
