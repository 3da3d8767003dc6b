"""Fetches one picture and measures it: bounded in bytes, time and redirects, and never towards the inside."""

from __future__ import annotations

import hashlib
import tempfile
from http import HTTPStatus
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions
from django.conf import settings
from PIL import Image, UnidentifiedImageError

from catalog.enums import ImageState
from catalog.images import Look
from catalog.validators import shown
from jetsync.exceptions import InvalidInput, OutsideUnreachable
from jetsync.jet.deadline import Deadline
from jetsync.jet.session import TokenAuth, new_session
from jetsync.net import check_outside_url, outside_addresses

# A photograph in print quality has about 10 MB; more is not needed to know its size.
MOST_BYTES = 25 * 1024 * 1024
# Smaller ones never touch the disk.
KEPT_IN_MEMORY = 1024 * 1024
CHUNK = 64 * 1024
CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 5, 10, 30
MOST_REDIRECTS = 4
# Pillow's mark for a header that promises more than a picture holds; nothing is ever unpacked here.
MOST_PIXELS = 2 * (Image.MAX_IMAGE_PIXELS or 0)
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP")
HEADERS = {"User-Agent": "jetsync-image-check", "Accept": "image/*", "Accept-Encoding": "identity"}
# Private chunks of a PNG that keeps its layers (Fireworks), and the tag of a TIFF that does (Photoshop).
LAYER_CHUNKS = frozenset({b"mkBF", b"mkTS", b"mkBS", b"mkBT", b"prVW"})
LAYER_TAG = 37724


class _NotFetched(Exception):
    """Ends a look; the text is for the merchant."""

    def __init__(self, message: str, state: ImageState = ImageState.UNREACHABLE) -> None:
        super().__init__(message)
        self.state = state


class ImageFetcher:
    """One per run of the job; keeps connections for its time. Safe to use from several threads."""

    def __init__(self) -> None:
        self._outside = new_session(outside_addresses)
        self._own = new_session()

    def close(self) -> None:
        self._outside.close()
        self._own.close()

    def look_at(self, url: str) -> Look:
        """What is behind the address. Raises nothing that the other side can cause."""
        try:
            with tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY) as file:
                digest, byte_count = self._fetch(url, file)
                file.seek(0)
                return measure(file, digest, byte_count)
        except _NotFetched as end:
            return Look(end.state, message=str(end))
        except OutsideUnreachable as error:
            return Look(ImageState.WAITING, message=error.message, is_own_trouble=True)
        except InvalidInput as error:
            return Look(ImageState.UNREACHABLE, message=error.message)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            return Look(ImageState.UNREACHABLE, message=_words(error))

    def _fetch(self, url: str, file: IO[bytes]) -> tuple[str, int]:
        """Writes the picture's bytes; returns their SHA-256 and count."""
        with Deadline(WHOLE_SECONDS) as deadline:
            try:
                found = self._follow(url, file)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError):
                if not deadline.is_over:
                    raise
            else:
                if not deadline.is_over:
                    return found
        raise _NotFetched(f"It took more than {WHOLE_SECONDS} seconds to arrive.")

    def _follow(self, url: str, file: IO[bytes]) -> tuple[str, int]:
        for _step in range(MOST_REDIRECTS + 1):
            with self._open(url) as response:
                target = response.headers.get("Location", "")
                if response.is_redirect and target:
                    url = urljoin(url, target)
                    continue
                _check_answer(response)
                return _copy(response, file)
        raise _NotFetched(f"The address redirects more than {MOST_REDIRECTS} times.")

    def _open(self, url: str) -> requests.Response:
        """Every address is checked before it is used, those of redirects as well."""
        session = self._own
        if not _is_own_static(url):
            check_outside_url(url)
            session = self._outside
        return session.get(
            url,
            headers=HEADERS,
            auth=TokenAuth(None),
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
        )


