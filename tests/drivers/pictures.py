"""Pictures for people to upload."""

import io

from PIL import Image


def picture(width: int = 1200, height: int = 1000, kind: str = "PNG") -> bytes:
    """Draw something of this size, in pixels."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(out, kind)
    return out.getvalue()
