"""What one may turn while the simulator runs: `GET` and `POST /_sim/settings`."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Usage(BaseModel):
    """How much of each hour's calls is used, in percent; from 100 on, calls are refused."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    app: int = 2
    pages: int = 3
    instagram: int = 3


class Settings(BaseModel):
    """The knobs. Everything Meta leaves open, or that a test wants otherwise, is one of these."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    container_seconds: float = 1.0
    """How long Instagram works on a container before it is FINISHED."""
    container_polls: int = 0
    """How many reads of a container answer IN_PROGRESS at the least."""
    container_total: int = 400
    quota_total: int = 50
    """Posts by API on one Instagram account in 24 hours; Meta's pages say 25, 50 and 100."""
    second_publish: Literal["refused", "duplicate"] = "refused"
    """What a second use of one container, or of one staged photo, does; Meta does not say."""
    jpeg_only: bool = True
    image_check: Literal["at_creation", "afterwards"] = "at_creation"
    """Whether a bad picture is refused at once, or becomes the container's status ERROR."""
    photo_megabytes: float = 10.0
    duplicates: Literal["allowed", "refused"] = "allowed"
    """Whether a Page refuses a post with the very text of its last one (code 506)."""
    visibility_seconds: float = 0.0
    """How long a new post is missing from /media, /published_posts, /feed and /posts, its container is not
    PUBLISHED and its photo is in no post; an account may have a time of its own."""
    page_reads: Literal["allowed", "refused"] = "allowed"
    """Refused: containers and media read with a page token answer 100/33, as in May 2026."""
    page_size: int | None = Field(default=None, ge=1)
    """The most entries on one page of any listing, whatever `limit` says."""
    require_proof: bool = False
    strict_protocol: bool = True
    """Refuse the five protocol features that were removed on 27 October 2026."""
    short_token_seconds: float = 5400.0
    long_token_seconds: float = 5_183_944.0
    expires_in: Literal["said", "unsaid"] = "said"
    data_access_days: float = 90.0
    usage: Usage = Usage()
    regain_minutes: int = 5
    config_scopes: list[str] = [
        "pages_show_list", "pages_read_engagement", "pages_manage_posts", "business_management",
        "instagram_basic", "instagram_content_publish",
    ]  # fmt: skip
    """What a login with `config_id` asks for."""
