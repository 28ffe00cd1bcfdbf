"""The pages that people see: templates, and the headers that keep a page what we made it.

https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"

HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
}


class Pages:
    """Renders pages. No script, style or frame but our own files; no page of ours inside another."""

    def __init__(self, *, facebook_url: str) -> None:
        """Take where Meta's dialog is: the one other place that our forms may lead to."""
        self._policy = policy(facebook_url)
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def show(
        self, request: Request, template: str, *, status: int = 200, opens_popup: bool = False, **values: Any
    ) -> HTMLResponse:
        """Give the page. A popup can speak to its opener only if its pages do not isolate themselves.

        https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Cross-Origin-Opener-Policy
        """
        text = self._templates.get_template(template).render(request_id=request_id(request), **values)
        opener = "same-origin-allow-popups" if opens_popup else "unsafe-none"
        headers = {"content-security-policy": self._policy, "cross-origin-opener-policy": opener}
        return HTMLResponse(text, status, HEADERS | headers)


def policy(facebook_url: str) -> str:
    """Give the policy. Chrome holds form-action against redirects too, and ours leads to Meta's dialog.

    Accounts' pictures come from Meta's content servers, which have many names; hence all of https.
    """
    address = urlsplit(facebook_url)
    dialog = f"{address.scheme}://{address.netloc}"
    anywhere_there = dialog.replace("://www.", "://*.")  # it may redirect on: m.facebook.com, and others
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            f"img-src 'self' https: data: {dialog}",
            f"form-action 'self' {' '.join(dict.fromkeys((dialog, anywhere_there)))}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


def request_id(request: Request) -> str:
    """Give the id under which this request stands in the log."""
    return str(getattr(request.state, "id", "-"))
