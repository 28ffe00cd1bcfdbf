"""Where the bytes of media are kept: a folder, or S3, GCS or Azure, through one interface."""

from contextlib import suppress
from pathlib import Path
from typing import IO, Self
from urllib.parse import unquote, urlsplit

from obstore.store import ObjectStore, from_url

from core.errors import NotFound


class MediaStore:
    """Bytes by key. Keys are made by us: `{agency}/{media}/{variant}`."""

    def __init__(self, store: ObjectStore) -> None:
        """Take any of obstore's stores."""
        self._store = store

    @classmethod
    def at(cls, url: str) -> Self:
        """Open the store at an address: file:///..., s3://bucket/prefix, gs://..., az://...

        A folder is made if it is not there.
        """
        parts = urlsplit(url)
        if parts.scheme == "file":
            Path(unquote(parts.path)).mkdir(parents=True, exist_ok=True)
        return cls(from_url(url))

    async def put(self, key: str, data: bytes | IO[bytes]) -> None:
        """Keep these bytes, or those of a file, bit by bit; what was there is replaced, at once and whole."""
        await self._store.put_async(key, data)

    async def delete(self, key: str) -> None:
        """Forget these bytes; nothing happens when there are none."""
        with suppress(FileNotFoundError):
            await self._store.delete_async(key)

    async def clear(self, folder: str) -> None:
        """Forget all that is kept under a folder, such as `{agency}/{media}`."""
        async for found in self._store.list(prefix=folder):
            await self._store.delete_async([one["path"] for one in found])

    async def get(self, key: str) -> bytes:
        """Give the bytes; raise NotFound when there are none."""
        try:
            found = await self._store.get_async(key)
            return bytes(await found.bytes_async())
        except FileNotFoundError as error:
            raise NotFound("That picture is no longer there.") from error
