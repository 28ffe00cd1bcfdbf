"""The client's own sign-off: a private link, one decision, and everything that it must not be good for."""

import hashlib
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from sqlmodel import col, select

from core import approvals, drafts, people, policies, private_links, remarks, sign_offs, withdrawals
from core.db import Origin
from core.decisions import Seen
from core.errors import Changed, Invalid, NotAllowed, NotFound
from core.models import (
    Announcement,
    Approval,
    AuditEntry,
    Decision,
    Member,
    PostState,
    PublicationState,
    SignOff,
)
from core.policies import Stage
from core.posts import PostView
from core.services import Services
from core.sign_offs import (
    LinkExpired,
    LinkRevoked,
    LinkUnknown,
    LinkUsed,
    NotWaitedFor,
    PostChanged,
    WaitsBefore,
)
from core.vault import Token
from tests.conftest import Cast
from tests.core.asking import MANAGERS, act, asked, edits, rule
from tests.core.desk import Desk, make_desk
from tests.core.test_settling import team
from tests.core.timetable import actions, pass_time, replies, scheduled, soon, trail
from tests.drivers.meta import Meta

APPROVED, CHANGES, REJECTED, TAKEN_BACK = Decision
CLIENT = Stage("Client", 1, by_link=True)
MAYA = Origin("203.0.113.7", "A phone's browser")


@pytest.fixture
async def desk(services: Services, agency: Cast, meta: Meta) -> Desk:
    """A desk whose client decides by itself."""
    made = await make_desk(services, agency, meta)
    await rule(made, CLIENT)
    return made


async def link(desk: Desk, view: PostView, member: Member | None = None) -> Token:
    """Make a link for a post, as its client's manager or somebody else."""
    actor = desk.cast.actor(member or desk.cast.manager)
    return await private_links.make(desk.services, actor, post_id=view.post.id)


async def says(
    desk: Desk, secret: Token, decision: Decision = APPROVED, comment: str = "", **more: Any
) -> PostView:
    """Decide with a link, as Maya, about the first version."""
    said = {"version": 1, "name": "Maya Chen"} | more
    return await sign_offs.decide(
        desk.services, secret.reveal(), MAYA, decision=decision, comment=comment, **said
    )


async def decisions(desk: Desk, view: PostView) -> list[Approval]:
    async with desk.services.db.session(desk.cast.program) as session:
        theirs = select(Approval).where(Approval.post_id == view.post.id)
        return list(await session.exec(theirs.order_by(col(Approval.number))))


async def links(desk: Desk, view: PostView) -> list[SignOff]:
    async with desk.services.db.session(desk.cast.program) as session:
        theirs = select(SignOff).where(SignOff.post_id == view.post.id)
        return list(await session.exec(theirs.order_by(col(SignOff.created_at))))


def expire(owner: Connection[Any], view: PostView) -> None:
    """Let the time of a post's links be over."""
    owner.execute("UPDATE sign_offs SET expires_at = now() WHERE post_id = %s", [view.post.id])


async def change_in_this_round(desk: Desk, view: PostView, caption: str) -> None:
    """Have another version count without anybody being asked anew, as no use-case does."""
    content = desk.content(desk.facebook, caption=caption)
    about = {"post_id": view.post.id, "base_version": view.post.version}
    changed = await drafts.revise(desk.services, desk.actor, **about, content=content)  # type: ignore[arg-type]
    async with desk.services.db.session(desk.cast.program) as session:
        post = await session.merge(view.post)
        post.version = changed.version.version


# --- the three decisions ----------------------------------------------------------------------------------


async def test_whoever_has_the_link_sees_the_post_and_approves_it(desk: Desk) -> None:
    post = await asked(desk)
    assert post.post.state is PostState.IN_APPROVAL
    secret = await link(desk, post)
    seen = await sign_offs.visit(desk.services, secret.reveal(), MAYA)
    assert (seen.agency.name, seen.post.client.name) == ("Brightside", "Northwind Coffee")
    assert (seen.made_by.id, seen.stage.name) == (desk.cast.manager.id, "Client")
    assert seen.post.version.caption == "Fresh roast today."
    post = await says(desk, secret)
    assert post.post.state is PostState.PUBLISHING
    assert {one.state for one in post.publications} == {PublicationState.QUEUED}
    assert post.standing
    (stage,) = post.standing.stages
    assert (stage.given, stage.needs, stage.agreed) == (1, 1, ())
    assert [one.name for one in stage.signed] == ["Maya Chen"]
    assert [one.sent_by and one.sent_by.id for one in stage.signed] == [desk.cast.manager.id]


