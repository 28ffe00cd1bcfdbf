"""Policies: who must agree to a client's posts before they go out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import audit, clients, permissions
from core.audit_names import slack_ids
from core.db import Actor
from core.errors import Invalid
from core.models import Client, ClientMember, ClientRole, Member, Mode, Policy, PolicyStage, Role
from core.services import Services

MOST_STAGES = 4
REMIND_HOURS, MOST_REMINDERS = 4, 2  # when nobody says otherwise
LONGEST_NAME = 40  # characters of a stage's name
ADMIN = "admin"  # a stage's role beside those that a member has for a client
ROLES = (ADMIN, *ClientRole)
SETTINGS = ("mode", "someone_else", "time_counts", "expires", "remind_hours", "most_reminders")
NOBODY = "Choose who approves at this stage: roles, people, or both."
RULES_STAY = {"read": True, "key_share": True}  # a lock that only another change of the rules waits for
ONCE = "Where the client decides by a private link, one approval is enough."


@dataclass(frozen=True)
class Stage:
    """Who is asked at one stage, by role and by name, and how many must agree: all without `needs`.

    With `by_link` the client decides, too: whoever has its private link.
    """

    name: str
    needs: int | None = 1
    roles: frozenset[str] = frozenset()
    member_ids: frozenset[UUID] = frozenset()
    by_link: bool = False


@dataclass(frozen=True)
class Rules:
    """What a policy says: one stage after the other."""

    mode: Mode = Mode.NONE
    stages: tuple[Stage, ...] = ()
    someone_else: bool = True
    time_counts: bool = False
    expires: bool = False
    remind_hours: int | None = REMIND_HOURS
    most_reminders: int = MOST_REMINDERS


# --- reading --------------------------------------------------------------------------------------


async def newest(session: AsyncSession, client_id: UUID) -> Policy | None:
    """Give the policy that holds for what is sent on its way from now on, if the client has any."""
    theirs = select(Policy).where(Policy.client_id == client_id)
    return (await session.exec(theirs.order_by(col(Policy.version).desc()).limit(1))).first()


async def asking(session: AsyncSession, client: Client, *, wanted: bool) -> Policy | None:
    """Give the policy by which somebody must agree to a post that is sent on its way now; None for nobody.

    Where the client leaves it to whoever writes, `wanted` says what they chose.
    """
    await session.refresh(client, with_for_update=RULES_STAY)
    policy = await newest(session, client.id)
    if policy is None or policy.mode is Mode.NONE:
        return None
    return policy if wanted or policy.mode is Mode.REQUIRED else None


async def stages_of(session: AsyncSession, policy: Policy) -> Sequence[PolicyStage]:
    """Give a policy's stages in their order."""
    of_it = PolicyStage.client_id == policy.client_id, PolicyStage.version == policy.version
    return (await session.exec(select(PolicyStage).where(*of_it).order_by(col(PolicyStage.position)))).all()


async def rules_of(session: AsyncSession, client_id: UUID) -> Rules:
    """Give the rules that hold for a client now."""
    policy = await newest(session, client_id)
    if policy is None:
        return Rules()
    stages = tuple(map(as_stage, await stages_of(session, policy)))
    return Rules(stages=stages, **{name: getattr(policy, name) for name in SETTINGS})


def as_stage(row: PolicyStage) -> Stage:
    """Give a stage as a person would say it."""
    people = frozenset(map(UUID, row.member_ids))
    return Stage(row.name, row.needs, frozenset(row.roles), people, row.by_link)


# --- changing -------------------------------------------------------------------------------------


async def change(services: Services, actor: Actor, *, client_id: UUID, rules: Rules) -> Policy | None:
    """Have a client's posts approved by other rules; its managers' and the admins' business.

    Posts that wait for approval already stay under the rules by which it was asked for. Give the policy that
    holds from now on. Raise NotAllowed, or Invalid with a sentence for each field: `mode`, and of a stage
    `stage_1:name`, `stage_1:roles`, `stage_1:people` and `stage_1:needs`.
    """
    async with services.db.session(actor) as session:
        client = await clients.get(session, client_id)
        member = await permissions.require_manager(session, actor, client)
        await session.refresh(client, with_for_update=True)
        was = await newest(session, client.id)
        if rules == await rules_of(session, client.id):
            return was
        await check(session, client, rules)
        policy = await write(session, client, member, rules, version=was.version + 1 if was else 1)
        said = await summary(session, policy, rules)
        audit.record(session, actor, "policy_changed", client_id=client.id, **said)
    return policy


