"""rotate_10k: sealing 10,000 tokens anew with another key; floor: AESGCM, and one UPDATE for all of them."""

import secrets
import statistics
from time import perf_counter
from uuid import UUID, uuid4

import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core import keys
from core.db import Database
from core.vault import KeyRing, Token, Vault, generate_key
from pressroom.schema import Addresses, driver_url
from tests.bench.accounts import seed
from tests.bench.measure import report

ACCOUNTS, ROUNDS = 10_000, 5
TAKEN = "SELECT id FROM clients_social_platforms LIMIT %s"
PUT = """
UPDATE clients_social_platforms t SET access_token = u.token
FROM unnest(%s::uuid[], %s::text[]) AS u (id, token) WHERE t.id = u.id
"""


async def run(addresses: Addresses) -> None:
    """Seal, rotate and seal again, ours and the floor in turn; only the last key is ever another one."""
    assert addresses.owner is not None
    while len(ids := accounts(addresses.owner)) < ACCOUNTS:
        seed(addresses.owner, uuid4(), uuid4())
    db, times, floors = Database(addresses.program), [], []
    for turn in range(ROUNDS):
        old = f"old{turn}:{generate_key()}"
        put(addresses.owner, sealed(ids, Vault(KeyRing.parse(old))))
        ring = KeyRing.parse(f"new{turn}:{generate_key()},{old}")
        times.append(await rotated(db, ring))
        floors.append(bare(addresses.owner, ids))
    await db.close()
    report("rotate_10k", statistics.median(times), "s", statistics.median(floors))


def accounts(owner: str) -> list[UUID]:
    """Give the ids of so many accounts."""
    with psycopg.connect(driver_url(owner)) as connection:
        return [found for (found,) in connection.execute(TAKEN, [ACCOUNTS]).fetchall()]


def sealed(ids: list[UUID], vault: Vault) -> dict[UUID, str]:
    """Seal a token for each of these accounts."""
    token = Token(f"EAAB{secrets.token_urlsafe(140)}")
    return {one: vault.seal(token, row=f"clients_social_platforms:{one}:access_token") for one in ids}


def put(owner: str, tokens: dict[UUID, str]) -> None:
    """Store tokens, all of them at once."""
    with psycopg.connect(driver_url(owner)) as connection:
        connection.execute(PUT, [list(tokens), list(tokens.values())])


async def rotated(db: Database, ring: KeyRing) -> float:
    """Rotate everything, and give how many seconds that took."""
    await keys.check(db, ring)
    started = perf_counter()
    progress = [one async for one in keys.rotate(db, ring)][-1]
    assert (progress.done, progress.unopened) == (ACCOUNTS, 0)
    return perf_counter() - started


def bare(owner: str, ids: list[UUID]) -> float:
    """Open and seal as many tokens with AESGCM alone, and store them; give the seconds."""
    cipher, token = AESGCM(secrets.token_bytes(32)), secrets.token_urlsafe(143).encode()
    before = {one: (iv := secrets.token_bytes(12), cipher.encrypt(iv, token, one.bytes)) for one in ids}
    started = perf_counter()
    after = {}
    for one, (iv, text) in before.items():
        new = secrets.token_bytes(12)
        again = cipher.encrypt(new, cipher.decrypt(iv, text, one.bytes), one.bytes)
        after[one] = f"{again.hex()}:{new.hex()}:floor"
    put(owner, after)
    return perf_counter() - started
