"""Colours as every screen shows them: sRGB, without transparency, eight bits each."""

from io import BytesIO

from PIL import Image, ImageCms

from core.errors import BadMedia

WHITE = (255, 255, 255)

# The colours that a profile is made for, and the images that it can be meant for.
_MEANT_FOR = {"RGB": ("RGB", {"RGB", "L"}), "GRAY": ("L", {"L"}), "CMYK": ("CMYK", {"CMYK"})}
_VISIBLE = 2  # of 255; less than this is only rounding
_PLAIN = {"1": "L", "P": "RGB", "RGBX": "RGB"}
_NUMBERS = {"I", "F"}  # measurements rather than colours: there is no telling what is white


def opaque(image: Image.Image) -> tuple[Image.Image, bool]:
    """Return the image as L, RGB or CMYK, and whether something see-through was laid on white.

    Raises BadMedia for 32-bit measurements, which are no colours.
    """
    if image.mode in _NUMBERS:
        raise BadMedia("This picture holds 32-bit measurements, not colours. Export it as JPEG or PNG.")
    if image.mode.startswith("I;16"):
        return _eight_bits(image), False
    if image.has_transparency_data:
        return _on_white(image.convert("RGBA"))
    plain = image.mode if image.mode in {"L", "RGB", "CMYK"} else _PLAIN.get(image.mode, "RGB")
    return (image if image.mode == plain else image.convert(plain)), False


def to_srgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, bool]:
    """Return the L, RGB or CMYK image as sRGB, and whether any colour changed visibly.

    `profile` is the picture's ICC profile; one that is damaged or made for other colours is ignored, as
    browsers do.
    """
    mode, transform = _transform(image.mode, profile)
    if transform is None:
        return image.convert("RGB"), image.mode == "CMYK"
    converted = ImageCms.applyTransform(image.convert(mode), transform)
    assert converted is not None
    return converted, _changes_colours(mode, transform)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Scale 16-bit grey down; convert("L") alone would clip everything above 255 to white."""
    image.info.pop("transparency", None)
    return image.point(lambda value: value / 257).convert("L")


def _on_white(image: Image.Image) -> tuple[Image.Image, bool]:
    alpha = image.getchannel("A")
    if alpha.getextrema() == (255, 255):
        return image.convert("RGB"), False
    flat = Image.new("RGB", image.size, WHITE)
    flat.paste(image, mask=alpha)
    return flat, True


def _transform(mode: str, profile: bytes | None) -> tuple[str, ImageCms.ImageCmsTransform | None]:
    """Build the way from the profile's colours to sRGB; None when there is none."""
    if not profile:
        return mode, None
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        wanted, modes = _MEANT_FOR.get(source.profile.xcolor_space.strip(), ("", set[str]()))
        if mode not in modes:
            return mode, None
        return wanted, ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            wanted,
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return mode, None


def _changes_colours(mode: str, transform: ImageCms.ImageCmsTransform) -> bool:
    """Try the transform on a chart of colours; names of profiles tell too little."""
    if mode == "CMYK":
        return True
    chart = Image.linear_gradient("L") if mode == "L" else _chart()
    before = chart.convert("RGB")
    after = ImageCms.applyTransform(chart, transform)
    assert after is not None
    return any(abs(old - new) > _VISIBLE for old, new in zip(before.tobytes(), after.tobytes(), strict=True))


def _chart() -> Image.Image:
    """Return 512 colours, spread over all of RGB."""
    steps = range(0, 256, 36)
    return Image.frombytes(
        "RGB", (8, 64), bytes(v for r in steps for g in steps for b in steps for v in (r, g, b))
    )
