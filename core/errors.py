"""Everything that can go wrong, as one tree.

PressroomError            the sentence that a person reads
├── Invalid               what was typed; a sentence for each field
├── NotFound              it is gone, or this member may not see it
├── NotAllowed            this member may not do this; says who can
├── Changed               it was changed in the meantime; look again
├── CannotOpen            a sealed token that this key ring and row do not open
├── UnsafeAddress         an address that we do not fetch from
├── BadMedia              bytes that are not a picture we can publish
└── MetaError             an answer of Meta's, deciphered: exactly one of
    ├── TryAgainLater     after so long; nothing happened
    ├── ReconnectNeeded   the connection no longer works; a person must log in again
    ├── Refused           a person must change something; the reason says what
    └── OutcomeUnknown    it may or may not have happened; look before doing it again
"""

from collections.abc import Mapping
from datetime import timedelta


class PressroomError(Exception):
    """Something went wrong at our end. Please try again."""

    def __init__(self, sentence: str | None = None) -> None:
        """Take the sentence that the person reads; the class's own by default."""
        self.sentence = sentence or type(self).__doc__ or ""
        super().__init__(self.sentence)


class Invalid(PressroomError):
    """Please check what is marked."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        """Take a sentence for each field, by the field's name."""
        self.fields = dict(fields)
        super().__init__(" ".join(self.fields.values()))


class NotFound(PressroomError):
    """That is no longer there, or you do not have access to it."""


class NotAllowed(PressroomError):
    """You do not have permission to do this. Ask one of your agency's admins."""


class Changed(PressroomError):
    """This was changed in the meantime. Have a look at the newest version."""


class CannotOpen(PressroomError):
    """A stored token could not be opened. Please connect the account again."""


class UnsafeAddress(PressroomError):
    """That address cannot be used. Use a public https address of a picture."""


class BadMedia(PressroomError):
    """That file is not a picture that can be published. Use JPEG, PNG, WebP or HEIC."""


class MetaError(PressroomError):
    """Meta did not accept this."""

    def __init__(
        self,
        sentence: str | None = None,
        *,
        code: int | None = None,
        subcode: int | None = None,
        status: int | None = None,
        trace_id: str | None = None,
        message: str = "",
    ) -> None:
        """Keep what Meta said: its code, subcode, HTTP status, fbtrace_id and message."""
        super().__init__(sentence)
        self.code, self.subcode, self.status = code, subcode, status
        self.trace_id, self.message = trace_id, message


class TryAgainLater(MetaError):
    """Meta asks us to wait. This is tried again by itself."""

    def __init__(
        self, sentence: str | None = None, *, after: timedelta = timedelta(seconds=5), **said: object
    ) -> None:
        """Add how long to wait at the least."""
        super().__init__(sentence, **said)  # type: ignore[arg-type]
        self.after = after


class ReconnectNeeded(MetaError):
    """Meta no longer accepts this connection. Please connect the account again."""


class Refused(MetaError):
    """Meta refused this post. Change it and publish again."""


class OutcomeUnknown(MetaError):
    """Meta's answer was lost. Whether this is live must be looked up before it is tried again."""
