"""What is left behind, for those who search it: in the database, in files, at Slack and at Meta."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from pressroom.schema import driver_url
from tests.drivers.meta import Meta
from tests.drivers.slack import Slack

TABLES = """
SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
"""
BYTES = re.compile(r"\\x((?:[0-9a-f]{2})+)")


def dump(owner: str) -> str:
    """Give everything that stands in the database, as its superuser does; bytes in hex, and as they are."""
    with psycopg.connect(driver_url(owner)) as connection:
        tables = [name for (name,) in connection.execute(TABLES).fetchall()]
        rows = " UNION ALL ".join(f"SELECT t.*::text FROM {table} t" for table in tables)
        whole = "\n".join(row for (row,) in connection.execute(rows.encode()).fetchall())
    return "\n".join([whole, *(bytes.fromhex(one).decode("latin-1") for one in BYTES.findall(whole))])


def written(folder: Path) -> Iterator[tuple[str, str]]:
    """Give every file that was left in a folder, and what is packed in it."""
    for path in (one for one in folder.rglob("*") if one.is_file()):
        yield from unpacked(str(path.relative_to(folder)), path.read_bytes())


def unpacked(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Give a file, each of its bytes as a character, and what is packed in it."""
    yield name, content.decode("latin-1")
    if content.startswith(b"PK") and zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            yield from ((f"{name}/{one}", packed.read(one).decode("latin-1")) for one in packed.namelist())


async def sent(platform: Slack | Meta) -> list[dict[str, Any]]:
    """Give what was sent to a platform as it came, apart from the header in which tokens belong."""
    asked = await platform.http.get(f"{platform.url}/_sim/requests", params={"raw": "yes"})
    return list(asked.json())


async def at_slack(slack: Slack) -> str:
    """Give all that Slack was sent, and all that it was told when it asked, over HTTP or a socket."""
    told = await slack.http.get(f"{slack.url}/_sim/deliveries", params={"raw": "yes"})
    return json.dumps([await sent(slack), told.json()], ensure_ascii=False)


async def addresses_at(meta: Meta) -> str:
    """Give the addresses that Meta was asked at; a token may stand in what was sent there, not in these."""
    return "\n".join(one["path"] for one in await sent(meta))
