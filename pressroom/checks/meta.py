"""The Meta app: its id and secret, where it sends people back to, and what they let it do."""

from sqlmodel import col, select

from core import connections
from core.db import Actor
from core.models import Connection
from pressroom.checks import Patient, Unsure, Wrong, answer_of

WRONG_SECRET, WRONG_ID = 1, 101  # Meta's codes


async def app(patient: Patient) -> str:
    """Whether the app's id and secret belong together.

    https://developers.facebook.com/docs/facebook-login/guides/access-tokens#apptokens
    """
    settings = patient.settings
    assert settings.facebook_client_secret is not None
    form = {
        "grant_type": "client_credentials",
        "client_id": settings.facebook_client_id,
        "client_secret": settings.facebook_client_secret.get_secret_value(),
    }
    answer = await patient.http.post(
        f"{settings.graph_url}/{settings.graph_version}/oauth/access_token", data=form
    )
    error = answer_of(answer).get("error", {})
    if error.get("code") == WRONG_ID:
        raise Wrong("Meta knows no app with FACEBOOK_CLIENT_ID. Copy it again (docs/meta-app.md, step 2).")
    if error.get("code") == WRONG_SECRET:
        raise Wrong("FACEBOOK_CLIENT_SECRET is not this app's. Copy it again (docs/meta-app.md, step 2).")
    if error or answer.is_error:
        raise Wrong(f"Meta answers {answer.status_code}: {error.get('message', 'no reason')}")
    return f"Meta knows the app {settings.facebook_client_id} and its secret, at {settings.graph_version}."


async def redirect(patient: Patient) -> str:
    """Say which address Meta must know; it tells nobody which ones it knows."""
    address = f"{patient.settings.public_url}{connections.CALLBACK}"
    if not address.startswith("https://"):
        raise Wrong(f"Meta sends people back to https addresses alone, and PUBLIC_URL makes it {address}.")
    raise Unsure(f"Meta does not tell what is registered. It must be exactly {address} (docs/meta-app.md).")


async def permissions(patient: Patient) -> str:
    """Whether every login that is in use has what publishing needs."""
    lacking = [
        name for agency in await patient.db.ids("every_agency") for name in await without(patient, agency[0])
    ]
    if lacking:
        names = ", ".join(sorted(set(lacking))[:5])
        raise Wrong(f"{len(lacking)} logins lack a permission: {names}. Connect their accounts anew.")
    return "Every login that is in use has the permissions that publishing needs."


async def without(patient: Patient, agency_id: object) -> list[str]:
    """Give whose logins in an agency lack what is needed to read and list Pages."""
    async with patient.db.session(Actor.program(agency_id)) as session:  # type: ignore[arg-type]
        found = await session.exec(select(Connection).where(col(Connection.is_active)))
        needed = {"pages_show_list", "pages_read_engagement"}
        return [one.meta_user_name for one in found if needed - set(one.permissions)]
