"""Bulk files: token, upload, announcement, result (products.md section 10). bulk.py writes the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Any

from jetsync.jet.codec import decode
from jetsync.jet.errors import JetError, JetNotSendable
from jetsync.jet.paths import segment
from jetsync.jet.requestor import Requestor
from jetsync.jet.types.files import FileRecord, UploadToken
from jetsync.jet.words import FileType

GZIP_MARK = b"\x1f\x8b"
# The full error list of a file; beyond it the excerpt has to do.
MAX_ERROR_LIST_BYTES = 32 * 1024 * 1024


class FileService:
    def __init__(self, requestor: Requestor) -> None:
        self._requestor = requestor

    def upload_token(self) -> UploadToken:
        """GET /files/uploadToken: a signed address for one file, `jet_file_id`, lifetime in seconds (1,800 seen).

        Documented: products.md section 10, fixture upload_token.json.
        """
        return self._requestor.get("/files/uploadToken").parse(UploadToken)

    def upload(self, token_url: UploadToken | str, source: Path | str | IO[bytes]) -> None:
        """PUT of the gzip bytes to the token's address with `x-ms-blob-type: BlockBlob`; streamed, never in memory.

        `source` is a path, or a binary file read from where it stands and left open. Until it is announced a file may
        be put again, so a lost answer is tried again when the source can be rewound. Raises JetNotSendable for a file
        that is not gzip, JetUploadRefused when the address is refused (expired): take a new token.
        Seen on the wire: products.md section 10.
        """
        url = token_url.url if isinstance(token_url, UploadToken) else token_url
        is_file = not isinstance(source, Path | str)
        can_rewind = source.seekable() if not isinstance(source, Path | str) else True
        start = source.tell() if not isinstance(source, Path | str) and can_rewind else None

        def open_stream() -> AbstractContextManager[IO[bytes]]:
            return _opened(source, start)

        if can_rewind:
            with open_stream() as stream:
                _check_gzip(stream)
            if is_file and start is not None:
                source.seek(start)  # type: ignore[union-attr]  # `is_file` is the check
        headers = {"x-ms-blob-type": "BlockBlob", "Content-Type": "application/gzip"}
        self._requestor.upload(url, open_stream, headers, repeatable=can_rewind)

    def announce(self, url: str, file_type: FileType | str, file_name: str) -> FileRecord:
        """POST /files/uploaded `{"url", "file_type", "file_name"}`: Jet starts to work on the file.

        `url` is the token's, verbatim. Not repeated when the answer is lost, because a file would be worked on twice:
        ask `get(jet_file_id)` first. Raises JetBadRequest, JetNotFound. Documented: products.md section 10.
        """
        body = {"url": url, "file_type": str(file_type), "file_name": file_name}
        return self._requestor.post("/files/uploaded", body, repeatable=False).parse(FileRecord)

    def get(self, jet_file_id: str) -> FileRecord:
        """GET /files/{jet_file_id}. Raises JetNotFound for an unknown id.

        Seen on the wire: products.md section 10, fixture file_with_errors.json.
        """
        return self._requestor.get(f"/files/{segment(jet_file_id)}").parse(FileRecord)

    def errors(self, record: FileRecord) -> list[str]:
        """Every error of the file from `error_url`, or the excerpt when that cannot be read. Never raises JetError.

        The list's format is not documented; an array of texts, `{"errors": […]}`, an object by SKU and plain lines are
        read: products.md section 10.
        """
        if not record.error_url:
            return list(record.error_excerpt)
        try:
            body = self._requestor.download(record.error_url, max_bytes=MAX_ERROR_LIST_BYTES)
        except JetError:
            return list(record.error_excerpt)
        return _error_list(body) or list(record.error_excerpt)


@contextmanager
def _opened(source: Path | str | IO[bytes], start: int | None) -> Iterator[IO[bytes]]:
    if isinstance(source, Path | str):
        with Path(source).open("rb") as stream:
            yield stream
        return
    if start is not None:
        source.seek(start)
    yield source


def _check_gzip(stream: IO[bytes]) -> None:
    if stream.read(len(GZIP_MARK)) != GZIP_MARK:
        raise JetNotSendable("A bulk file has to be gzip; this one is not.", method="PUT")


def _error_list(body: bytes) -> list[str]:
    try:
        return _texts(decode(body))
    except ValueError:
        lines = body.decode("utf-8", "replace").splitlines()
        return [line.strip() for line in lines if line.strip()] if not body.lstrip().startswith(b"<") else []


def _texts(value: Any, prefix: str = "") -> list[str]:
    if isinstance(value, dict):
        inner = value.get("errors", value) if not prefix else value
        if isinstance(inner, dict):
            return [text for name, item in inner.items() for text in _texts(item, f"{prefix}{name}: ")]
        return _texts(inner, prefix)
    if isinstance(value, list):
        return [text for item in value for text in _texts(item, prefix)]
    return [] if value in {None, ""} else [f"{prefix}{value}"]
