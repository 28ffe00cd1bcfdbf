"""How Slack refuses."""

from typing import Any


class SlackError(Exception):
    """An answer with `ok: false`; `more` are further keys of it."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.more = more

    @classmethod
    def of_blocks(cls, error: str, messages: list[str]) -> "SlackError":
        """Return the answer to blocks or a view that Slack does not take; messages begin with `[ERROR]`."""
        plain = [message.removeprefix("[ERROR] ") for message in messages]
        if error == "invalid_arguments":
            return cls(error, response_metadata={"messages": messages})
        return cls(error, errors=plain, response_metadata={"messages": messages})


class Refusal(Exception):
    """What Slack's own client would not let a person do; the sentence says why."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status
