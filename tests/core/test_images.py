"""Pictures of every format, orientation and colour, and bytes that are none."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageChops, ImageCms, ImageStat

from core import images, limits
from core.errors import BadMedia
from core.framing import Fit, ratio_problem

INSTAGRAM, FACEBOOK = "instagram_business", "facebook_page"
RED, GREEN, BLUE, YELLOW = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)
FORMATS = {
    "JPEG": "JPEG",
    "PNG": "PNG",
    "WEBP": "WebP",
    "HEIF": "HEIC",
    "AVIF": "AVIF",
    "TIFF": "TIFF",
    "GIF": "GIF",
}

Colour = tuple[int, ...]


def written(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def plain(
    size: tuple[int, int] = (400, 300), colour: Colour = (200, 30, 90), mode: str = "RGB"
) -> Image.Image:
    return Image.new(mode, size, colour)


def corners(size: tuple[int, int] = (400, 320)) -> Image.Image:
    """Red top left, green top right, blue bottom left, yellow bottom right."""
    image = Image.new("RGB", size)
    half = (size[0] // 2, size[1] // 2)
    for place, colour in (((0, 0), RED), ((half[0], 0), GREEN), ((0, half[1]), BLUE), (half, YELLOW)):
        image.paste(colour, (*place, place[0] + half[0], place[1] + half[1]))
    return image


def opened(prepared: images.Prepared) -> Image.Image:
    image = Image.open(BytesIO(prepared.jpeg))
    assert image.format == "JPEG"
    assert image.mode == "RGB"
    assert image.size == (prepared.width, prepared.height)
    return image


def at(image: Image.Image, x: float, y: float) -> Colour:
    """Return the colour at a place given as shares of width and height."""
    found = image.getpixel((int(x * (image.width - 1)), int(y * (image.height - 1))))
    assert isinstance(found, tuple)
    return tuple(int(value) for value in found)


def near(one: Colour, other: Colour, within: int = 6) -> bool:
    return all(abs(a - b) <= within for a, b in zip(one, other, strict=True))


def display_p3() -> bytes:
    """Build a small matrix profile with the primaries of Display P3."""
    xyz = {
        b"rXYZ": (0.51512, 0.24120, -0.00105),
        b"gXYZ": (0.29198, 0.69225, 0.04189),
        b"bXYZ": (0.15710, 0.06657, 0.78407),
    }
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = bytearray(srgb)
    for number in range(struct.unpack_from(">I", srgb, 128)[0]):
        tag, offset, _ = struct.unpack_from(">4sII", srgb, 132 + 12 * number)
        if tag in xyz:
            struct.pack_into(">3i", profile, offset + 8, *(round(value * 65536) for value in xyz[tag]))
    return bytes(profile)


# Looking


@pytest.mark.parametrize(("kind", "name"), [*FORMATS.items(), ("BMP", "BMP"), ("MPO", "JPEG")])
def test_every_format_is_recognised(kind: str, name: str) -> None:
    data = written(plain(), kind)
    picture = images.look(data)
    assert (picture.format, picture.width, picture.height) == (name, 400, 300)
    assert picture.size_bytes == len(data)
    assert picture.ratio == pytest.approx(4 / 3)
    assert not picture.has_alpha
    assert not picture.has_location


def test_a_phones_mpo_is_its_first_picture() -> None:
    data = written(plain(colour=RED), "MPO", save_all=True, append_images=[plain((100, 75), BLUE)])
    assert (images.look(data).format, images.look(data).width) == ("JPEG", 400)
    assert near(at(opened(images.prepare(data, platform=INSTAGRAM, fit="keep")), 0.5, 0.5), RED)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_what_moves_is_refused(kind: str) -> None:
    data = written(plain(), kind, save_all=True, append_images=[plain(colour=BLUE)])
    with pytest.raises(BadMedia, match=r"is animated\. Use a still picture"):
        images.look(data)


def test_of_several_pages_only_the_first_is_used_and_that_is_said() -> None:
    data = written(plain(colour=RED), "TIFF", save_all=True, append_images=[plain(colour=BLUE)])
    assert images.look(data).has_more_pages
    prepared = images.prepare(data, platform=FACEBOOK, fit="keep")
    assert near(at(opened(prepared), 0.5, 0.5), RED)
    assert "Only the first page is used" in prepared.changes


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "This is a PDF, not a picture"),
        (b"<!doctype html><title>Sign in</title>", "This is a web page, not a picture"),
        (b"", "This is an empty file"),
        (b"\x00\x00\x00\x20ftypisom" + bytes(100), "This is a video"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "This is an SVG drawing"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "This is a JPEG picture, but it is damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "This is a PNG picture, but it is damaged"),
    ],
)
def test_what_is_no_picture_is_named(data: bytes, part: str) -> None:
    for use in (
        images.look,
        lambda it: images.prepare(it, platform=INSTAGRAM, fit="crop"),
        lambda it: images.thumbnail(it, 99),
    ):
        with pytest.raises(BadMedia) as refused:
            use(data)
        assert part in refused.value.sentence


@pytest.mark.parametrize("kind", [*FORMATS, "BMP"])
def test_a_picture_that_was_cut_off_is_damaged(kind: str) -> None:
    data = written(Image.effect_noise((300, 300), 80).convert("RGB"), kind)
    with pytest.raises(BadMedia, match="damaged or incomplete"):
        images.look(data[: len(data) * 6 // 10])


def test_a_raw_file_is_not_mistaken_for_its_preview() -> None:
    data = written(plain(), "TIFF", tiffinfo={50706: b"\x01\x04\x00\x00"})
    with pytest.raises(BadMedia, match="raw file"):
        images.look(data)


@pytest.mark.parametrize("side", [8_001, 30_000, 60_000])
def test_a_bomb_is_refused_before_it_goes_off(side: int) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    with pytest.raises(BadMedia, match="less than 64 megapixels"):
        images.look(data)


def test_measurements_are_no_colours() -> None:
    with pytest.raises(BadMedia, match="measurements"):
        images.look(written(Image.new("F", (10, 10), 0.5), "TIFF"))


# What becomes of formats


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("platform", [INSTAGRAM, FACEBOOK])
def test_every_format_becomes_a_clean_baseline_jpeg(kind: str, platform: str) -> None:
    prepared = images.prepare(written(corners(), kind), platform=platform, fit="keep")
    image = opened(prepared)
    for place, colour in (((0.2, 0.2), RED), ((0.8, 0.2), GREEN), ((0.2, 0.8), BLUE), ((0.8, 0.8), YELLOW)):
        assert near(at(image, *place), colour, within=12)
    assert not image.info.get("progressive")
    assert prepared.changes == (() if kind == "JPEG" else (f"Converted from {FORMATS[kind]} to JPEG",))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_upright(kind: str, orientation: int) -> None:
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = corners().transpose(back[orientation]) if orientation in back else corners()
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    data = written(stored, kind, exif=exif)
    assert (images.look(data).width, images.look(data).height) == (400, 320)
    image = opened(images.prepare(data, platform=INSTAGRAM, fit="keep"))
    assert image.size == (400, 320)
    for place, colour in (((0.2, 0.2), RED), ((0.8, 0.2), GREEN), ((0.2, 0.8), BLUE), ((0.8, 0.8), YELLOW)):
        assert near(at(image, *place), colour)


@pytest.mark.parametrize("profile", [None, display_p3()])
def test_what_the_camera_wrote_stays_behind(profile: bytes | None) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Pinhole Cameras"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    remarks = {"comment": b"a secret remark", "xmp": b"<x:xmpmeta/>"}
    data = written(plain(), "JPEG", exif=exif, icc_profile=profile, **remarks)
    assert images.look(data).has_location
    for clean in (images.prepare(data, platform=INSTAGRAM, fit="keep").jpeg, images.thumbnail(data, 100)):
        assert not Image.open(BytesIO(clean)).getexif()
        for secret in (b"Pinhole", b"secret", b"xmpmeta", b"Exif", b"ICC_PROFILE"):
            assert secret not in clean
    assert (
        "The place where it was taken was removed"
        in images.prepare(data, platform=INSTAGRAM, fit="keep").changes
    )


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_exif_does_not_spoil_a_fine_picture() -> None:
    data = written(plain(), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff" + bytes(range(40)))
    assert images.look(data).width == 400


# What becomes of colours


def test_cmyk_is_converted() -> None:
    prepared = images.prepare(
        written(plain(colour=(0, 255, 255, 0), mode="CMYK"), "JPEG"), platform=INSTAGRAM, fit="keep"
    )
    assert near(at(opened(prepared), 0.5, 0.5), RED)
    assert prepared.changes == ("Colours converted to sRGB",)


def test_a_wider_gamut_is_converted_by_its_profile() -> None:
    data = written(plain(colour=(100, 200, 100)), "PNG", icc_profile=display_p3())
    prepared = images.prepare(data, platform=INSTAGRAM, fit="keep")
    assert near(at(opened(prepared), 0.5, 0.5), p3_to_srgb((100, 200, 100)), within=3)
    assert prepared.changes == ("Converted from PNG to JPEG", "Colours converted to sRGB")


def p3_to_srgb(colour: tuple[int, int, int]) -> Colour:
    """Convert by https://www.w3.org/TR/css-color-4/#color-conversion-code, apart from the code under test."""
    matrix = (
        (1.2249401762805598, -0.22494017628055996, 0.0),
        (-0.042056954709688163, 1.0420569547096881, 0.0),
        (-0.019637554590334432, -0.078636045550631889, 1.0982736001409663),
    )
    linear = [((v / 255 + 0.055) / 1.055) ** 2.4 for v in colour]
    mixed = [sum(m * v for m, v in zip(row, linear, strict=True)) for row in matrix]
    return tuple(round(255 * (1.055 * v ** (1 / 2.4) - 0.055)) for v in mixed)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "TIFF"])
