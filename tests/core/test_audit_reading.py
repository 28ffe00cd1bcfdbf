"""Reading the audit trail: by what one looks for, page by page, as a file, and by the month."""

import csv
import io
import json
import tracemalloc
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import Connection

from core import audit, audit_exports, months, people
from core.audit import Filters
from core.audit_exports import Format
from core.errors import NotAllowed, PressroomError
from core.models import AuditEntry, Member
from core.services import Services
from tests.conftest import Cast
from tests.core.desk import Desk, make_desk
from tests.core.tampering import Trail
from tests.drivers.meta import Meta


@pytest.fixture
async def trail(services: Services, agency: Cast, owner: Connection[Any]) -> Trail:
    """Give a trail with a few entries of the author's."""
    made = Trail(services, agency, owner)
    for number in range(5):
        await made.write("step_taken", number=number)
    return made


async def found(
    trail: Trail, filters: Filters, member: Member | None = None, **more: Any
) -> list[AuditEntry]:
    cast = trail.cast
    async with trail.services.db.session(cast.actor(member) if member else cast.program) as session:
        return await audit.entries(session, filters, **more)


async def test_each_filter_finds_its_own_and_several_what_fits_all(trail: Trail) -> None:
    client, author = trail.cast.client.id, trail.cast.author.slack_user_id
    everything = await found(trail, Filters(), most=100)
    first, last = everything[-1], everything[0]
    for filters, fits in (
        (Filters(client_id=client), lambda one: one.client_id == client),
        (Filters(user_id=author), lambda one: one.user_id == author),
        (Filters(action="member_added"), lambda one: one.action == "member_added"),
        (Filters(since=last.created_at), lambda one: one.id == last.id),
        (Filters(until=first.created_at), lambda _: False),
        (Filters(client_id=client, action="step_taken"), lambda one: one.action == "step_taken"),
        (Filters(account_id=uuid4()), lambda _: False),
    ):
        assert await found(trail, filters, most=100) == [one for one in everything if fits(one)], filters
    assert [one.details["number"] for one in everything[:5]] == [4, 3, 2, 1, 0]


async def test_page_by_page_each_comes_once_whatever_is_written_meanwhile(trail: Trail) -> None:
    everything, seen, after = await found(trail, Filters(), most=100), [], None
    while page := await found(trail, Filters(), after=after, most=3):
        seen += [one.id for one in page]
        after = audit.cursor(page[-1])
        await trail.write("written_meanwhile")
    assert seen == [one.id for one in everything]


async def test_nobody_finds_what_is_of_a_client_that_they_do_not_work_for(trail: Trail) -> None:
    filters = Filters(client_id=trail.cast.client.id)
    assert await found(trail, filters, trail.cast.stranger) == []
    assert len(await found(trail, filters, trail.cast.author)) == 6


async def exported(trail: Trail, format_: Format, filters: Filters = audit_exports.EVERYTHING) -> list[str]:
    lines = audit_exports.lines(trail.services.db, trail.cast.program, format_=format_, filters=filters)
    return [line async for line in lines]


async def test_csv_is_a_table_that_runs_nothing(trail: Trail) -> None:
    await trail.write("=cmd()", words="Grüße,\n“Maya”")
    await trail.seal()
    await trail.write()
    table = list(csv.DictReader(io.StringIO("".join(await exported(trail, Format.CSV)))))
    assert [one["number"] for one in table] == [*(str(n + 1) for n in range(trail.head.number)), ""]
    assert (table[-2]["action"], json.loads(table[-2]["details"])["words"]) == ("'=cmd()", "Grüße,\n“Maya”")
    assert (table[-2]["ip_address"], table[-2]["hash"]) == ("203.0.113.7", trail.head.hash.hex())
    assert json.loads(table[-2]["personal"]) == {"by_name": "Maya Chen"}


async def test_names_stand_beside_ids_erased_or_as_they_were_last(trail: Trail) -> None:
    cast, gone, page = trail.cast, uuid4(), uuid4()
    about = {"platform": "facebook_page", "platform_account_name": "Old Mill"}
    async with trail.services.db.session(cast.program) as session:
        audit.record(session, cast.program, "account_connected", client_id=gone, account_id=page, **about)
        audit.record(session, cast.program, "post_published", client_id=gone, account_id=page)
        audit.record(session, cast.program, "client_removed", client_id=gone, name="Mill & Sons")
    await people.erase(trail.services, cast.actor(cast.admin), cast.author.slack_user_id)
    await trail.seal()
    table = list(csv.DictReader(io.StringIO("".join(await exported(trail, Format.CSV)))))
    named = {one["action"]: (one["client"], one["person"], one["account"]) for one in table}
    assert named["step_taken"] == (cast.client.name, people.ERASED, "")
    assert named["post_published"] == ("Mill & Sons", "Pressroom", "Facebook Old Mill")
    assert {one["user_id"] for one in table if one["person"] == people.ERASED} == {cast.author.slack_user_id}
    whole = [json.loads(line) for line in await exported(trail, Format.JSONL)]
    said = [one["names"] for one in whole if one["entry"]["action"] == "post_published"]
    assert said == [{"client": "Mill & Sons", "person": "Pressroom", "account": "Facebook Old Mill"}]


