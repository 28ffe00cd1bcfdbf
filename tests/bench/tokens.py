"""seal_open: sealing and opening one token; floor: AESGCM alone."""

import secrets
import statistics

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.vault import KeyRing, Token, Vault, generate_key
from tests.bench.measure import in_turn, report

BATCH, ROUNDS = 500, 15


async def run() -> None:
    """Seal and open in batches, ours and the floor in turn."""
    vault = Vault(KeyRing.parse(f"bench:{generate_key()}"))
    token, cipher = Token(f"EAAB{secrets.token_urlsafe(140)}"), AESGCM(secrets.token_bytes(32))
    row = "clients_social_platforms:3b241101-e2bb-4255-8caf-4136c566a962:access_token"

    async def ours() -> None:
        for _ in range(BATCH):
            vault.open(vault.seal(token, row=row), row=row)

    async def floor() -> None:
        for _ in range(BATCH):
            iv = secrets.token_bytes(12)
            cipher.decrypt(iv, cipher.encrypt(iv, token.reveal().encode(), row.encode()), row.encode())

    times, floors = await in_turn(ours, floor, rounds=ROUNDS)
    report("seal_open", per_call(times), "µs", per_call(floors))


def per_call(batches: list[float]) -> float:
    """Give the microseconds of one call, from the seconds of batches."""
    return statistics.median(batches) / BATCH * 1e6