def test_srgb_with_a_profile_is_not_called_converted(kind: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    prepared = images.prepare(written(plain(), kind, icc_profile=profile), platform=INSTAGRAM, fit="keep")
    assert "Colours converted to sRGB" not in prepared.changes
    assert near(at(opened(prepared), 0.5, 0.5), (200, 30, 90))


@pytest.mark.parametrize("profile", [b"no profile at all", b"\x00" * 200, display_p3()[:300]])
def test_a_broken_profile_is_ignored(profile: bytes) -> None:
    prepared = images.prepare(written(plain(), "PNG", icc_profile=profile), platform=INSTAGRAM, fit="keep")
    assert near(at(opened(prepared), 0.5, 0.5), (200, 30, 90))


def grey_profile() -> bytes:
    """Make a profile for grey with the curve of sRGB, out of that of sRGB."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile[:16] + b"GRAY" + profile[20:].replace(b"rTRC", b"kTRC")


def test_a_grey_profile_is_used_for_grey() -> None:
    data = written(Image.new("L", (400, 300), 90), "TIFF", icc_profile=grey_profile())
    prepared = images.prepare(data, platform=INSTAGRAM, fit="keep")
    assert near(at(opened(prepared), 0.5, 0.5), (90, 90, 90), within=1)


def test_a_profile_for_other_colours_is_ignored() -> None:
    colourful = images.prepare(
        written(plain(), "TIFF", icc_profile=grey_profile()), platform=INSTAGRAM, fit="keep"
    )
    assert near(at(opened(colourful), 0.5, 0.5), (200, 30, 90))
    data = written(plain(colour=(0, 255, 255, 0), mode="CMYK"), "TIFF", icc_profile=display_p3())
    assert near(at(opened(images.prepare(data, platform=INSTAGRAM, fit="keep")), 0.5, 0.5), RED)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_grey_stays_grey(kind: str) -> None:
    prepared = images.prepare(written(Image.new("L", (400, 300), 90), kind), platform=INSTAGRAM, fit="keep")
    assert near(at(opened(prepared), 0.5, 0.5), (90, 90, 90), within=1)
    assert "Colours converted to sRGB" not in prepared.changes


def test_sixteen_bits_of_grey_are_scaled_not_clipped() -> None:
    data = written(Image.new("I;16", (400, 300), 100 * 257), "PNG")
    assert near(
        at(opened(images.prepare(data, platform=INSTAGRAM, fit="keep")), 0.5, 0.5), (100, 100, 100), within=1
    )


def test_sixteen_bits_of_colour_are_scaled_not_clipped() -> None:
    # Pillow reads these but does not write them.
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    row = b"\x00" + struct.pack(">HHH", 200 * 257, 30 * 257, 90 * 257) * 400
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 400, 300, 16, 2, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(row * 300)) + chunk(b"IEND", b"")
    assert near(
        at(opened(images.prepare(data, platform=INSTAGRAM, fit="keep")), 0.5, 0.5), (200, 30, 90), within=2
    )


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF", "AVIF", "TIFF"])
def test_what_is_see_through_is_laid_on_white(kind: str) -> None:
    image = Image.new("RGBA", (400, 300), (*RED, 255))
    image.paste((0, 0, 0, 0), (0, 0, 200, 300))
    data = written(image, kind)
    assert images.look(data).has_alpha
    prepared = images.prepare(data, platform=INSTAGRAM, fit="keep")
    assert near(at(opened(prepared), 0.1, 0.5), (255, 255, 255))
    assert near(at(opened(prepared), 0.9, 0.5), RED, within=10)
    assert "Transparent parts are now white" in prepared.changes


def test_half_see_through_is_half_white() -> None:
    prepared = images.prepare(
        written(Image.new("RGBA", (400, 300), (0, 0, 0, 128))), platform=INSTAGRAM, fit="keep"
    )
    assert near(at(opened(prepared), 0.5, 0.5), (127, 127, 127), within=2)


@pytest.mark.parametrize(
    ("image", "options"),
    [
        (Image.new("LA", (400, 300), (0, 0)), {}),
        (Image.new("L", (400, 300), 0).quantize(2), {"transparency": 0}),
        (Image.new("RGB", (400, 300), (1, 2, 3)), {"transparency": (1, 2, 3)}),
        (Image.new("L", (400, 300), 7), {"transparency": 7}),
    ],
)
def test_every_way_of_being_see_through(image: Image.Image, options: dict[str, Any]) -> None:
    prepared = images.prepare(written(image, **options), platform=INSTAGRAM, fit="keep")
    assert near(at(opened(prepared), 0.5, 0.5), (255, 255, 255))


def test_an_alpha_channel_that_hides_nothing_is_not_mentioned() -> None:
    data = written(Image.new("RGBA", (400, 300), (*RED, 255)))
    assert not images.look(data).has_alpha
    assert images.prepare(data, platform=INSTAGRAM, fit="keep").changes == ("Converted from PNG to JPEG",)


@pytest.mark.parametrize("mode", ["1", "P", "L", "LA"])
def test_every_mode_can_be_published(mode: str) -> None:
    prepared = images.prepare(written(corners().convert("L").convert(mode)), platform=INSTAGRAM, fit="keep")
    assert opened(prepared).size == (400, 320)


# What becomes of sizes


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_large_picture_is_scaled(kind: str) -> None:
    prepared = images.prepare(written(corners((4000, 3200)), kind), platform=INSTAGRAM, fit="keep")
    assert near(at(opened(prepared), 0.2, 0.8), BLUE)
    assert (
        prepared.changes[-1]
        == "Scaled from 4000\N{MULTIPLICATION SIGN}3200 to 1440\N{MULTIPLICATION SIGN}1152"
    )


def test_a_small_picture_is_scaled_up_for_instagram_only() -> None:
    data = written(plain((200, 200)), "JPEG")
    prepared = images.prepare(data, platform=INSTAGRAM, fit="keep")
    assert opened(prepared).size == (320, 320)
    assert "Scaled up" in prepared.changes[0]
    assert opened(images.prepare(data, platform=FACEBOOK, fit="keep")).size == (200, 200)


def test_a_ratio_that_instagram_refuses_is_never_changed_unasked() -> None:
    data = written(plain((1080, 1920)), "JPEG")
    problem = ratio_problem(1080, 1920, limits.of(INSTAGRAM))
    assert problem
    with pytest.raises(BadMedia) as refused:
        images.prepare(data, platform=INSTAGRAM, fit="keep")
    assert refused.value.sentence == problem.sentence
    assert opened(images.prepare(data, platform=FACEBOOK, fit="keep")).size == (1080, 1920)


def test_cropping_keeps_the_middle() -> None:
    image = plain((1000, 2000), BLUE)
    image.paste(RED, (0, 500, 1000, 1500))
    prepared = images.prepare(written(image), platform=INSTAGRAM, fit="crop")
    cropped = opened(prepared)
    assert cropped.size == (1000, 1250)
    assert near(at(cropped, 0.5, 0.0), BLUE)
    assert near(at(cropped, 0.5, 0.5), RED)
    assert near(at(cropped, 0.5, 1.0), BLUE)
    # 1250 pixels stay of 2000: 125 of the blue ones at either end.
    assert near(at(cropped, 0.5, 110 / 1249), BLUE)
    assert near(at(cropped, 0.5, 140 / 1249), RED)
    assert prepared.changes[-1] == "Cropped at the top and bottom to 4:5"


def test_a_border_continues_a_plain_background() -> None:
    image = plain((1000, 2000), (240, 230, 210))
    image.paste(RED, (300, 0, 700, 2000))
    prepared = images.prepare(written(image), platform=INSTAGRAM, fit="pad")
    padded = opened(prepared)
    assert padded.size == (1440, 1800)
    assert near(at(padded, 0.01, 0.5), (240, 230, 210), within=3)
    assert near(at(padded, 0.5, 0.5), RED)
    assert "Border added at the left and right to reach 4:5" in prepared.changes


def test_a_border_beside_a_lively_picture_is_white() -> None:
    noise = Image.effect_noise((2000, 500), 100).convert("RGB")
    prepared = images.prepare(written(noise), platform=INSTAGRAM, fit="pad")
    assert near(at(opened(prepared), 0.5, 0.02), (255, 255, 255))
    assert near(at(opened(prepared), 0.5, 0.98), (255, 255, 255))
    assert prepared.changes[-1] == "Border added at the top and bottom to reach 1.91:1"


@pytest.mark.parametrize("fit", ["crop", "pad"])
def test_a_good_ratio_is_left_alone_whatever_was_chosen(fit: Fit) -> None:
    prepared = images.prepare(written(plain(), "JPEG"), platform=INSTAGRAM, fit=fit)
    assert opened(prepared).size == (400, 300)
    assert prepared.changes == ()


def test_quality_is_stepped_down_until_it_fits() -> None:
    noise = Image.merge("RGB", [Image.effect_noise((2048, 2048), 120 + n) for n in range(3)])
    prepared = images.prepare(written(noise, "PNG", compress_level=0), platform=FACEBOOK, fit="keep")
    assert len(prepared.jpeg) <= 4_000_000
    assert prepared.changes == ("Converted from PNG to JPEG", "Compressed more, to stay under 4 MB")


@settings(max_examples=40, deadline=None)
@given(
    st.integers(min_value=1, max_value=1500),
    st.integers(min_value=1, max_value=1500),
    st.sampled_from(["JPEG", "PNG"]),
    st.sampled_from(["crop", "pad"]),
)
def test_every_size_can_be_published(width: int, height: int, kind: str, fit: Fit) -> None:
    data = written(plain((width, height)), kind)
    on_instagram = opened(images.prepare(data, platform=INSTAGRAM, fit=fit))
    assert 0.8 <= on_instagram.width / on_instagram.height <= 1.91
    assert 320 <= on_instagram.width <= 1440
    assert opened(images.prepare(data, platform=FACEBOOK, fit="keep")).size == (width, height)


def test_preparing_twice_changes_nothing_more() -> None:
    once = images.prepare(written(corners((3000, 3000)), "PNG"), platform=INSTAGRAM, fit="keep")
    twice = images.prepare(once.jpeg, platform=INSTAGRAM, fit="keep")
    assert twice.changes == ()
    difference = ImageStat.Stat(ImageChops.difference(opened(once), opened(twice)))
    assert max(difference.mean) < 1


# Thumbnails


@pytest.mark.parametrize(
    ("size", "expected"),
    [((4000, 3000), (360, 270)), ((100, 50), (100, 50)), ((30, 3000), (4, 360)), ((1, 1), (1, 1))],
)
def test_thumbnails_are_small(size: tuple[int, int], expected: tuple[int, int]) -> None:
    for kind in ("JPEG", "PNG"):
        thumbnail = Image.open(BytesIO(images.thumbnail(written(plain(size), kind), 360)))
        assert (thumbnail.format, thumbnail.mode, thumbnail.size) == ("JPEG", "RGB", expected)


# Fuzzing


SAMPLES = {kind: written(corners((48, 40)), kind) for kind in [*FORMATS, "BMP"]} | {
    "profile": written(corners((48, 40)), "TIFF", icc_profile=display_p3()),
    "cmyk": written(corners((48, 40)).convert("CMYK"), "JPEG"),
    "alpha": written(corners((48, 40)).convert("RGBA"), "WEBP"),
    "two": written(plain((48, 40)), "MPO", save_all=True, append_images=[plain((24, 20))]),
}


@pytest.mark.filterwarnings("ignore")  # Pillow warns of much that it can live with, and so can we
@settings(max_examples=400, deadline=None)
@given(st.data())
def test_broken_bytes_raise_nothing_but_bad_media(draw: st.DataObject) -> None:
    data = bytearray(SAMPLES[draw.draw(st.sampled_from(sorted(SAMPLES)))])
    places = draw.draw(
        st.lists(st.tuples(st.integers(0, len(data) - 1), st.integers(0, 255)), min_size=1, max_size=8)
    )
    for place, value in places:
        data[place] = value
    end = draw.draw(st.integers(len(data) // 2, len(data)))
    try:
        prepared = images.prepare(bytes(data[:end]), platform=FACEBOOK, fit="keep")
    except BadMedia:
        return
    opened(prepared)


@pytest.mark.filterwarnings("ignore")
@given(st.sampled_from([data[:12] for data in SAMPLES.values()]), st.binary(max_size=300))
@settings(deadline=None)
def test_a_good_beginning_is_not_enough(start: bytes, rest: bytes) -> None:
    with pytest.raises(BadMedia):
        images.look(start + rest)
