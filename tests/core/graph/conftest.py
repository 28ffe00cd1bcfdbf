from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr

from core.graph.api import GraphAPI
from tests.core.graph.wire import APP_SECRET, BASE_URL, Meta


@pytest.fixture
def meta() -> Meta:
    return Meta()


@pytest_asyncio.fixture
async def graph(meta: Meta) -> AsyncIterator[GraphAPI]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(meta.receives)) as http:
        yield GraphAPI(
            http,
            base_url=BASE_URL,
            version="v25.0",
            app_id="1234567890123456",
            app_secret=SecretStr(APP_SECRET),
            on_usage=meta.usage.append,
            sleep=meta.sleep,
        )