async def test_a_scheduled_post_goes_out_at_its_minute(desk: Desk) -> None:
    post = await scheduled(desk, desk.content(desk.facebook), soon(hours=3))
    assert (await says(desk, await link(desk, post))).post.state is PostState.SCHEDULED


@pytest.mark.parametrize(
    ("decision", "sentence"), [(CHANGES, "Say what should be different"), (REJECTED, "Say why")]
)
async def test_whoever_is_against_it_says_why(desk: Desk, decision: Decision, sentence: str) -> None:
    secret = await link(desk, await asked(desk))
    with pytest.raises(Invalid, match=sentence) as refused:
        await says(desk, secret, decision, " \n ", name=" ")
    assert set(refused.value.fields) == {"name", "comment"}
    post = await says(desk, secret, decision, "Not on a Sunday.\r\nRather on Monday.")
    assert post.post.state.value == decision.value
    assert post.standing
    assert post.standing.objection
    assert post.standing.objection.comment == "Not on a Sunday.\nRather on Monday."
    assert post.standing.objection.reviewer_name == "Maya Chen"
    (said,) = [one for one in await replies(desk, post.post.id) if one["kind"] == decision.value]
    assert said == {
        "kind": decision.value,
        "by_name": "Maya Chen",
        "stage": "Client",
        "comment": "Not on a Sunday.\nRather on Monday.",
    }


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("", "Write your name"), ("\0\u202e ", "Write your name"), ("x" * 81, "at most 80 characters")],
)
async def test_a_name_is_needed_that_can_be_read(desk: Desk, name: str, sentence: str) -> None:
    secret = await link(desk, await asked(desk))
    with pytest.raises(Invalid, match=sentence) as refused:
        await says(desk, secret, name=name)
    assert set(refused.value.fields) == {"name"}
    post = await says(desk, secret, name=" Maya\n\u202e Chen\0 ")
    assert [one.reviewer_name for one in await decisions(desk, post)] == ["Maya Chen"]


async def test_a_decision_may_come_with_a_comment(desk: Desk) -> None:
    post = await says(desk, await link(desk, await asked(desk)), comment="Lovely!\0")
    (said,) = [one for one in await replies(desk, post.post.id) if one["kind"] == "approved"]
    assert said == {
        "kind": "approved",
        "by_name": "Maya Chen",
        "stage": "Client",
        "given": 1,
        "needs": 1,
        "comment": "Lovely!",
        "then": "publishing",
    }


async def test_what_is_recorded_says_who_from_where_and_about_what(desk: Desk) -> None:
    post = await asked(desk)
    secret = await link(desk, post)
    await says(desk, secret)
    (row,), (used,) = await decisions(desk, post), await links(desk, post)
    assert (row.member_id, row.sign_off_id, row.reviewer_name) == (None, used.id, "Maya Chen")
    assert (row.ip_address, row.user_agent) == ("203.0.113.7", "A phone's browser")
    assert (row.version, row.content_hash) == (1, post.version.content_hash)
    entry = (await trail(desk, post.post.id))[-1]
    assert (entry.action, entry.user_id) == ("post_approved", f"sign_off:{used.id}")
    assert (entry.ip_address, entry.user_agent) == ("203.0.113.7", "A phone's browser")
    assert entry.personal == {"by_name": "Maya Chen"}
    about = {"version": 1, "content_hash": post.version.content_hash, "round": 1}
    of_link = {"sign_off_id": str(used.id), "link_made_by": str(desk.cast.manager.id)}
    assert (about | of_link).items() <= entry.details.items()


# --- between the agency's stages --------------------------------------------------------------------------


