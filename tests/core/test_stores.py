"""What is kept comes back as it was, however large it is."""

import tempfile
from pathlib import Path

from core.stores import MediaStore

SEVERAL_PARTS = 12_000_000  # bytes; a store takes a file of more than five million in parts


async def test_a_file_is_kept_as_it_is(tmp_path: Path) -> None:
    store = MediaStore.at((tmp_path / "kept").as_uri())
    data = bytes(range(251)) * (SEVERAL_PARTS // 251)
    for written in (data, b"shorter"):
        with tempfile.TemporaryFile() as file:
            file.write(written)
            file.seek(0)
            await store.put("agency/export.zip", file)
        assert await store.get("agency/export.zip") == written
