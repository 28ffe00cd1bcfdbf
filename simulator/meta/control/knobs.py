"""The knobs, the clock, and what is registered for the app."""

from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.meta.control.body import Strict, meta_of
from simulator.meta.settings import Settings


class Advance(Strict):
    """How far to move the clock; it never goes back."""

    seconds: float = Field(alias="advance", ge=0)


class AppChange(Strict):
    """What is registered for the app."""

    redirect_uris: list[str] | None = None
    deauthorize_url: str | None = None
    deletion_url: str | None = None
    name: str | None = None


async def settings(request: Request) -> Response:
    """Show the knobs, or turn those that the body names."""
    meta = meta_of(request)
    if request.method == "POST":
        wanted = await request.json()
        known = meta.world.settings.model_dump()
        usage = {**known["usage"], **wanted.pop("usage", {})}
        meta.world.settings = Settings.model_validate({**known, **wanted, "usage": usage})
        meta.changed()
    return JSONResponse(meta.world.settings.model_dump())


async def clock(request: Request) -> Response:
    """Show the time, or move it on."""
    meta = meta_of(request)
    if request.method == "POST":
        meta.world.clock_seconds += Advance.model_validate(await request.json()).seconds
        meta.changed()
    return JSONResponse({"now": meta.world.now().isoformat(), "ahead_seconds": meta.world.clock_seconds})


async def registered(request: Request) -> Response:
    """Show what is registered for the app, or change it."""
    meta = meta_of(request)
    if request.method == "POST":
        change = AppChange.model_validate(await request.json())
        for name, value in change.model_dump(exclude_unset=True).items():
            setattr(meta.world.app, name, value)
        meta.changed()
    return JSONResponse(meta.world.app.model_dump(exclude={"secret"}))


async def reset(request: Request) -> Response:
    """Go back to the seed."""
    meta_of(request).reset()
    return JSONResponse({"ok": True})