async def test_the_client_comes_after_the_agency_and_before_whoever_is_next(desk: Desk) -> None:
    await rule(desk, MANAGERS, CLIENT, Stage("Boss", 1, roles=frozenset({"admin"})))
    post = await asked(desk)
    with pytest.raises(Changed, match="does not wait for its client"):
        await link(desk, post)
    boss = desk.cast.actor(desk.cast.manager)
    post = await approvals.decide(desk.services, boss, Seen.of(post.post), APPROVED)
    said = (await replies(desk, post.post.id))[-1]
    assert (said["next"], said.get("whom")) == ("Client", None)
    post = await says(desk, await link(desk, post))
    assert (post.post.state, post.post.stage) == (PostState.IN_APPROVAL, 3)
    assert (await replies(desk, post.post.id))[-1]["whom"] == [desk.cast.admin.slack_user_id]
    with pytest.raises(Changed, match="does not wait for its client"):
        await link(desk, post)


async def test_who_is_named_in_slack_decides_there_and_the_link_is_over(desk: Desk) -> None:
    named = frozenset({desk.cast.admin.id})
    await rule(desk, Stage("Client", 1, member_ids=named, by_link=True), Stage("Boss", 1, MANAGERS.roles))
    post = await asked(desk)
    secret = await link(desk, post)
    admin = desk.cast.actor(desk.cast.admin)
    post = await approvals.decide(desk.services, admin, Seen.of(post.post), APPROVED)
    with pytest.raises(NotWaitedFor, match="Somebody else has decided"):
        await says(desk, secret)
    assert len(await decisions(desk, post)) == 1


async def test_who_is_not_asked_in_slack_hears_that_the_client_decides(desk: Desk) -> None:
    post, manager = await asked(desk), desk.cast.actor(desk.cast.manager)
    with pytest.raises(NotAllowed, match="The client by its private link can approve it"):
        await approvals.decide(desk.services, manager, Seen.of(post.post), APPROVED)


@pytest.mark.parametrize("needs", [None, 2])
async def test_a_stage_by_link_needs_one_approval(desk: Desk, needs: int | None) -> None:
    with pytest.raises(Invalid, match="one approval is enough"):
        await rule(desk, Stage("Client", needs, roles=MANAGERS.roles, by_link=True))


async def test_a_policy_keeps_whose_stage_is_the_client_s(desk: Desk) -> None:
    async with desk.services.db.session(desk.actor) as session:
        kept = await policies.rules_of(session, desk.cast.client.id)
    assert kept.stages == (CLIENT,)


# --- who makes and revokes links --------------------------------------------------------------------------


async def test_a_link_is_made_by_who_works_for_the_client(desk: Desk) -> None:
    post = await asked(desk)
    with pytest.raises(NotFound):
        await link(desk, post, desk.cast.stranger)
    stranger = desk.cast.actor(desk.cast.stranger)
    with pytest.raises(NotFound):
        await private_links.revoke(desk.services, stranger, post_id=post.post.id)
    await link(desk, post, desk.cast.manager)
    assert [one.made_by for one in await links(desk, post)] == [desk.cast.manager.id]
    assert await actions(desk, post.post.id) == ["approval_requested", "sign_off_link_made"]


async def test_whoever_wrote_it_makes_no_link_where_somebody_else_can(desk: Desk) -> None:
    post, author = await asked(desk), desk.cast.author
    with pytest.raises(NotAllowed, match=r"what you wrote. Dana Reyes can make the link for the client"):
        await link(desk, post, author)
    assert await links(desk, post) == []
    await team(desk, author)  # manages the client, and is alone
    await link(desk, post, author)
    await team(desk, desk.cast.manager)
    await rule(desk, CLIENT, someone_else=False)
    await link(desk, await asked(desk), author)


async def test_a_new_link_takes_the_place_of_an_earlier_one(desk: Desk) -> None:
    post = await asked(desk)
    first, second = await link(desk, post), await link(desk, post)
    with pytest.raises(LinkRevoked):
        await sign_offs.visit(desk.services, first.reveal(), MAYA)
    with pytest.raises(LinkRevoked):
        await says(desk, first)
    standing = (await desk.look(post)).standing
    assert standing
    assert standing.link
    assert standing.link.id == (await links(desk, post))[1].id
    await says(desk, second)


