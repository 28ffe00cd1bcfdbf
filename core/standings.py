"""How far posts are on their way to approval: of each stage, who agreed and who is still asked."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, text
from sqlmodel import col, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from core.models import Approval, Decision, Member, Policy, PolicyStage, Post, SignOff
from core.rows import by_id

PROGRESS = text("SELECT post_id, stage, needs, given FROM progress(:posts)")
ASKED = text(
    "SELECT p.id, a.stage, a.member_id FROM posts p, approvers(p.client_id, p.policy_version) a"
    " WHERE p.id = ANY (:posts) AND NOT is_own(p.id, a.member_id)"
)

Key = tuple[UUID, int]  # a post and a stage


class Signature(NamedTuple):
    """Who agreed by a private link: the name as it was typed, and who made the link."""

    name: str
    sent_by: Member | None


@dataclass(frozen=True)
class StageStanding:
    """How far one stage is: who agreed to what stands there now, and who is asked and has not agreed.

    Where the client decides by link, `signed` are those who agreed that way.
    """

    position: int
    name: str
    needs: int
    given: int
    agreed: tuple[Member, ...]
    asked: tuple[Member, ...]
    signed: tuple[Signature, ...] = ()
    by_link: bool = False

    @property
    def is_done(self) -> bool:
        """Whether as many agreed as it needs."""
        return self.given >= self.needs

    @property
    def is_stuck(self) -> bool:
        """Whether those who are there are too few for what it needs, and no link of the client's can help."""
        return not self.by_link and self.given + len(self.asked) < self.needs


@dataclass(frozen=True)
class Standing:
    """How far a post is: its policy, its stages in their order, and what was last decided against it.

    `link` is the client's private one, while it is good for the stage whose turn it is.
    """

    policy: Policy
    stages: tuple[StageStanding, ...]
    objection: Approval | None = None
    objector: Member | None = None
    link: SignOff | None = None

    @property
    def current(self) -> StageStanding | None:
        """Give the stage whose turn it is: the first that is not done."""
        return next((stage for stage in self.stages if not stage.is_done), None)


async def of_post(session: AsyncSession, post: Post) -> Standing | None:
    """Give how far a post is; None for one that nobody is asked about."""
    return (await standings(session, [post])).get(post.id)


async def standings(session: AsyncSession, posts: Sequence[Post]) -> dict[UUID, Standing]:
    """Give how far each of these posts is, as far as somebody is asked; one query a table, however many."""
    asked = [post for post in posts if post.policy_version is not None]
    if not asked:
        return {}
    found = await read(session, asked)
    return {post.id: standing(post, found) for post in asked}


@dataclass(frozen=True)
class Found:
    """What was read of all these posts at once."""

    counts: Mapping[Key, Any]  # how many approvals a stage needs and has
    able: Mapping[Key, list[UUID]]  # who may decide at it
    last: Mapping[Key, list[Approval]]  # everybody's last word at it
    made_by: Mapping[UUID, UUID]  # who made a link by which somebody agreed
    members: Mapping[UUID, Member]
    policies: Mapping[tuple[UUID, int], Policy]
    stages: Mapping[tuple[UUID, int], list[PolicyStage]]
    links: Mapping[UUID, SignOff]


async def read(session: AsyncSession, posts: Sequence[Post]) -> Found:
    """Read it."""
    ids, connection = {"posts": [post.id for post in posts]}, await session.connection()
    counts = {(row.post_id, row.stage): row for row in await connection.execute(PROGRESS, ids)}
    able = grouped(((row.id, row.stage), row.member_id) for row in await connection.execute(ASKED, ids))
    last = await last_words(session, posts)
    made_by = await makers(session, [one for said in last.values() for one in said])
    spoke = {one.member_id for said in last.values() for one in said if one.member_id}
    people = spoke | {one for group in able.values() for one in group} | set(made_by.values())
    members = await by_id(session, Member, people)
    policies, stages = await rules_of(session, posts)
    by_link = any(stage.by_link for group in stages.values() for stage in group)
    links = await links_of(session, posts) if by_link else {}
    return Found(counts, able, last, made_by, members, policies, stages, links)


def standing(post: Post, found: Found) -> Standing:
    """Put together how far one post is."""
    no, rules = objection(found.last, post), key_of(post)
    return Standing(
        policy=found.policies[rules],
        stages=tuple(stage_of(post, stage, found) for stage in found.stages[rules]),
        objection=no,
        objector=found.members.get(no.member_id) if no and no.member_id else None,
        link=found.links.get(post.id),
    )


