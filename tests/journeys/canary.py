"""What must not show in a journey, and all that a journey leaves behind: searched when its house closes."""

import base64
import io
from dataclasses import dataclass

import psycopg
from pydantic import SecretStr

from core import audit_exports
from core.audit_exports import Format
from core.db import Actor
from core.services import Services
from pressroom.schema import Addresses, driver_url
from pressroom.settings import Settings
from tests.drivers.answers import Answers
from tests.drivers.left import addresses_at, at_slack, dump, written
from tests.drivers.meta import Meta
from tests.drivers.searching import places
from tests.drivers.slack import Slack


class Shown(AssertionError):
    """A secret (by its name) stands somewhere."""

    def __init__(self, places: list[tuple[str, str]]) -> None:
        super().__init__(places)
        self.places = places


@dataclass(frozen=True)
class Canary:
    """Looks for secrets in one journey."""

    settings: Settings
    addresses: Addresses
    slack: Slack
    meta: Meta
    log: io.StringIO

    async def secrets(self) -> dict[str, str]:
        """Give everything that must not show: each token that Meta issued, and what the settings hide."""
        hidden = {
            name: value.get_secret_value()
            for name, value in self.settings
            if isinstance(value, SecretStr) and name != "encryption_keys"
        }
        assert self.settings.encryption_keys
        key = self.settings.encryption_keys.get_secret_value().partition(":")[2]
        issued = {f"token {n}, {one['kind']}": one["value"] for n, one in enumerate(await self.meta.issued())}
        return {**hidden, **issued, "key": key, "its bytes": base64.b64decode(key).hex()}

    async def left(self, services: Services, answers: Answers) -> dict[str, str]:
        """Give what a house leaves behind, as long as it stands."""
        return {
            "the audit export": await exported(services, str(self.addresses.owner)),
            "Slack": await at_slack(self.slack),
            "addresses at Meta": await addresses_at(self.meta),
            "pages": str(answers),
        }

    def left_behind(self) -> dict[str, str]:
        """Give what it leaves behind once it is closed."""
        return {
            "files": "\n".join(text for _, text in written(self.settings.data_dir)),
            "the database": dump(str(self.addresses.owner)),
            "the log": self.log.getvalue(),
        }

    async def search(self, left: dict[str, str]) -> None:
        """Raise Shown if a secret shows in what was left."""
        if found := places(await self.secrets(), left):
            raise Shown(found)


async def exported(services: Services, owner: str) -> str:
    """Give the audit export of every agency, in both of its forms."""
    with psycopg.connect(driver_url(owner)) as connection:
        agencies = connection.execute("SELECT id FROM agencies").fetchall()
    return "".join(
        [
            line
            for (agency_id,) in agencies
            for format_ in Format
            async for line in audit_exports.lines(services.db, Actor.program(agency_id), format_=format_)
        ]
    )
