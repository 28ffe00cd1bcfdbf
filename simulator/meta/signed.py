"""The `signed_request` that Meta sends to an app's deauthorize and data-deletion callbacks.

https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback
"""

import base64
import hashlib
import hmac
import json

from simulator.meta.world import World


def request(world: World, person_id: str) -> dict[str, str]:
    """Return the form that is posted: one field, signature and JSON in unpadded base64url."""
    content = {
        "algorithm": "HMAC-SHA256",
        "issued_at": int(world.now().timestamp()),
        "expires": 0,
        "user_id": person_id,
    }
    payload = _base64url(json.dumps(content).encode())
    signature = hmac.new(world.app.secret.encode(), payload.encode(), hashlib.sha256).digest()
    return {"signed_request": f"{_base64url(signature)}.{payload}"}


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