async def test_a_revoked_link_is_good_for_nothing(desk: Desk) -> None:
    post = await asked(desk)
    secret = await link(desk, post)
    post = await private_links.revoke(desk.services, desk.actor, post_id=post.post.id)
    assert post.standing
    assert post.standing.link is None
    with pytest.raises(LinkRevoked):
        await says(desk, secret)
    with pytest.raises(Changed, match="no link"):
        await private_links.revoke(desk.services, desk.actor, post_id=post.post.id)
    made, revoked = (await trail(desk, post.post.id))[1:]
    assert (made.action, revoked.action) == ("sign_off_link_made", "sign_off_link_revoked")
    assert made.details["sign_off_id"] == revoked.details["sign_off_id"]
    assert revoked.user_id == desk.cast.author.slack_user_id


async def test_a_link_is_for_what_waits(desk: Desk) -> None:
    post = await says(desk, await link(desk, await asked(desk)))
    with pytest.raises(Changed, match="Everybody has approved"):
        await link(desk, post)
    post = await says(desk, await link(desk, await asked(desk)), REJECTED, "No.")
    with pytest.raises(Changed, match="rejected this post already"):
        await link(desk, post)


# --- links that are over ----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "nonsense", "\0", "x" * 5000, "é"])
async def test_what_is_no_link_of_ours(desk: Desk, text: str) -> None:
    with pytest.raises(LinkUnknown):
        await sign_offs.visit(desk.services, text, MAYA)
    with pytest.raises(LinkUnknown):
        await says(desk, Token(text))


async def test_a_link_that_has_expired(desk: Desk, owner: Connection[Any]) -> None:
    post = await asked(desk)
    secret = await link(desk, post)
    (made,) = await links(desk, post)
    assert made.expires_at - made.created_at == private_links.LIFETIME
    expire(owner, post)
    with pytest.raises(LinkExpired):
        await sign_offs.visit(desk.services, secret.reveal(), MAYA)
    with pytest.raises(LinkExpired):
        await says(desk, secret)
    assert await decisions(desk, post) == []
    standing = (await desk.look(post)).standing
    assert standing
    assert standing.link is None


async def test_a_link_is_good_for_one_decision_and_says_which(desk: Desk, owner: Connection[Any]) -> None:
    post = await asked(desk)
    secret = await link(desk, post)
    await says(desk, secret, CHANGES, "Monday, please.")
    for _ in range(2):
        with pytest.raises(LinkUsed, match=r"Maya Chen asked for changes on \d+ \w+ 20\d\d at \d\d:\d\d UTC"):
            await sign_offs.visit(desk.services, secret.reveal(), MAYA)
        with pytest.raises(LinkUsed) as used:
            await says(desk, secret, APPROVED, name="Somebody else")
        assert used.value.record.approval.comment == "Monday, please."
        await edits(desk, await desk.look(post), "On Monday")
        expire(owner, post)  # it still says what was decided
    assert len(await decisions(desk, post)) == 1


async def test_an_edit_asks_anew_and_the_link_to_the_old_version_is_over(desk: Desk) -> None:
    post = await asked(desk)
    secret = await link(desk, post)
    await edits(desk, post, "Other words")
    for version in (1, 2):
        with pytest.raises(NotWaitedFor, match="was changed after this link was made"):
            await says(desk, secret, version=version)
    with pytest.raises(NotWaitedFor, match="was changed"):
        await sign_offs.visit(desk.services, secret.reveal(), MAYA)
    assert await decisions(desk, post) == []


async def test_what_was_changed_while_somebody_looked_is_shown_first(desk: Desk) -> None:
    post = await asked(desk)
    secret = await link(desk, post)
    await change_in_this_round(desk, post, "Other words")
    with pytest.raises(PostChanged):
        await says(desk, secret)
    assert await decisions(desk, post) == []
    seen = await sign_offs.visit(desk.services, secret.reveal(), MAYA)
    assert seen.post.version.caption == "Other words"
    await says(desk, secret, version=2)
    (row,) = await decisions(desk, post)
    assert (row.version, row.content_hash) == (2, seen.post.version.content_hash)


async def test_what_is_over_by_its_time_is_not_approved_before_the_sweep_says_so(desk: Desk) -> None:
    await rule(desk, CLIENT, expires=True)
    post = await scheduled(desk, desk.content(desk.facebook), soon(minutes=30))
    secret = await link(desk, post)
    await pass_time(desk, hours=1)
    with pytest.raises(NotWaitedFor, match="The time of this post passed"):
        await sign_offs.visit(desk.services, secret.reveal(), MAYA)
    with pytest.raises(NotWaitedFor, match="The time of this post passed"):
        await says(desk, secret)
    assert await decisions(desk, post) == []


