"""trigger_ids: three seconds, once.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

from dataclasses import dataclass, field

from simulator.slack.errors import SlackError
from simulator.slack.ids import Ids

REMEMBERED = 2000


@dataclass
class Trigger:
    """Leave to open a view for one person, who did something just now."""

    user: str
    team_id: str
    issued_at: float
    exchanged: bool = False


@dataclass
class Triggers:
    """Those that were issued lately."""

    issued: dict[str, Trigger] = field(default_factory=dict)

    def issue(self, ids: Ids, *, user: str, team_id: str, now: float) -> str:
        """Return a new trigger_id."""
        trigger_id = ids.trigger(now)
        self.issued[trigger_id] = Trigger(user, team_id, now)
        while len(self.issued) > REMEMBERED:
            self.issued.pop(next(iter(self.issued)))
        return trigger_id

    def exchange(self, trigger_id: str, *, team_id: str, now: float, seconds: float) -> Trigger:
        """Use a trigger_id up. Raises invalid_, exchanged_ or expired_trigger_id."""
        trigger = self.issued.get(trigger_id)
        if trigger is None or trigger.team_id != team_id:
            raise SlackError("invalid_trigger_id")
        if trigger.exchanged:
            raise SlackError("exchanged_trigger_id")
        if now - trigger.issued_at > seconds:
            raise SlackError("expired_trigger_id")
        trigger.exchanged = True
        return trigger