def _is_own_static(url: str) -> bool:
    """The demo's pictures are static files of this very panel, which is on the loopback address when run locally."""
    own = f"{settings.BASE_URL.rstrip('/')}/{settings.STATIC_URL.strip('/')}/"
    # "%2e" is a dot to whoever sends the request; no name of a static file has a percent sign.
    return bool(settings.LOCAL) and url.startswith(own) and ".." not in url and "%" not in url


def _check_answer(response: requests.Response) -> None:
    code = response.status_code
    if code != HTTPStatus.OK:
        name = HTTPStatus(code).phrase if code in HTTPStatus._value2member_map_ else ""
        raise _NotFetched(f"The server answers {code} {name}".strip() + ".")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise _NotFetched("The server sends it packed although it was asked not to.")


def _copy(response: requests.Response, file: IO[bytes]) -> tuple[str, int]:
    digest, count = hashlib.sha256(), 0
    while chunk := response.raw.read1(CHUNK, decode_content=False):
        count += len(chunk)
        if count > MOST_BYTES:
            break
        digest.update(chunk)
        file.write(chunk)
    return digest.hexdigest(), count


def measure(file: IO[bytes], digest: str, byte_count: int) -> Look:
    """Size and format from the picture's header; its pixels are never unpacked."""
    if not byte_count:
        raise _NotFetched("The answer is empty.", ImageState.NOT_IMAGE)
    try:
        with Image.open(file, formats=FORMATS) as image:
            width, height = image.size
            image_format, is_layered = str(image.format), _is_layered(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return _unmeasured(f"It has more than {MOST_PIXELS:,} pixels.", digest, byte_count)
    except UnidentifiedImageError:
        raise _NotFetched(_what_it_is(file), ImageState.NOT_IMAGE) from None
    except Exception as error:  # noqa: BLE001 -- a library reads a stranger's bytes: any crash means "no picture"
        text = f"The picture is damaged ({type(error).__name__})."
        raise _NotFetched(text, ImageState.NOT_IMAGE) from None
    if byte_count > MOST_BYTES:
        # What was read is not the whole, so its digest means nothing.
        return _unmeasured(f"It is larger than {MOST_BYTES // 1024**2} MB.", "", byte_count)
    return Look(ImageState.FINE, width, height, byte_count, image_format, is_layered, digest)


def _unmeasured(message: str, digest: str, byte_count: int) -> Look:
    return Look(ImageState.FINE, byte_count=byte_count, content_hash=digest, message=message)


def _is_layered(image: Any) -> bool:
    if image.format == "PNG":
        chunks = {entry[0] for entry in getattr(image, "private_chunks", ())}
        return getattr(image, "n_frames", 1) > 1 or bool(chunks & LAYER_CHUNKS)
    if image.format == "TIFF":
        return LAYER_TAG in image.tag_v2 or _has_second_page(image)
    return False


def _has_second_page(image: Any) -> bool:
    """Without counting the pages: a stranger's file may chain millions."""
    try:
        image.seek(1)
    except EOFError:
        return False
    return True


def _what_it_is(file: IO[bytes]) -> str:
    file.seek(0)
    start = file.read(512).lstrip()
    if start[:1] == b"<":
        kind = "an SVG drawing" if b"<svg" in start.lower() else "a web page"
        return f"The address answers with {kind}."
    return "What the address answers with is none of JPEG, PNG, TIFF, WebP and BMP."


def _words(error: Exception) -> str:
    """A connection's failure in words that a merchant can use."""
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return "The server did not answer in time."
    if isinstance(error, requests.exceptions.SSLError | urllib3.exceptions.SSLError):
        return "The server's certificate is not valid."
    if isinstance(error, requests.ConnectionError | urllib3.exceptions.NewConnectionError):
        return "No connection to the server."
    if isinstance(error, ValueError):
        return f"The address cannot be used: {shown(error)}."
    return "The connection broke off."


def host_of(url: str) -> str:
    """Where a picture lies, as politeness counts hosts."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname}:{parts.port or ''}"
    except ValueError:
        return ""
