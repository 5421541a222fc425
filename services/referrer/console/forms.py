"""The bytes of a form come in; its fields, or a decision as the desk's interface takes it, go out. Nothing is guessed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from schemas.desk import CorrectionAsked, DecisionAsked, WithdrawalAsked
from schemas.referral_vocabulary import Profile
from services.referrer.choices import Choice
from services.referrer.directory import Ground
from services.runtime.codec import first_fault

KIND = "application/x-www-form-urlencoded"
MAXIMUM_FIELDS = 1_200
M = TypeVar("M", bound=BaseModel)
NOTICE_WORDS = ("profile", "requested_action", "reasons", "facts", "necessity_note")


class Form:
    """The fields of one form; a field that was left empty is as if it was not there."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._fields: dict[str, list[str]] = {}
        for name, value in pairs:
            self._fields.setdefault(name, []).append(value)

    def one(self, name: str) -> str:
        """The value of a field; empty where there is none."""
        return self._fields.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        """All values of a field."""
        return [value for value in self._fields.get(name, []) if value]

    def ticked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return self.one(name) == "yes"


def plain(text: str, longest: int) -> str:
    """A word of an address as it may be looked for: without what nobody can see, and no longer than it can be."""
    return "".join(character for character in text.strip()[:longest] if character.isprintable())


async def read_form(request: Request, max_bytes: int, seconds: float) -> Form:
    """The form of a request. Raises HTTPException for another kind, one that is too large, too slow, or not well-formed."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != KIND:
        raise HTTPException(415, "Send the form as the page does.")
    raw = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                raw += chunk
                if len(raw) > max_bytes:
                    raise HTTPException(413, f"A form has at most {max_bytes} bytes.")
    except TimeoutError as why:
        raise HTTPException(408, f"A form must arrive within {seconds:g} s.") from why
    except ClientDisconnect as why:
        raise HTTPException(400, "The connection ended.") from why
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAXIMUM_FIELDS)
    except ValueError as why:
        raise HTTPException(400, "The form is not well-formed.") from why
    # Not every database can keep it, and no person types it.
    if any("\x00" in value for pair in pairs for value in pair):
        raise HTTPException(400, "The form is not well-formed.")
    # Browsers send line breaks as CR LF whatever the text had.
    return Form([(name, value.replace("\r\n", "\n")) for name, value in pairs])


@dataclass(frozen=True, slots=True)
class Offered:
    """The notices and grounds that a form offers; of profiles that cannot be chosen, why not."""

    profiles: tuple[Profile, ...]
    closed: tuple[tuple[Profile, str], ...]
    grounds: tuple[tuple[Ground, tuple[Profile, ...]], ...]


def offered(found: Sequence[Choice]) -> Offered:
    """What there is to choose: every ground once, with the notices that may name it."""
    open_ones = [choice for choice in found if choice.why_not is None]
    grounds = {ground.id: ground for choice in open_ones for ground in choice.grounds}
    return Offered(
        tuple(choice.profile for choice in open_ones),
        tuple((choice.profile, choice.why_not) for choice in found if choice.why_not is not None),
        tuple((g, tuple(c.profile for c in open_ones if g in c.grounds)) for g in grounds.values()),
    )


def _notice(form: Form) -> dict[str, Any]:
    notice: dict[str, Any] = {name: value for name in NOTICE_WORDS if (value := form.one(name).strip())}
    if grounds := form.all("ground"):
        notice["grounds"] = grounds
    return notice | {"minor_suspected": form.ticked("minor_suspected")}


def _named(form: Form) -> dict[str, Any]:
    """The addresses that were ticked, and which versions the page showed: one field, as a page may show very many."""
    return {"locations": form.all("location"), "seen": form.one("seen").split() or None}


def decision_of(form: Form) -> DecisionAsked | str:
    """The decision that a form asks for, or the sentence that says what is wrong with it."""
    values: Mapping[str, Any] = {
        "decision": form.one("decision"),
        "reason_code": form.one("reason_code") or None,
        "content_version": form.one("content_version"),
        "note": form.one("note").strip(),
        "good_faith": form.ticked("good_faith"),
        "notice": _notice(form),
        **(_named(form) if form.one("decision") == "approve" else {}),
    }
    return _read(DecisionAsked, values)


def correction_of(form: Form) -> CorrectionAsked | str:
    """The correction that a form asks for, or what is wrong with it. The form says everything: no ground ticked means drafted ones."""
    return _read(
        CorrectionAsked,
        {
            "reason_code": form.one("reason_code") or None,
            "note": form.one("note").strip(),
            "good_faith": form.ticked("good_faith"),
            "notice": {"grounds": (), **_notice(form)},
        },
    )


def withdrawal_of(form: Form) -> WithdrawalAsked | str:
    """The withdrawal that a form asks for, or what is wrong with it."""
    values = {"reason_code": form.one("reason_code") or None, "note": form.one("note").strip()}
    return _read(WithdrawalAsked, values | {"reasons": form.one("reasons").strip() or None})


def _read(kind: type[M], values: Mapping[str, Any]) -> M | str:
    if values["reason_code"] is None:
        return "Choose a reason."
    try:
        return kind.model_validate(values)
    except ValidationError as why:
        detail, pointer = first_fault(why)
        return f"{pointer.strip('/').replace('/', ' ').replace('_', ' ')}: {detail}"
