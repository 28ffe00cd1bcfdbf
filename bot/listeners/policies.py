"""Who must approve a client's posts: asked, and kept."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from slack_bolt.async_app import AsyncApp
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import blocks, ids
from bot.afterwards import afterwards
from bot.blocks import View
from bot.current import Current
from bot.desk import Desk
from bot.listeners import clients as client_list
from bot.listeners.compose import meant, no_client_called
from bot.listening import listener
from bot.rendering import asked_at
from bot.turn import Turn, new_external_id
from bot.views import notices
from bot.views import policies as view
from bot.views.policies import Answer, Kept
from core import clients, permissions, policies, posts
from core.errors import Invalid
from core.models import Member, Mode, PostState
from core.policies import Rules, Stage
from core.rows import by_id

TITLE = "Approval"


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the button *Approval* beside a client, and to the form."""
    app.action(ids.EDIT_POLICY)(listener(desk, by_button))
    app.action(ids.ADD_STAGE)(listener(desk, add_stage))
    app.view(ids.POLICY_FORM)(listener(desk, save))


async def by_command(turn: Turn, name: str) -> None:
    """Answer `/social approval [client]`: of that client, or of this channel's; or else show the clients."""
    window = await turn.open(notices.loading(TITLE))
    current = await turn.current()
    async with current.session() as session:
        client = await meant(session, name, turn.channel_id)
    if client:
        await window.show(await form(current, client.id))
        return
    listing = await client_list.listing(turn, 0)
    said = [blocks.section(no_client_called(name))] if name else []  # not everybody can choose one there
    await window.show(listing | {"blocks": [*said, *listing["blocks"]]})


async def by_button(turn: Turn) -> None:
    """Answer the button in the list of clients."""
    await turn.ack()
    window = await turn.open(notices.loading(TITLE))
    await window.show(await form(await turn.current(), UUID(turn.value)))


async def add_stage(turn: Turn) -> None:
    """Draw the form with the fields of one more stage; Slack keeps what was entered in the others."""
    await turn.ack()
    shown = view.Shown.load(turn.view["private_metadata"])
    current = await turn.current()
    await turn.this_window().show(await form(current, shown.client_id, stages=shown.stages + 1))


async def form(current: Current, client_id: UUID, *, stages: int = 1) -> View:
    """Draw the form with the rules that hold; the client's managers' and the admins' business.

    It has the fields of so many stages at the least.
    """
    async with current.session() as session:
        client = await clients.get(session, client_id)
        await permissions.require_manager(session, current.actor, client)
        rules = await policies.rules_of(session, client.id)
        named = {one for stage in rules.stages for one in stage.member_ids}
        people = await by_id(session, Member, named)
        waiting = await posts.queue_length(session, client_id=client.id, states=(PostState.IN_APPROVAL,))
        unasked = await posts.count_unasked(session, client.id)
    ids_of = {one.id: one.slack_user_id for one in people.values() if one.left_at is None}
    return view.form(client, rules, ids_of, waiting=waiting, unasked=unasked, stages=stages)


async def save(turn: Turn) -> None:
    """Keep what was entered, and say what holds from now on."""
    answer, external_id = view.parse(turn.view), new_external_id()
    kept = await turn.in_time(keep(turn, answer), waiting=notices.waiting("Saving", external_id))
    with afterwards("that it is said who approves"):
        await turn.become(notices.done("Saved", view.saved(kept, answer.mode)), how="update")


async def keep(turn: Turn, answer: Answer) -> Kept:
    """Write it down; give what holds from now on.

    Raise Invalid with what is wrong, by the number that a stage has in the form.
    """
    current = await turn.current()
    stages = {number: await with_people(turn, current, *one) for number, one in answer.stages.items()}
    if answer.mode is Mode.NONE:  # kept as far as it goes, for when somebody must approve again
        stages = {number: one for number, one in stages.items() if one.name}
    rules = await with_the_rest(current, answer, tuple(stages.values()))
    try:
        await policies.change(turn.services, current.actor, client_id=answer.client_id, rules=rules)
    except Invalid as error:
        raise Invalid(as_entered(error.fields, list(stages))) from error
    async with current.session() as session:
        return await kept(session, answer.client_id)


async def kept(session: AsyncSession, client_id: UUID) -> Kept:
    """Give who is asked from now on, stage by stage, and how many posts go out though nobody was asked."""
    client, policy = await clients.get(session, client_id), await policies.newest(session, client_id)
    stages = await policies.stages_of(session, policy) if policy else ()
    asked = [await asked_at(session, client, stage) for stage in stages]
    return Kept(client, asked, await posts.count_unasked(session, client.id))


async def with_the_rest(current: Current, answer: Answer, stages: tuple[Stage, ...]) -> Rules:
    """Give the rules as they were entered; what the form does not ask stays as it is."""
    async with current.session() as session:
        rules = await policies.rules_of(session, answer.client_id)
    return replace(
        rules,
        mode=answer.mode,
        stages=stages,
        someone_else=answer.someone_else,
        time_counts=answer.time_counts,
        expires=answer.expires,
        remind_hours=answer.remind_hours,
        most_reminders=answer.most_reminders,
    )


async def with_people(turn: Turn, current: Current, stage: Stage, chosen: Sequence[str]) -> Stage:
    """Give a stage with the members that these Slack people are; whether they may approve, core says."""
    people = turn.desk.people
    found = await asyncio.gather(*(people.anyone(turn.slack, current.installed, one) for one in chosen))
    return replace(stage, member_ids=frozenset(member.id for member in found))


def as_entered(fields: dict[str, str], numbers: Sequence[int]) -> dict[str, str]:
    """Name the fields as the form does: core does not count the stages that were left empty."""
    names = {f"{ids.STAGE}_{place}": f"{ids.STAGE}_{number}" for place, number in enumerate(numbers, 1)}
    entered = {}
    for name, sentence in fields.items():
        stage, colon, field = name.partition(":")
        entered[names.get(stage, stage) + colon + field] = sentence
    return entered