async def test_a_withdrawn_post_waits_for_nobody(desk: Desk) -> None:
    post = await asked(desk)
    secret = await link(desk, post)
    await withdrawals.withdraw(desk.services, desk.actor, Seen.of(post.post))
    with pytest.raises(NotWaitedFor, match="withdrawn"):
        await says(desk, secret)


async def test_a_link_works_again_once_the_stage_before_has_approved_again(desk: Desk) -> None:
    await rule(desk, MANAGERS, CLIENT)
    post = await asked(desk)
    boss, seen = desk.cast.actor(desk.cast.manager), Seen.of(post.post)
    await approvals.decide(desk.services, boss, seen, APPROVED)
    secret = await link(desk, post)
    await withdrawals.take_back(desk.services, boss, seen)
    with pytest.raises(WaitsBefore, match="works once that is there"):
        await says(desk, secret)
    await approvals.decide(desk.services, boss, seen, APPROVED)
    await says(desk, secret)
    assert [one.decision for one in await decisions(desk, post)][-1] is APPROVED


async def test_at_most_one_of_many_clicks_counts(desk: Desk) -> None:
    import asyncio

    post = await asked(desk)
    secret = await link(desk, post)
    clicks = [says(desk, secret, one, "Hm.") for one in (APPROVED, CHANGES, REJECTED) * 4]
    outcomes = await asyncio.gather(*clicks, return_exceptions=True)
    assert sum(isinstance(one, PostView) for one in outcomes) == 1
    assert sum(isinstance(one, LinkUsed) for one in outcomes) == 11
    assert len(await decisions(desk, post)) == 1


# --- the secret -------------------------------------------------------------------------------------------


async def test_the_secret_stands_nowhere(desk: Desk) -> None:
    post = await asked(desk)
    secret = await link(desk, post)
    text = secret.reveal()
    assert len(text) == 43  # 256 bits
    assert text not in f"{secret!r} {secret}"
    assert private_links.address(desk.services, secret) == f"https://pressroom.example/review?ticket={text}"
    await says(desk, secret)
    async with desk.services.db.session(desk.cast.program) as session:
        said = [
            repr(row)
            for table in (AuditEntry, Announcement, Approval, SignOff)
            for row in await session.exec(select(table))
        ]  # type: ignore[call-overload]
    assert len(said) > 5
    assert not [row for row in said if text in row]
    assert (await links(desk, post))[0].token_hash == hashlib.sha256(f"sign_off:{text}".encode()).digest()


# --- PostgreSQL by itself ---------------------------------------------------------------------------------

SIGN = """
INSERT INTO approvals
    (id, agency_id, client_id, post_id, version, content_hash, round, stage,
    sign_off_id, reviewer_name, decision)
SELECT gen_random_uuid(), p.agency_id, p.client_id, p.id, p.version, v.content_hash, p.round, %(stage)s,
    %(link)s, 'Maya', %(decision)s
FROM posts p JOIN post_versions v ON v.post_id = p.id AND v.version = p.version WHERE p.id = %(post)s
"""


def sign(program: Connection[Any], post: PostView, link: SignOff, **more: Any) -> int:
    """Decide with a link by SQL alone; give how many rows that wrote."""
    said = {"post": post.post.id, "link": link.id, "stage": 1, "decision": "approved"} | more
    return program.execute(SIGN, said).rowcount


async def test_postgresql_itself_takes_a_link_once_and_for_its_own_post_alone(
    desk: Desk, program: Connection[Any], owner: Connection[Any]
) -> None:
    post, other = await asked(desk), await asked(desk)
    await link(desk, post)
    await link(desk, post)
    await link(desk, other)
    (revoked, good), (elsewhere,) = await links(desk, post), await links(desk, other)
    not_good = "this link is not good"
    act(program, desk, None)
    for one in (revoked, elsewhere):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=not_good):
            sign(program, post, one)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="does not wait for that decision"):
        sign(program, post, good, stage=2)
    with pytest.raises(psycopg.errors.CheckViolation):
        sign(program, post, good, decision="taken_back")
    act(program, desk, desk.cast.author)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="nobody decides for somebody else"):
        sign(program, post, good)
    act(program, desk, None)
    assert sign(program, post, good) == 1
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=not_good):
        sign(program, post, good)
    expire(owner, other)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=not_good):
        sign(program, other, elsewhere)


