"""Rate limits as token buckets.

https://docs.slack.dev/apis/web-api/rate-limits
"""

from dataclasses import dataclass, field


@dataclass
class Buckets:
    """How many calls are left, by what is limited."""

    levels: dict[str, tuple[float, float]] = field(default_factory=dict)

    def wait(self, key: str, *, now: float, burst: float, per_second: float) -> float:
        """Take one call out of a bucket. Returns 0, or the seconds after which one will be there."""
        level, at = self.levels.get(key, (burst, now))
        level = min(burst, level + (now - at) * per_second)
        if level < 1:
            self.levels[key] = (level, now)
            return (1 - level) / per_second
        self.levels[key] = (level - 1, now)
        return 0.0
