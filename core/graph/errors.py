"""Meta's error codes, as data: for each, one of the four outcomes and a sentence for a person.

https://developers.facebook.com/docs/graph-api/guides/error-handling
https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes
"""

import re
from datetime import timedelta
from http import HTTPStatus

from core.errors import MetaError, ReconnectNeeded, Refused, TryAgainLater
from core.graph.meanings import DAY, HALF_MINUTE, HOUR, Meaning, again, change, limit, reconnect, unsure

UNIQUE_SUBCODE = 1_000_000
"""From here on, Meta's subcodes have one meaning whatever the code beside them; smaller ones do not."""


def meaning(code: int | None, subcode: int | None = None, message: str = "") -> Meaning | None:
    """Find what an error means: by code and subcode, by its text, by the subcode or the code alone."""
    return (
        MEANINGS.get((code, subcode))
        if subcode is not None and (code, subcode) in MEANINGS
        else _by_text(message) or BY_SUBCODE.get(subcode) or MEANINGS.get((code, None))
    )


def in_container(status: str) -> MetaError:
    """Tell why a container failed, from its `status`: `Error: … failed with error code 2207026`."""
    digits = re.search(r"(?<!\d)\d{7}(?!\d)", status)
    subcode = int(digits[0]) if digits else None
    found = BY_SUBCODE.get(subcode, BROKEN_MEDIA)
    if found.invisible is TryAgainLater:
        return TryAgainLater(found.sentence, after=found.after, subcode=subcode)
    return found.invisible(found.sentence, subcode=subcode)


def is_hidden(error: MetaError) -> bool:
    """Say whether Meta does not show this object to this token; the connection's other token may see it."""
    return (error.code, error.subcode) == (100, 33)


def rest(error: MetaError) -> timedelta | None:
    """Say for how long Meta wants to be left alone; None when it did not answer with one of its limits."""
    found = meaning(error.code, error.subcode, error.message)
    if found is None and error.status == HTTPStatus.TOO_MANY_REQUESTS:
        found = BUSY
    if found is None or not found.throttled:
        return None
    return error.after if isinstance(error, TryAgainLater) else found.after


def _by_text(message: str) -> Meaning | None:
    said = message.lower()
    return next((found for signal, found in BY_TEXT.items() if signal in said), None)


# What is said more than once

TROUBLE = unsure("Meta is having trouble at the moment.")
BUSY = limit("Meta allows no more calls for a while.")
TOO_FAST = limit(
    "Meta has stopped this account from posting for a while, because of what or how fast it posts.", HOUR
)
UNLISTED = unsure("Meta did not accept this, for a reason that Pressroom does not know.", otherwise=Refused)
LOST = unsure("Meta's answer did not arrive, or could not be read.")
NOT_REACHED = again("Meta could not be reached.")

LOGGED_OUT = reconnect("Meta has ended this login. Please connect the account again.")
NOT_PERMITTED = reconnect(
    "Pressroom does not have a permission that this needs. Please connect the account again and leave "
    "everything ticked; whoever connects needs the right to create content on the Page."
)
SECURITY_CHECK = (
    "Facebook wants to check who the person is who connected this account. They must log in at facebook.com, "
    "do what it asks, and then connect the account again."
)
LOGIN_USED_UP = change("This login was already used or has run out. Please start connecting once more.")
SETUP = change(
    "Pressroom's app at Meta is not set up correctly. Whoever runs Pressroom must look at its app id, app "
    "secret and permissions."
)
OUR_MISTAKE = change(
    "Meta did not understand what Pressroom asked for. Whoever runs Pressroom should look at it."
)

BROKEN_MEDIA = change("Instagram could not process this picture or video. Please use another file.")
SPENT = unsure("Instagram no longer has the prepared post.", HALF_MINUTE)
PREPARE_AGAIN = unsure("Instagram could not prepare the post. This usually passes.", HALF_MINUTE)
NOT_FETCHED = again(
    "Meta could not fetch the picture. If this goes on, check that it is a normal JPEG and that Pressroom's "
    "public address can be reached from outside.",
    HALF_MINUTE,
)
VIDEO_FORMAT = change("The video's format cannot be published. Use an MP4 with H.264 and AAC.")
VIDEO_UPLOAD = change("The video could not be uploaded. Please use another file.")
VIDEO_NOT_FETCHED = again("Meta could not fetch the video. If this goes on, use another file.", HALF_MINUTE)
PICTURE_TYPE = change("The picture is missing, too large or of a wrong type. Use a JPEG of less than 4 MB.")
PRODUCT_TAGS = change("The product tags cannot be used. Please remove them.")
ALREADY_POSTED = unsure(
    "Facebook says that this Page has just posted exactly this. Look at the Page, and change the post if you "
    "want it a second time.",
    otherwise=Refused,
)
REJECTED = "Facebook refused this post because of what it contains. Please change it."

