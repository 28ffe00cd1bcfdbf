"""The preview: what each account will get, exactly. Publishing is bound to the version that it shows."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from bot.views import again, asking, limits
from bot.views.again import Base
from bot.views.asking import YES, Asking
from bot.views.card import beginning
from core import differences
from core.framing import RatioProblem
from core.models import Account, Fit, Platform, PostState
from core.pauses import Pause
from core.posts import PostView
from core.quotas import Outlook

FITS = {Fit.CROP: "Crop it to {ratio}", Fit.PAD: "Add a border, to {ratio}"}


@dataclass(frozen=True)
class Rendition:
    """What one platform gets of the picture: an address of it, and what was done to it."""

    address: str
    changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preview:
    """What the preview shows."""

    post: PostView
    card_channel: str
    renditions: Mapping[Platform, Rendition] = field(default_factory=dict)
    problem: RatioProblem | None = None
    external_id: str | None = None
    notice: str | None = None
    outlooks: Sequence[Outlook] = ()  # of Instagram's quotas
    due_at: datetime | None = None  # at once without one
    base: Base | None = None  # what this takes the place of, when that was sent on its way before
    newest: PostView | None = None  # what counts by now, when somebody else was faster
    pause: Pause | None = None
    is_unheard: bool = False  # the bot is not in the channel where the card belongs
    asking: Asking | None = None  # where somebody may be asked to approve it
    ask: bool = False  # whoever writes it wants that

    @property
    def is_asked(self) -> bool:
        """Whether somebody must approve it first."""
        return self.asking is not None and (self.asking.is_needed or self.ask)

    @property
    def destination(self) -> str:
        """Say where the card goes: a channel's id, or a person's."""
        return self.post.client.slack_channel_id or self.card_channel

    @property
    def is_in_channel(self) -> bool:
        """Whether the card goes to a channel, and not to a person."""
        return self.destination.startswith(("C", "G"))


@dataclass(frozen=True)
class Decision:
    """What the person decided about: this version, with this fit."""

    post_id: UUID
    version: int
    card_channel: str
    fit: Fit | None
    due_at: datetime | None = None
    base: Base | None = None
    ask: bool = False  # for approval first

    def dump(self) -> str:
        """Write it for private_metadata; the fit, and whether somebody wants approval, stand in the state."""
        said = {"post": str(self.post_id), "version": self.version, "channel": self.card_channel}
        base = self.base.dump() if self.base else None
        return json.dumps(said | {"due": again.written(self.due_at), "base": base, "ask": self.ask})

    @classmethod
    def load(cls, metadata: str, fit: Fit | None, *, ask: bool = False) -> Self:
        """Read it back."""
        said = json.loads(metadata)
        due_at, base = again.read(said.get("due")), Base.load(said["base"]) if said.get("base") else None
        ask = ask or bool(said.get("ask"))
        return cls(UUID(said["post"]), said["version"], said["channel"], fit, due_at, base, ask)


def view(preview: Preview) -> View:
    """Draw the preview."""
    version = preview.post.version
    decision = Decision(
        version.post_id,
        version.version,
        preview.card_channel,
        None,
        preview.due_at,
        preview.base,
        ask=preview.asking is not None and preview.asking.is_needed,
    )
    return blocks.modal(
        "Preview",
        list(body(preview)),
        callback_id=ids.PREVIEW,
        submit=submit_words(preview),
        close="Back",
        metadata=decision.dump(),
        external_id=preview.external_id,
    )


def submit_words(preview: Preview) -> str:
    """Say what submitting does."""
    if preview.newest and (preview.due_at or preview.is_asked):
        return "Save mine instead"
    if preview.is_asked:
        return "Ask for approval"
    if preview.due_at is None:
        return "Publish now"
    is_scheduled = preview.base and preview.post.post.state in (PostState.SCHEDULED, PostState.IN_APPROVAL)
    return "Save changes" if is_scheduled else "Schedule"


def body(preview: Preview) -> Iterator[Block]:
    """Give the client, when it goes out, the picture as each platform gets it, and the words."""
    if preview.notice:
        yield blocks.section(preview.notice)
    if preview.newest:
        yield from newest_part(preview.newest, preview.post)
    yield blocks.header(preview.post.client.name)
    yield blocks.section(f"{when(preview)}\n{where(preview)}")
    if preview.pause:
        yield blocks.section(paused(preview, preview.pause))
    if preview.asking:
        yield asking.part(preview.asking, ask=preview.ask)
    yield from limits.too_many(preview.outlooks)
    if preview.problem:
        yield fit_field(preview.problem, preview.post.version.fit)
    for platform in Platform:
        accounts = [account for account in preview.post.accounts if account.platform is platform]
        if accounts:
            yield from platform_part(preview, platform, accounts)
    yield blocks.divider()
    yield from words_part(preview)
    yield from limits.left([(one.account, one.quota) for one in preview.outlooks])


def newest_part(newest: PostView, mine: PostView) -> Iterator[Block]:
    """Show what somebody else made of the post meanwhile, above what this person made of it."""
    version = newest.version
    by = mrkdwn.person(newest.editor.slack_user_id)
    yield blocks.section(f":warning: *{by} changed this post in the meantime.* It says now:")
    yield blocks.verbatim(beginning(version.caption)) if version.caption else blocks.context("No caption.")
    time = f"Goes out {mrkdwn.moment(newest.post.due_at)}" if newest.post.due_at else "Published at once"
    labels = mrkdwn.fitted(", ".join(account.label for account in newest.accounts), 500)
    yield blocks.context(f"{time} · {labels} · {'with a' if version.media_id else 'without a'} picture")
    other = differences.names(version, mine.version)
    differs = f" What differs: {mrkdwn.listed(other)}." if other else ""
    yield blocks.section(
        f"*Below is what you wrote.*{differs} It takes the place of the above only when you say so."
    )
    yield blocks.divider()


def fit_field(problem: RatioProblem, fit: Fit) -> Block:
    """Ask what to do with a picture of a ratio that is not taken."""
    options = {
        one: blocks.option(text.format(ratio=problem.nearest_words), one.value) for one, text in FITS.items()
    }
    element: Block = {"type": "radio_buttons", "action_id": ids.FIT, "options": list(options.values())}
    if fit in options:
        element["initial_option"] = options[fit]
    return blocks.field("How should the picture fit?", element, ids.FIT, hint=problem.sentence, dispatch=True)


def platform_part(preview: Preview, platform: Platform, accounts: list[Account]) -> Iterator[Block]:
    """Show what one platform's accounts get."""
    names = ", ".join(account.label for account in accounts)
    count = "" if len(accounts) == 1 else f" · {len(accounts)} accounts"
    yield blocks.section(f"*{platform.title}*{count}\n{mrkdwn.fitted(names, 2800)}")
    if rendition := preview.renditions.get(platform):
        described = preview.post.version.alt_text or f"The picture for {platform.title}"
        yield blocks.image(rendition.address, described)
        if rendition.changes:
            yield blocks.context(" · ".join(map(mrkdwn.escape, rendition.changes)))
    for account in accounts[:5]:
        if account.trouble:
            yield blocks.context(
                f":warning: {mrkdwn.escape(account.label)}: {mrkdwn.fitted(account.trouble, 300)}"
            )


