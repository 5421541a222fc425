"""Two TOML files come in, legal grounds and platforms; a checked, frozen directory with its digest goes out."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from schemas.base import Country, HttpUrl, LanguageTag, PlatformName
from schemas.referral import Addressee, LegalBasis, RequestKind, TermsBasis
from schemas.vocabulary import ViolenceType

DATA = Path(__file__).parent / "data"
GENERIC = "generic"
Words = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Reviewed(_Table):
    """Where an entry comes from, when a person last compared it with its source, and by when somebody has to do so again."""

    source: HttpUrl
    reviewed: date
    review_by: date


class Ground(_Reviewed):
    """A provision that a notice can name. The hub records and checks presence; it gives no legal advice."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{3,60}$")]
    statute: Words
    provision: Words
    about: Words
    jurisdiction: Country
    priority_offence: bool
    fits: tuple[ViolenceType, ...]

    @property
    def basis(self) -> LegalBasis:
        """The ground as a request names it."""
        return LegalBasis(
            statute=self.statute,
            provision=self.provision,
            jurisdiction=self.jurisdiction,
            priority_offence=self.priority_offence,
        )


class TermsRule(_Reviewed):
    """A rule of a platform's own terms, with the violence types that it covers."""

    rule: Words
    url: HttpUrl
    fits: Annotated[tuple[ViolenceType, ...], Field(min_length=1)]


class Platform(_Reviewed):
    """One platform: how to reach it, what it accepts, how fast it promises to be, and its own rules."""

    name: PlatformName
    provider: Words
    contact_point: Words
    channel: Words
    language: LanguageTag
    deadline_hours: Annotated[float, Field(gt=0, le=8_760)] | None = None
    notice_kinds: Annotated[tuple[RequestKind, ...], Field(min_length=1)]
    requests_per_hour: Annotated[int, Field(ge=1, le=10_000)]
    redress: Words
    rules: tuple[TermsRule, ...] = ()

    @property
    def addressee(self) -> Addressee:
        """The platform as a request addresses it."""
        return Addressee(
            provider=self.provider,
            contact_point=self.contact_point,
            language=self.language,
            channel=self.channel,
        )

    def terms_for(self, types: Collection[ViolenceType]) -> tuple[TermsBasis, ...]:
        """The rules that cover any of these types, in the order of the file."""
        return tuple(
            TermsBasis(provider=self.provider, rule=rule.rule, url=rule.url)
            for rule in self.rules
            if not set(rule.fits).isdisjoint(types)
        )


@dataclass(frozen=True, slots=True)
class Directory:
    """Every ground and platform, with the versions and the digest of the two files."""

    grounds: tuple[Ground, ...]
    platforms: tuple[Platform, ...]
    grounds_version: str
    platforms_version: str
    digest: str

    def platform(self, name: str) -> Platform:
        """The entry of a platform; the generic one, under the platform's own name, where there is none."""
        for entry in self.platforms:
            if entry.name == name:
                return entry
        return self.platform(GENERIC).model_copy(update={"name": name, "provider": name})

    def grounds_for(self, types: Collection[ViolenceType], jurisdictions: Collection[str]) -> tuple[Ground, ...]:
        """Grounds of these jurisdictions that fit any of these types, in the order of the file."""
        return tuple(
            ground
            for ground in self.grounds
            if ground.jurisdiction in jurisdictions and not set(ground.fits).isdisjoint(types)
        )

    def ground(self, id: str) -> Ground | None:
        """One ground by its id."""
        return next((ground for ground in self.grounds if ground.id == id), None)