MEANINGS: dict[tuple[int | None, int | None], Meaning] = {
    # Permissions: the whole range; the few with a meaning of their own follow.
    **{(code, None): NOT_PERMITTED for code in range(200, 300)},
    # Meta itself
    (1, None): TROUBLE,
    (1, 99): TROUBLE,
    (2, None): TROUBLE,
    (-1, None): TROUBLE,
    (-2, None): NOT_FETCHED,
    (None, 1363047): TROUBLE,
    (None, 1609010): TROUBLE,
    # Created, in spite of this answer: it comes when `fields` is sent along with a comment.
    (20, None): unsure("Meta could not answer as asked.", otherwise=Refused),
    (20, 1772107): unsure("Meta could not answer as asked.", otherwise=Refused),
    # Limits
    (4, None): BUSY,
    (17, None): BUSY,
    (32, None): BUSY,
    (341, None): BUSY,
    (613, None): BUSY,
    (613, 1996): BUSY,
    (80001, None): BUSY,
    (80002, None): BUSY,
    (4, 2207051): TOO_FAST,
    (368, None): TOO_FAST,
    (368, 1390008): TOO_FAST,
    (None, 1404112): limit(
        "Facebook has limited this account for some days. Look at its Support Inbox.", DAY
    ),
    # Counted before anything is published, so this one does prove that nothing was.
    (9, None): again("Instagram's limit of posts for 24 hours is reached for this account.", HOUR),
    (9, 2207042): again("Instagram's limit of posts for 24 hours is reached for this account.", HOUR),
    (None, 2207078): again("Instagram's limit of trial reels is reached for this account.", DAY),
    # The login
    (102, None): LOGGED_OUT,
    (190, None): LOGGED_OUT,
    (190, 458): reconnect(
        "Pressroom was removed from this person's Facebook apps. Please connect the account again."
    ),
    (190, 459): reconnect(SECURITY_CHECK),
    (190, 460): reconnect(
        "The person who connected this account changed their Facebook password, or Facebook ended the login "
        "for safety. Please connect the account again."
    ),
    (190, 463): reconnect("The login has run out. Please connect the account again."),
    (190, 464): reconnect(
        "The person who connected this account must first confirm their own Facebook account, and then "
        "connect again."
    ),
    (190, 467): LOGGED_OUT,
    (190, 490): reconnect(SECURITY_CHECK),
    (190, 492): reconnect(
        "The person who connected this account no longer has a role on the Page. Give it back to them, or "
        "let somebody who has one connect it."
    ),
    # Permissions and setup
    (3, None): SETUP,
    (10, None): NOT_PERMITTED,
    (101, None): SETUP,
    (104, None): SETUP,
    (None, 1404078): change(
        "Facebook asks for Page Publishing Authorization. Somebody who manages the Page must complete it on "
        "Facebook."
    ),
    (100, 36007): LOGIN_USED_UP,
    (100, 36008): SETUP,
    (100, 36009): LOGIN_USED_UP,
    # A read can be too early, just after something was made. A write names what was there for long.
    (100, 33): Meaning(
        "Meta does not show this account or post to Pressroom. It may be deleted, or no longer shared with "
        "Pressroom; then connect the account again.",
        TryAgainLater,
        ReconnectNeeded,
        ReconnectNeeded,
        HALF_MINUTE,
    ),
    (25, None): change(
        "Instagram has restricted this account. Log in to Instagram with it and do what it asks."
    ),
    (25, 2207050): change(
        "Instagram has restricted this account. Log in to Instagram with it and do what it asks."
    ),
    (None, 4854002): change(
        "Facebook asks somebody to confirm their identity. Log in to Facebook and do what it asks."
    ),
    (None, 1404006): change("Facebook asks for a security check. Log in to Facebook and do what it asks."),
    (None, 2207085): change(
        "Instagram could not process this for the account. Look at the account in Instagram's app."
    ),
    # Instagram's containers. A publishing call may not find one because it is published already.
    (24, None): SPENT,
    (24, 2207006): SPENT,
    (24, 2207008): SPENT,
    (-1, 2207001): PREPARE_AGAIN,
    (-1, 2207032): PREPARE_AGAIN,
    (-1, 2207053): PREPARE_AGAIN,
    (-2, 2207003): NOT_FETCHED,
    (-2, 2207020): again("The picture was no longer where Meta looked for it.", HALF_MINUTE),
    (9004, None): NOT_FETCHED,
    (9004, 2207052): NOT_FETCHED,
    (9007, None): again("Instagram is still preparing the post."),
    (9007, 2207027): again("Instagram is still preparing the post."),
    (None, 2207076): BROKEN_MEDIA,
    (None, 2207077): VIDEO_NOT_FETCHED,
    (None, 2207081): change("This Instagram account cannot publish trial reels."),
    (None, 2207082): again(
        "The upload to Instagram failed. If this goes on, use a smaller file.", HALF_MINUTE
    ),
    # What a person wrote or chose
    (100, None): change("Meta does not accept a part of this post."),
    (100, 2207023): OUR_MISTAKE,
    (100, 2207028): change("A carousel needs 2 to 10 pictures or videos."),
    (100, 2207035): PRODUCT_TAGS,
    (100, 2207036): PRODUCT_TAGS,
    (100, 2207037): PRODUCT_TAGS,
    (100, 2207040): change("The caption mentions more than 20 accounts. Please remove some."),
    (197, None): change("The post is empty. Write something or add a picture."),
    # Said also when the picture could not be fetched; and what we send is a JPEG of our own making.
    (324, None): NOT_FETCHED,
    (324, 2069019): NOT_FETCHED,
    (None, 1366046): PICTURE_TYPE,
    (352, None): VIDEO_FORMAT,
    (352, 2207026): VIDEO_FORMAT,
    (1, 2207057): change("The moment chosen for the video's cover lies outside of the video."),
    (382, None): change("The video is too small or too short."),
    (389, None): VIDEO_NOT_FETCHED,
    (6000, None): VIDEO_UPLOAD,
    (6001, None): again("The video could not be uploaded. If this goes on, use another file.", HALF_MINUTE),
    (506, None): ALREADY_POSTED,
    (None, 1366051): ALREADY_POSTED,
    (1609005, None): change("Facebook could not read the page that the link leads to. Check the link."),
    (1609008, None): change(
        "Facebook does not accept links to facebook.com in a post. Please remove the link."
    ),
    (36000, None): change("The picture is larger than 8 MB. Use a smaller one."),
    (36000, 2207004): change("The picture is larger than 8 MB. Use a smaller one."),
    (36001, None): change("Instagram does not accept this picture's format. Use a JPEG."),
    (36001, 2207005): change("Instagram does not accept this picture's format. Use a JPEG."),
    (36003, None): change("The picture is too tall or too wide. Instagram takes 4:5 to 1.91:1."),
    (36003, 2207009): change("The picture is too tall or too wide. Instagram takes 4:5 to 1.91:1."),
    (36004, None): change("The caption is too long. Instagram takes 2,200 characters and 30 hashtags."),
    (36004, 2207010): change("The caption is too long. Instagram takes 2,200 characters and 30 hashtags."),
    (None, 1346003): change(REJECTED),
    (None, 1404102): change(REJECTED),
    (None, 1349125): change("Facebook does not accept this text or link. Please change it."),
    (None, 2061006): change("Facebook does not accept this text or link. Please change it."),
    (None, 1363040): change("The video is too tall or too wide. A reel is 9:16."),
    (None, 1363127): change("The video has too few pixels. A reel needs at least 540 by 960."),
    (None, 1363128): change("The video is too short or too long. A reel lasts 3 to 90 seconds."),
    (None, 1363129): change("The video's frame rate cannot be used. A reel has 24 to 60 frames a second."),
    # Ours
    (803, None): OUR_MISTAKE,
    (2500, None): OUR_MISTAKE,
    (3001, None): OUR_MISTAKE,
    (3001, 1504028): OUR_MISTAKE,
    (-1, 2207073): change("Instagram cannot delete a post of this type."),
}

BY_SUBCODE: dict[int | None, Meaning] = {
    subcode: found for (_, subcode), found in MEANINGS.items() if subcode and subcode >= UNIQUE_SUBCODE
}

BY_TEXT = {
    "revoked_access_token": LOGGED_OUT,
    "session has been invalidated": LOGGED_OUT,
    "session key is malformed": LOGGED_OUT,
    "you cannot access the app till you log in to www.facebook.com": reconnect(SECURITY_CHECK),
    "the user is not an instagram business": reconnect(
        "This Instagram account is no longer a professional account. Change it back in Instagram's app, then "
        "connect it again."
    ),
    "no permission to publish the video": NOT_PERMITTED,
    "not enough viewers": change("Too few people have seen this for Meta to give numbers."),
    "appsecret_proof": SETUP,
    "error validating client secret": SETUP,
}