def words_part(preview: Preview) -> Iterator[Block]:
    """Show the caption exactly as it will stand there, and what goes along with it."""
    version = preview.post.version
    yield blocks.verbatim(version.caption) if version.caption else blocks.context("No caption.")
    if version.link:
        yield blocks.context(f"Link: {mrkdwn.link(version.link, mrkdwn.shortened(version.link, 100))}")
    if version.alt_text:
        yield blocks.context(f"Description of the picture: {mrkdwn.fitted(version.alt_text, 1500)}")


def when(preview: Preview) -> str:
    """Say when it goes out, as the reader's own clock shows it."""
    if preview.is_asked:
        at = f"Goes out {mrkdwn.moment(preview.due_at)}, if" if preview.due_at else "Published as soon as"
        return f"*{at} it is approved{' by then' if preview.due_at else ''}*"
    return f"*Goes out {mrkdwn.moment(preview.due_at)}*" if preview.due_at else "*Published at once*"


def where(preview: Preview) -> str:
    """Say where the card is, or will be."""
    if preview.base:
        return "Its card in Slack shows what you change."
    if not preview.is_in_channel:
        return "You can follow it in your direct messages with me."
    channel = mrkdwn.channel(preview.destination)
    if preview.is_unheard:
        return f"I am not in {channel}, so its card comes to you directly. Invite me, and it goes there."
    return f"You can follow it in {channel}."


def paused(preview: Preview, pause: Pause) -> str:
    """Say that nothing goes out just now, and what that means for this."""
    what = "all clients" if pause.whole_agency else mrkdwn.escape(preview.post.client.name)
    by = f" by {mrkdwn.person(pause.by)}" if pause.by else ""
    then = (
        "If that is still so when its time comes, this waits too."
        if preview.due_at or preview.is_asked
        else "So this cannot go out at once. Go *Back* and give it a time, or have it resumed first."
    )
    since = mrkdwn.moment(pause.since)
    return f":double_vertical_bar: *Publishing is paused for {what}*{by}, since {since}. {then}"


def preparing(external_id: str) -> View:
    """Say that the picture is being made ready."""
    return blocks.modal(
        "Preview",
        [
            blocks.section(":hourglass_flowing_sand: *Preparing the preview…*"),
            blocks.context("A large picture takes a few seconds."),
        ],
        callback_id=ids.NOTICE,
        close="Back",
        external_id=external_id,
    )


def to_change(sentences: list[str], external_id: str | None = None) -> View:
    """Say what must be changed, once the composer is already below this."""
    lines = "\n".join(f"• {mrkdwn.fitted(sentence, 500)}" for sentence in sentences[:5])
    return blocks.modal(
        "Please check",
        [
            blocks.section(f"*This cannot be published yet.*\n{lines}"),
            blocks.context("Go *Back*: everything that you entered is still there."),
        ],
        callback_id=ids.NOTICE,
        close="Back",
        external_id=external_id,
    )


def parse(view: Mapping[str, Any]) -> Decision:
    """Read what was decided."""
    entered = blocks.values(view)
    chosen = entered.get(ids.FIT, {}).get("selected_option")
    ticked = entered.get(ids.ASK, {}).get("selected_options") or []
    ask = any(one["value"] == YES for one in ticked)
    return Decision.load(view["private_metadata"], Fit(chosen["value"]) if chosen else None, ask=ask)


def on_its_way() -> str:
    """Say that it is being published."""
    return ":white_check_mark: *It is on its way.* Its card in Slack shows how it is doing."


def asked() -> str:
    """Say that it waits for approval."""
    return ":white_check_mark: *Those who approve it are asked.* Its card in Slack shows what they say."


def scheduled(due_at: datetime) -> str:
    """Say that it waits for its time."""
    return f":white_check_mark: *It goes out {mrkdwn.moment(due_at)}.* Its card in Slack lets you change it."
