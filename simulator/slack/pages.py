"""What a browser gets: the page itself, permalinks, and drawn avatars."""

import html
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from simulator.slack.platform import Slack

FOLDER = Path(__file__).parent / "page"
AVATAR = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72" role="img" aria-label="{name}">
<rect width="72" height="72" rx="12" fill="#{color}"/><text x="36" y="46" font-size="28" font-weight="700"
 font-family="system-ui,sans-serif" text-anchor="middle" fill="#fff">{letters}</text></svg>"""


def routes(slack: Slack) -> list[BaseRoute]:
    """Return the page at `/` and under every permalink, its parts under `/page/`, and `/healthz`."""

    async def page(_: Request) -> Response:
        index = FOLDER / "index.html"
        if index.exists():
            return FileResponse(index, headers={"Cache-Control": "no-cache"})
        return PlainTextResponse("This Slack has no page.")

    async def avatar(request: Request) -> Response:
        person = slack.world.people.get(request.path_params["id"])
        name = person.real_name if person else slack.world.teams[next(iter(slack.world.teams))].name
        letters = "".join(word[0] for word in name.split()[:2]).upper()
        drawn = AVATAR.format(
            name=html.escape(name, quote=True),
            color=person.color if person else "611f69",
            letters=html.escape(letters),
        )
        return Response(drawn, media_type="image/svg+xml")

    async def healthy(_: Request) -> Response:
        return PlainTextResponse("ok")

    return [
        Route("/", page, methods=["GET"]),
        Route("/archives/{channel}", page, methods=["GET"]),
        Route("/archives/{channel}/{ts}", page, methods=["GET"]),
        Route("/files/{user}/{id}/{name}", page, methods=["GET"]),
        Route("/_sim/avatars/{id}.svg", avatar, methods=["GET"]),
        Route("/healthz", healthy, methods=["GET"]),
        Mount("/page", StaticFiles(directory=FOLDER, check_dir=False)),
    ]
