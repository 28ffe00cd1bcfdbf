"""A figure, and how it is printed: one JSON object a line."""

import json
import statistics
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter


def report(name: str, value: float, unit: str, floor: float | None = None) -> None:
    """Print one figure. The ratio says how it compares with the floor of the same run."""
    ratio = round(value / floor, 3) if floor else None
    figure = {"name": name, "value": rounded(value), "unit": unit, "floor": rounded(floor), "ratio": ratio}
    print(json.dumps(figure), flush=True)


def rounded(value: float | None) -> float | None:
    """Give four significant digits."""
    return None if value is None else float(f"{value:.4g}")


def quantile(samples: Sequence[float], of_100: int) -> float:
    """Give the sample below which so many of a hundred lie."""
    return statistics.quantiles(samples, n=100, method="inclusive")[of_100 - 1]


async def in_turn(
    ours: Callable[[], Awaitable[object]], floor: Callable[[], Awaitable[object]], *, rounds: int
) -> tuple[list[float], list[float]]:
    """Time two things in turn, so that a slow moment of the machine meets both; seconds each."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for call, samples in zip((ours, floor), times, strict=True):
            started = perf_counter()
            await call()
            samples.append(perf_counter() - started)
    return times
