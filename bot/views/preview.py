"""The preview: what each account will get, exactly. Publishing is bound to the version that it shows."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

from bot import blocks, ids, mrkdwn
from bot.blocks import Block, View
from core.framing import RatioProblem
from core.models import Account, Fit, Platform
from core.posts import PostView

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

    @property
    def destination(self) -> str:
        """Say where the card goes: a channel's id, or a person's."""
        return self.post.client.slack_channel_id or self.card_channel


@dataclass(frozen=True)
class Decision:
    """What the person decided about: this version, with this fit."""

    post_id: UUID
    version: int
    card_channel: str
    fit: Fit | None

    def dump(self) -> str:
        """Write it for private_metadata; the fit stands in the view's state."""
        return json.dumps({"post": str(self.post_id), "version": self.version, "channel": self.card_channel})

    @classmethod
    def load(cls, metadata: str, fit: Fit | None) -> Self:
        """Read it back."""
        said = json.loads(metadata)
        return cls(UUID(said["post"]), said["version"], said["channel"], fit)


def view(preview: Preview) -> View:
    """Draw the preview."""
    version = preview.post.version
    return blocks.modal(
        "Preview",
        list(body(preview)),
        callback_id=ids.PREVIEW,
        submit="Publish now",
        close="Back",
        metadata=Decision(version.post_id, version.version, preview.card_channel, None).dump(),
        external_id=preview.external_id,
    )


def body(preview: Preview) -> Iterator[Block]:
    """Give the client, the picture as each platform gets it, the words, and where it goes."""
    if preview.notice:
        yield blocks.section(preview.notice)
    yield blocks.header(preview.post.client.name)
    if preview.problem:
        yield fit_field(preview.problem, preview.post.version.fit)
    for platform in Platform:
        accounts = [account for account in preview.post.accounts if account.platform is platform]
        if accounts:
            yield from platform_part(preview, platform, accounts)
    yield blocks.divider()
    yield from words_part(preview)
    yield blocks.context(f"Published at once. {where(preview.destination)}")


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


def where(destination: str) -> str:
    """Say where the card will be."""
    if destination.startswith(("C", "G")):
        return f"You can follow it in {mrkdwn.channel(destination)}."
    return "You can follow it in your direct messages with me."


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
    listed = "\n".join(f"• {mrkdwn.fitted(sentence, 500)}" for sentence in sentences[:5])
    return blocks.modal(
        "Please check",
        [
            blocks.section(f"*This cannot be published yet.*\n{listed}"),
            blocks.context("Go *Back*: everything that you entered is still there."),
        ],
        callback_id=ids.NOTICE,
        close="Back",
        external_id=external_id,
    )


def parse(view: Mapping[str, Any]) -> Decision:
    """Read what was decided."""
    chosen = blocks.values(view).get(ids.FIT, {}).get("selected_option")
    return Decision.load(view["private_metadata"], Fit(chosen["value"]) if chosen else None)


def on_its_way() -> str:
    """Say that it is being published."""
    return ":white_check_mark: *It is on its way.* Its card in Slack shows how it is doing."
