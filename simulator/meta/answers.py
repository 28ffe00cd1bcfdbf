"""Graph's answers, as HTTP."""

import json
from typing import Any

from starlette.responses import Response

from simulator.meta import ids
from simulator.meta.errors import GraphError


def success(answer: dict[str, Any], headers: dict[str, str]) -> Response:
    """Return what was asked for."""
    return _response(answer, headers, 200)


def refusal(error: GraphError, headers: dict[str, str]) -> Response:
    """Return an error, with the id by which Meta's support would find it."""
    trace_id = ids.trace()
    said = {**headers, "www-authenticate": error.challenge, "x-fb-trace-id": trace_id}
    return _response(error.answer(trace_id), said, error.status)


def _response(answer: dict[str, Any], headers: dict[str, str], status: int) -> Response:
    return Response(json.dumps(answer), status, headers, "application/json")
