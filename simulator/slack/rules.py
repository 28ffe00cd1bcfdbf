"""Small rules about JSON values, out of which the Block Kit validator is built; they report as Slack does."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Report = Callable[[str, str], None]
"""Takes a sentence and the JSON pointer that it is about."""
Rule = Callable[[Any, str, Report], None]


def string(longest: int, *, shortest: int = 1, pattern: str | None = None) -> Rule:
    """Return the rule of a string with so many characters."""

    def rule(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, str):
            report("must be a string", at)
        elif len(value) > longest:
            report(f"must be less than {longest + 1} characters", at)
        elif len(value) < shortest:
            report(f"must be more than {shortest - 1} characters", at)
        elif pattern and not re.fullmatch(pattern, value):
            report(f"failed to match pattern: {pattern}", at)

    return rule


def integer(lowest: int, highest: int) -> Rule:
    """Return the rule of a whole number."""

    def rule(value: Any, at: str, report: Report) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            report("must be an integer", at)
        elif value < lowest:
            report(f"must be greater than or equal to {lowest}", at)
        elif value > highest:
            report(f"must be less than or equal to {highest}", at)

    return rule


def boolean(value: Any, at: str, report: Report) -> None:
    """Report what is neither true nor false."""
    if not isinstance(value, bool):
        report("must be a boolean", at)


def anything(value: Any, at: str, report: Report) -> None:
    """Report nothing."""


def one_of(*allowed: str) -> Rule:
    """Return the rule of an enumeration."""

    def rule(value: Any, at: str, report: Report) -> None:
        if value not in allowed:
            report(f"must be a valid enum value: {', '.join(allowed)}", at)

    return rule


def array(item: Rule, most: int, *, least: int = 1) -> Rule:
    """Return the rule of a list."""

    def rule(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, list):
            report("must be an array", at)
            return
        if len(value) > most:
            report(f"no more than {most} items allowed", at)
        if len(value) < least:
            report(f"no fewer than {least} items allowed", at)
        for index, one in enumerate(value):
            item(one, f"{at}/{index}", report)

    return rule


def thing(fields: Mapping[str, Rule], required: Sequence[str] = ()) -> Rule:
    """Return the rule of an object with these fields and no others."""

    def rule(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, dict):
            report("must be an object", at)
            return
        for name in required:
            if value.get(name) is None:
                report(f"missing required field: {name}", at)
        for name, inner in value.items():
            if name not in fields:
                report(f"invalid additional property: {name}", at)
            elif inner is not None:
                fields[name](inner, f"{at}/{name}", report)

    return rule


def both(*rules: Rule) -> Rule:
    """Return the rule that asks all of these."""

    def rule(value: Any, at: str, report: Report) -> None:
        for one in rules:
            one(value, at, report)

    return rule


def exactly_one(*names: str) -> Rule:
    """Return the rule of an object that has one of these fields, not more."""

    def rule(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, dict):
            return
        present = [name for name in names if value.get(name) is not None]
        if not present:
            report(f"missing required field: {names[0]}", at)
        elif len(present) > 1:
            report(f"only one of {', '.join(names)} may be given", at)

    return rule


def by_type(kinds: Mapping[str, Rule], unsupported: str = "unsupported type") -> Rule:
    """Return the rule of an object whose `type` decides what else it must be."""

    def rule(value: Any, at: str, report: Report) -> None:
        if not isinstance(value, dict):
            report("must be an object", at)
        elif not isinstance(value.get("type"), str):
            report("missing required field: type", at)
        elif value["type"] not in kinds:
            report(f"{unsupported}: {value['type']}", f"{at}/type")
        else:
            kinds[value["type"]](value, at, report)

    return rule


def text(longest: int, *, kinds: Sequence[str] = ("plain_text",), shortest: int = 1) -> Rule:
    """Return the rule of a text object.

    https://docs.slack.dev/reference/block-kit/composition-objects/text-object
    """
    words = string(longest, shortest=shortest)
    plain = thing({"type": anything, "text": words, "emoji": boolean}, ["text"])
    mrkdwn = thing({"type": anything, "text": words, "verbatim": boolean}, ["text"])
    known = {"plain_text": plain, "mrkdwn": mrkdwn}
    return by_type({kind: known[kind] for kind in kinds})