async def test_postgresql_itself_wants_the_stage_to_be_the_client_s(
    desk: Desk, program: Connection[Any]
) -> None:
    await rule(desk, MANAGERS)
    post = await asked(desk)
    async with desk.services.db.session(desk.cast.actor(desk.cast.manager)) as session:
        made = await private_links.new_link(session, post.post, desk.cast.manager, Token("forged"))
    act(program, desk, None)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="this link is not good"):
        sign(program, post, made)


async def test_postgresql_itself_keeps_links_as_they_were_made(desk: Desk, program: Connection[Any]) -> None:
    post = await asked(desk)
    await link(desk, post)
    await link(desk, post)
    act(program, desk, None)
    for column in (
        "expires_at = now() + interval '1 year'",
        "stage = 2",
        "post_id = post_id",
        "token_hash = ''",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
            program.execute(f"UPDATE sign_offs SET {column}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
        program.execute("DELETE FROM sign_offs")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="stays over"):
        program.execute("UPDATE sign_offs SET revoked_at = NULL WHERE revoked_at IS NOT NULL")
    act(program, desk, desk.cast.stranger)
    assert program.execute("SELECT FROM sign_offs").rowcount == 0
    assert program.execute("UPDATE sign_offs SET revoked_at = now()").rowcount == 0


async def test_an_agency_finds_no_link_of_another(desk: Desk, program: Connection[Any]) -> None:
    post = await asked(desk)
    secret = await link(desk, post)
    found = program.execute(
        "SELECT * FROM find_sign_off(%s)", [private_links.hashed(secret.reveal())]
    ).fetchall()
    assert found == [(desk.cast.id, (await links(desk, post))[0].id)]  # ids, and nothing else
    assert program.execute("SELECT FROM sign_offs").rowcount == 0  # nobody acts, nothing is seen


async def test_whoever_decided_can_be_erased_and_the_decision_stays(desk: Desk) -> None:
    post = await asked(desk)
    await says(desk, await link(desk, post), REJECTED, "Not on a Sunday.")
    (used,), boss = await links(desk, post), desk.cast.actor(desk.cast.admin)
    assert await people.erase_reviewer(desk.services, boss, used.id) == 1
    (row,) = await decisions(desk, post)
    assert (row.decision, row.comment) == (REJECTED, "Not on a Sunday.")
    assert (row.reviewer_name, row.ip_address, row.user_agent) == ("Erased", None, None)
    entry = [one for one in await trail(desk, post.post.id) if one.action == "post_rejected"][-1]
    assert (entry.personal, entry.ip_address, entry.user_agent) == (None, None, None)
    assert not [one for one in await replies(desk, post.post.id) if "by_name" in one]
    with pytest.raises(NotFound):
        await people.erase_reviewer(desk.services, boss, post.post.id)


async def test_whoever_only_left_a_remark_can_be_found_and_erased(desk: Desk) -> None:
    post = await asked(desk)
    secret = await link(desk, post)
    words = {"version": 1, "name": "Zoe Quist", "comment": "Is it too late?"}
    assert await remarks.pass_on(desk.services, secret.reveal(), MAYA, **words)  # type: ignore[arg-type]
    (used,), boss = await links(desk, post), desk.cast.actor(desk.cast.admin)
    async with desk.services.db.session(boss) as session:
        (found,) = await people.reviewers(session, search="quis")
        assert await people.reviewers(session, search="somebody else") == []
    assert (found.sign_off_id, found.name) == (used.id, "Zoe Quist")
    assert await people.erase_reviewer(desk.services, boss, used.id) == 1
    async with desk.services.db.session(boss) as session:
        assert await people.reviewers(session) == []
    (entry,) = [one for one in await trail(desk, post.post.id) if one.action == "post_remark"]
    assert (entry.personal, entry.ip_address, entry.user_agent) == (None, None, None)
    assert not [one for one in await replies(desk, post.post.id) if "by_name" in one]
