"""The pages for people."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from simulator.meta.templates import words

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters |= {
    "linked": words.linked,
    "counted": words.counted,
    "initials": words.initials,
    "ago": words.ago,
    "hue": words.hue,
}


def page(name: str, headers: dict[str, str] | None = None, *, status: int = 200, **values: Any) -> Response:
    """Return a page, rendered from a template."""
    return HTMLResponse(TEMPLATES.get_template(name).render(values), status, headers)
