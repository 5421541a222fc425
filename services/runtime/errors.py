"""Errors named by what happens next: Rejected -> dead letter or a refusal, Retryable -> wait, Fatal -> stop."""

from schemas.reasons import ADVICE, Reason


class HubError(Exception):
    """Base of all errors the hub raises on purpose."""


class Rejected(HubError):
    """This record cannot be used, now or later; `reason` is closed, `pointer` (RFC 6901) names the place in the document."""

    def __init__(self, reason: Reason, detail: str = "", pointer: str = "") -> None:
        super().__init__(detail or ADVICE[reason])
        self.reason = reason
        self.detail = detail or ADVICE[reason]
        self.pointer = pointer


class Retryable(HubError):
    """Something outside is away for the moment; the same step may succeed later. The caller waits, bounded."""


class Fatal(HubError):
    """The process cannot go on correctly; it stops without committing and its supervisor starts it again."""
