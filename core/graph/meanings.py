"""What an error means: its outcome for each effect of the call, and a sentence for a person.

What an error proves depends on the call. An error in answer to a read, or to a write that nobody sees, proves
enough to try again. An error in answer to a publishing call often does not: Meta has answered such calls with
codes 1, 2, 4/2207051 and with HTTP 500 while the post went live. Where that can be, the outcome is unknown.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from core.errors import MetaError, OutcomeUnknown, ReconnectNeeded, Refused, TryAgainLater

Effect = Literal["read", "invisible", "visible"]
"""What a call does: changes nothing, changes what nobody sees (a container), or publishes."""

SECONDS, HALF_MINUTE, MINUTES = timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Meaning:
    """The outcome for each effect, the sentence, and how long to wait where waiting helps."""

    sentence: str
    read: type[MetaError]
    invisible: type[MetaError]
    visible: type[MetaError]
    after: timedelta = SECONDS
    throttled: bool = False

    def kind(self, effect: Effect) -> type[MetaError]:
        """Give the outcome of a call with this effect."""
        kinds = {"read": self.read, "invisible": self.invisible, "visible": self.visible}
        return kinds[effect]


def change(sentence: str) -> Meaning:
    """Let a person change something; nothing was published."""
    return Meaning(sentence, Refused, Refused, Refused)


def reconnect(sentence: str) -> Meaning:
    """Let a person log in again, or be given a role first; nothing was published."""
    return Meaning(sentence, ReconnectNeeded, ReconnectNeeded, ReconnectNeeded)


def again(sentence: str, after: timedelta = SECONDS) -> Meaning:
    """Try again, because it helps and nothing was published."""
    return Meaning(sentence, TryAgainLater, TryAgainLater, TryAgainLater, after)


def unsure(sentence: str, after: timedelta = SECONDS, otherwise: type[MetaError] = TryAgainLater) -> Meaning:
    """Call it unknown when it answers a publishing call, of which it proves nothing."""
    return Meaning(sentence, otherwise, otherwise, OutcomeUnknown, after)


def limit(sentence: str, after: timedelta = MINUTES) -> Meaning:
    """Wait for a rate limit, as long as Meta says. Meta has published in spite of one."""
    return Meaning(sentence, TryAgainLater, TryAgainLater, OutcomeUnknown, after, throttled=True)
