"""Problem details (RFC 9457): the one shape of every HTTP error of the hub, without internals."""

from schemas.base import Part


class Problem(Part):
    """An error that a client can act on; `code` is a value of the closed reason list or a word for the HTTP status."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    code: str
    pointer: str | None = None
    allowed: tuple[str, ...] = ()