def stage_of(post: Post, stage: PolicyStage, found: Found) -> StageStanding:
    """Put one stage together; of somebody who is gone in this moment nothing is said."""
    key: Key = (post.id, stage.position)
    yes = [one for one in found.last.get(key, []) if agrees(one)]
    agreed = [one.member_id for one in yes if one.member_id in found.members]
    asked = [one for one in found.able.get(key, []) if one in found.members and one not in agreed]
    return StageStanding(
        position=stage.position,
        name=stage.name,
        needs=found.counts[key].needs,
        given=found.counts[key].given,
        agreed=tuple(found.members[one] for one in agreed if one),
        asked=tuple(sorted((found.members[one] for one in asked), key=by_name)),
        signed=tuple(signature(one, found) for one in yes if one.sign_off_id),
        by_link=stage.by_link,
    )


async def makers(session: AsyncSession, said: Sequence[Approval]) -> dict[UUID, UUID]:
    """Give who made the links by which somebody agreed, by the links' ids."""
    by_link = [one.sign_off_id for one in said if one.sign_off_id and agrees(one)]
    if not by_link:
        return {}
    links = select(SignOff.id, SignOff.made_by).where(col(SignOff.id).in_(by_link))
    return dict((await session.exec(links)).all())


def signature(approval: Approval, found: Found) -> Signature:
    """Say who agreed by a link."""
    assert approval.sign_off_id
    maker = found.made_by.get(approval.sign_off_id)
    return Signature(approval.reviewer_name or "Somebody", found.members.get(maker) if maker else None)


async def last_words(session: AsyncSession, posts: Sequence[Post]) -> dict[Key, list[Approval]]:
    """Give everybody's last word at each stage in the round that counts, in the order in which they spoke."""
    rounds = tuple_(col(Approval.post_id), col(Approval.round)).in_([(post.id, post.round) for post in posts])
    in_order = select(Approval).where(rounds).order_by(col(Approval.post_id), col(Approval.number))
    found: dict[tuple[Key, UUID | None], Approval] = {}
    for one in await session.exec(in_order):
        key = (one.post_id, one.stage), one.member_id or one.sign_off_id
        found.pop(key, None)
        found[key] = one
    return grouped((key, one) for (key, _), one in found.items())


async def rules_of(
    session: AsyncSession, posts: Sequence[Post]
) -> tuple[dict[tuple[UUID, int], Policy], dict[tuple[UUID, int], list[PolicyStage]]]:
    """Give the policies of these posts and their stages, by client and version."""
    wanted = {key_of(post) for post in posts}
    policies = select(Policy).where(tuple_(col(Policy.client_id), col(Policy.version)).in_(wanted))
    of_them = tuple_(col(PolicyStage.client_id), col(PolicyStage.version)).in_(wanted)
    stages = select(PolicyStage).where(of_them).order_by(col(PolicyStage.position))
    return (
        {(one.client_id, one.version): one for one in await session.exec(policies)},
        grouped(((one.client_id, one.version), one) for one in await session.exec(stages)),
    )


async def links_of(session: AsyncSession, posts: Sequence[Post]) -> dict[UUID, SignOff]:
    """Give the private links that are good for what these posts wait for, by post."""
    place = tuple_(col(SignOff.post_id), col(SignOff.round), col(SignOff.stage))
    here = place.in_([(post.id, post.round, post.stage) for post in posts])
    unused = col(SignOff.used_at).is_(None), col(SignOff.revoked_at).is_(None)
    good = select(SignOff).where(here, *unused, col(SignOff.expires_at) > func.now())
    return {one.post_id: one for one in await session.exec(good)}


def objection(last: Mapping[Key, list[Approval]], post: Post) -> Approval | None:
    """Give what was last decided against a post in this round."""
    against = (Decision.CHANGES_REQUESTED, Decision.REJECTED)
    found = [one for (post_id, _), said in last.items() for one in said if post_id == post.id]
    return next((one for one in reversed(found) if one.decision in against), None)


def agrees(approval: Approval) -> bool:
    """Say whether somebody's last word is yes."""
    return approval.decision is Decision.APPROVED


def key_of(post: Post) -> tuple[UUID, int]:
    """Say which policy a post is under."""
    assert post.policy_version is not None
    return post.client_id, post.policy_version


def by_name(member: Member) -> str:
    """Sort people as they are called."""
    return member.name.lower()


def grouped(pairs: Any) -> dict[Any, list[Any]]:
    """Put together what has the same key, in the order in which it comes."""
    found: dict[Any, list[Any]] = defaultdict(list)
    for key, one in pairs:
        found[key].append(one)
    return dict(found)