async def write(
    session: AsyncSession, client: Client, member: Member, rules: Rules, *, version: int
) -> Policy:
    """Add a version of a client's policy, with its stages."""
    policy = Policy(
        client_id=client.id,
        version=version,
        agency_id=client.agency_id,
        created_by=member.id,
        **{name: getattr(rules, name) for name in SETTINGS},
    )
    session.add(policy)
    await session.flush()
    session.add_all(stage_row(policy, number, one) for number, one in enumerate(rules.stages, 1))
    await session.flush()
    return policy


def stage_row(policy: Policy, position: int, stage: Stage) -> PolicyStage:
    """Make the row of a stage."""
    return PolicyStage(
        client_id=policy.client_id,
        version=policy.version,
        position=position,
        agency_id=policy.agency_id,
        name=stage.name.strip(),
        needs=stage.needs,
        roles=sorted(stage.roles),
        member_ids=sorted(map(str, stage.member_ids)),
        by_link=stage.by_link,
    )


async def check(session: AsyncSession, client: Client, rules: Rules) -> None:
    """Raise Invalid with a sentence for each field that will not do."""
    wrong = {}
    if rules.mode is not Mode.NONE and not 1 <= len(rules.stages) <= MOST_STAGES:
        wrong["mode"] = f"Say who approves: fill in at least one stage, and at most {MOST_STAGES}."
    for number, stage in enumerate(rules.stages, 1):
        found = wrong_words(stage) or await wrong_people(session, client, stage)
        wrong |= {f"stage_{number}:{field}": sentence for field, sentence in found.items()}
    if wrong:
        raise Invalid(wrong)


def wrong_words(stage: Stage) -> dict[str, str]:
    """Say what will not do about a stage, by field, whoever there is for it."""
    wrong = {}
    if not 1 <= len(stage.name.strip()) <= LONGEST_NAME:
        wrong["name"] = f"Give this stage a name of at most {LONGEST_NAME} characters."
    if not stage.roles | stage.member_ids and not stage.by_link:
        wrong["roles"] = NOBODY
    if stage.by_link and stage.needs != 1:
        wrong["needs"] = ONCE
    return wrong


async def wrong_people(session: AsyncSession, client: Client, stage: Stage) -> dict[str, str]:
    """Say what will not do about those who are asked at a stage, by field."""
    people = await able(session, client, stage)
    if strangers := await named(session, stage.member_ids - {one.id for one in people}):
        return {"people": f"{strangers} cannot approve for {client.name}: add them to the client first."}
    if len(people) < (stage.needs or 1) and not stage.by_link:
        have, wanted = f"only {len(people)}" if people else "nobody", stage.needs or "all"
        return {"needs": f"There is {have} to ask for {wanted}. Choose more people, or fewer approvals."}
    return {}


async def able(session: AsyncSession, client: Client, stage: Stage) -> list[Member]:
    """Give who may decide at a stage: as the function `approvers` in the database has it."""
    roles = {one.member_id: one.role for one in await members_of(session, client)}
    everybody = await session.exec(select(Member).where(Member.agency_id == client.agency_id))
    return [member for member in everybody if is_able(member, roles.get(member.id), stage)]


def is_able(member: Member, role: ClientRole | None, stage: Stage) -> bool:
    """Say whether a member, who is this for the client, may decide at a stage."""
    works_for_it = role is not None and (role is ClientRole.REVIEWER or member.role is not Role.GUEST)
    is_admin = member.role is Role.ADMIN
    is_asked = member.id in stage.member_ids or role in stage.roles or (is_admin and ADMIN in stage.roles)
    return (works_for_it or is_admin) and is_asked and member.left_at is None


async def members_of(session: AsyncSession, client: Client) -> Sequence[ClientMember]:
    """Give who is what for a client."""
    return (await session.exec(select(ClientMember).where(ClientMember.client_id == client.id))).all()


async def named(session: AsyncSession, ids: Collection[UUID]) -> str:
    """Name these members in plain words."""
    found = await session.exec(select(Member.name).where(col(Member.id).in_(ids)).order_by(col(Member.name)))
    return ", ".join(found)


async def summary(session: AsyncSession, policy: Policy, rules: Rules) -> dict[str, Any]:
    """Give what the audit entry tells."""
    return {
        "version": policy.version,
        **{name: getattr(rules, name) for name in SETTINGS},
        "stages": [
            {
                "name": stage.name.strip(),
                "needs": stage.needs,
                "roles": sorted(stage.roles),
                "members": await slack_ids(session, stage.member_ids),
                "by_link": stage.by_link,
            }
            for stage in rules.stages
        ],
    }