async def test_one_client_s_export_has_its_entries_and_each_proves_itself(trail: Trail) -> None:
    await trail.seal()
    theirs = Filters(client_id=trail.cast.client.id)
    lines = [json.loads(line) for line in await exported(trail, Format.JSONL, theirs)]
    assert {one["entry"]["client_id"] for one in lines} == {str(trail.cast.client.id)}
    assert len(lines) == 6
    assert all(one["previous"] and one["hash"] for one in lines)


async def test_an_export_has_what_the_filters_find_sealed_or_not(trail: Trail) -> None:
    author = trail.cast.author.slack_user_id
    await trail.seal()
    await trail.write("step_taken", number=5)
    middle = (await found(trail, Filters(action="step_taken"), most=100))[2].created_at
    for filters in (
        Filters(user_id=author),
        Filters(action="step_taken"),
        Filters(since=middle),
        Filters(until=middle),
        Filters(client_id=trail.cast.client.id, since=middle, user_id=author),
    ):
        wanted = {str(one.id) for one in await found(trail, filters, most=100)}
        lines = [json.loads(line) for line in await exported(trail, Format.JSONL, filters)]
        assert {one["entry"]["id"] for one in lines} == wanted, filters
        assert 0 < len(lines) < len(await found(trail, Filters(), most=100))
    assert await exported(trail, Format.JSONL, Filters(account_id=uuid4())) == []
    assert await exported(trail, Format.JSONL, Filters(user_id=audit.BY_LINK)) == []


async def test_who_takes_entries_away_is_allowed_and_written_down(trail: Trail) -> None:
    db, cast = trail.services.db, trail.cast
    theirs = Filters(client_id=cast.client.id)
    for member in (cast.author, cast.stranger):
        with pytest.raises(PressroomError):
            await audit_exports.allow(db, cast.actor(member), format_=Format.CSV, filters=theirs)
    with pytest.raises(NotAllowed):
        await audit_exports.allow(db, cast.actor(cast.author), format_=Format.CSV)
    reader = await audit_exports.allow(db, cast.actor(cast.admin), format_=Format.JSONL)
    assert reader == cast.program
    (told,) = await found(trail, Filters(action="audit_exported"))
    assert (told.user_id, told.details["format"]) == (cast.admin.slack_user_id, "jsonl")


MANY = """
INSERT INTO audit_logs (id, agency_id, user_id, action, details)
SELECT gen_random_uuid(), %s, 'pressroom', 'step_taken', jsonb_build_object('words', repeat('x', 500))
FROM generate_series(1, 4000)
"""


async def test_an_export_holds_one_page_in_memory(trail: Trail) -> None:
    trail.owner.execute(MANY, [trail.cast.id])
    while await trail.seal():
        pass
    tracemalloc.start()
    lines, size = audit_exports.lines(trail.services.db, trail.cast.program, format_=Format.JSONL), 0
    async for line in lines:
        size += len(line)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < size, f"{peak} bytes for {size}"


# --- a month --------------------------------------------------------------------------------


@pytest.fixture
async def desk(services: Services, agency: Cast, meta: Meta) -> Desk:
    return await make_desk(services, agency, meta)


async def test_a_month_tells_what_went_out_what_failed_and_who_approved(desk: Desk) -> None:
    one, two = uuid4(), uuid4()
    for post_id, account, *actions in (
        (one, desk.instagram, "post_published"),
        (one, desk.facebook, "post_failed", "post_failed", "post_published"),
        (two, desk.facebook, "post_outcome_unknown", "publication_confirmed_live"),
        (two, desk.instagram, "post_failed"),
    ):
        for action in actions:
            await write(desk, action, post_id=post_id, account_id=account.id)
    for post_id in (one, one, two):
        await write(desk, "post_approved", post_id=post_id)
    now = datetime.now(UTC)
    async with desk.services.db.session(desk.actor) as session:
        month = await months.of_client(session, desk.cast.client.id, now.year, now.month)
        before = await months.of_client(session, desk.cast.client.id, now.year - 1, 12)
    told = [(entry.account.platform.title, entry.published, entry.failed) for entry in month.accounts]
    assert told == [("Facebook", 2, 0), ("Instagram", 1, 1)]
    assert (month.posts, month.published, month.approvals) == (2, 3, {desk.cast.author.slack_user_id: 2})
    assert (before.posts, before.published, before.accounts, before.approvals) == (0, 0, [], {})


async def write(desk: Desk, action: str, **about: UUID) -> None:
    async with desk.services.db.session(desk.actor) as session:
        audit.record(session, desk.actor, action, client_id=desk.cast.client.id, **about)  # type: ignore[arg-type]
