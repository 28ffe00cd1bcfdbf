"""Faults in Graph's own words.

A fault of kind `error` or `error_after` may have a `code` (2 by default), a `subcode`, a `message` and an
`http_status`; a `rate_limit` its `bucket`: pages, instagram or app. With a `status` of its own an
`error_after` is no longer Graph's: it answers that status with its `body`.
"""

import json

from starlette.responses import Response

from simulator.faults import Fault, Faults
from simulator.meta import answers, usage
from simulator.meta.errors import GraphError
from simulator.meta.settings import Settings

UNEXPECTED = "An unexpected error has occurred. Please retry your request later."
FULL = {"call_count": 100, "total_time": 100, "total_cputime": 100}


class GraphFaults(Faults):
    """Faults whose `error_after` is an error of Graph's, if nothing else is said."""

    def take(self, path: str) -> Fault | None:
        """Return the fault that this request's path meets."""
        fault = super().take(path)
        if fault and fault.kind == "error_after" and fault.status is None:
            return fault.model_copy(update={"error": "graph"})
        return fault


def answer(settings: Settings, fault: Fault) -> Response:
    """Return what Graph answers for a fault of kind `error`, `error_after` or `rate_limit`."""
    said = fault.model_extra or {}
    if fault.kind == "rate_limit":
        return _rate_limited(settings, str(said.get("bucket", "pages")))
    code = int(said.get("code", 2))
    error = GraphError(
        code,
        str(said.get("message") or UNEXPECTED),
        subcode=said.get("subcode"),
        status=int(said.get("http_status", 500 if code in (1, 2) else 400)),
        transient=code == 2 or None,
    )
    return answers.refusal(error, {})


def _rate_limited(settings: Settings, bucket: str) -> Response:
    if bucket == "app":
        error = GraphError(4, "(#4) Application request limit reached", status=403, transient=True)
        return answers.refusal(error, {"x-app-usage": json.dumps(FULL)})
    use = {"type": bucket, **FULL, "estimated_time_to_regain_access": settings.regain_minutes}
    error = usage.too_many(80001, "Page account")
    if bucket == "instagram":
        error = usage.too_many(80002, "Instagram account")
    return answers.refusal(error, {"x-business-use-case-usage": json.dumps({"1": [use]})})
