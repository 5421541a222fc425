"""Two TOML files come in, legal grounds and platforms; a checked, frozen directory with its digest goes out."""

import hashlib
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from schemas.base import Country, HttpUrl, LanguageTag, PlatformName
from schemas.referral_parts import Addressee, LegalBasis, TermsBasis
from schemas.referral_vocabulary import Profile, RequestKind
from schemas.vocabulary import ViolenceType
from services.runtime.errors import Fatal

DATA = Path(__file__).parent / "data"
GROUNDS, PLATFORMS = "grounds.toml", "platforms.toml"
GENERIC = "generic"
Words = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Reviewed(_Table):
    """Where an entry comes from, when a person last compared it with its source, and by when somebody has to do so again."""

    source: HttpUrl
    reviewed: date
    review_by: date

    @model_validator(mode="after")
    def _reviewed_before_it_is_due(self) -> Self:
        if self.review_by <= self.reviewed:
            raise ValueError("review_by has to lie after reviewed")
        return self


class Ground(_Reviewed):
    """A provision that a notice can name. The hub records and checks presence; it gives no legal advice."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{3,60}$")]
    statute: Words
    provision: Words
    about: Words
    jurisdiction: Country
    priority_offence: bool
    profiles: tuple[Profile, ...] = ()
    fits: Annotated[tuple[ViolenceType, ...], Field(min_length=1)]

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
    """One platform: how to reach it, what it accepts, how fast it promises to be, when to ask again, and its own rules."""

    name: PlatformName
    provider: Words
    contact_point: Words
    channel: Words
    language: LanguageTag
    deadline_hours: Annotated[float, Field(gt=0, le=8_760)] | None = None
    follow_up_hours: Annotated[float, Field(gt=0, le=8_760)] = 48
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


class _GroundsFile(_Table):
    version: str
    ground: Annotated[tuple[Ground, ...], Field(min_length=1)]


class _PlatformsFile(_Table):
    version: str
    platform: Annotated[tuple[Platform, ...], Field(min_length=1)]


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
        known = {entry.name: entry for entry in self.platforms}
        if name in known:
            return known[name]
        return known[GENERIC].model_copy(update={"name": name, "provider": name})

    def grounds_for(self, types: Collection[ViolenceType], jurisdictions: Collection[str]) -> tuple[Ground, ...]:
        """Grounds of these jurisdictions that fit any of these types, in the order of the file."""
        return tuple(
            ground
            for ground in self.grounds
            if ground.jurisdiction in jurisdictions and not set(ground.fits).isdisjoint(types)
        )

    def grounds_of(self, profile: Profile) -> tuple[Ground, ...]:
        """The grounds that a profile itself rests on; a notice under it names them whatever else it names."""
        return tuple(ground for ground in self.grounds if profile in ground.profiles)

    def ground(self, name: str) -> Ground | None:
        """One ground by its id."""
        return next((ground for ground in self.grounds if ground.id == name), None)


@dataclass(frozen=True, slots=True)
class Overdue:
    """An entry that nobody has compared with its source in time."""

    file: str
    entry: str
    review_by: date
    source: str


def load_directory(folder: Path = DATA) -> Directory:
    """Read and check both files of a folder. Raises Fatal naming the file and the mistake."""
    grounds, grounds_raw = _read(folder / GROUNDS, _GroundsFile)
    platforms, platforms_raw = _read(folder / PLATFORMS, _PlatformsFile)
    _once(GROUNDS, [ground.id for ground in grounds.ground])
    names = [platform.name for platform in platforms.platform]
    _once(PLATFORMS, names)
    if GENERIC not in names:
        raise Fatal(f"{PLATFORMS}: the entry {GENERIC} is missing, which stands in for platforms without one")
    digest = hashlib.sha256(grounds_raw + b"\0" + platforms_raw).hexdigest()[:16]
    return Directory(grounds.ground, platforms.platform, grounds.version, platforms.version, digest)


File = TypeVar("File", _GroundsFile, _PlatformsFile)


def _read(path: Path, shape: type[File]) -> tuple[File, bytes]:
    try:
        raw = path.read_bytes()
        table = tomllib.loads(raw.decode())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as why:
        raise Fatal(f"{path.name}: {why}") from why
    try:
        return shape.model_validate(table), raw
    except ValidationError as why:
        faults = "; ".join(f"{_place(each['loc'], table)}: {each['msg']}" for each in why.errors(include_url=False))
        raise Fatal(f"{path.name}: {faults}") from why


def _place(steps: Sequence[int | str], table: Any) -> str:
    """Where a fault is, with entries called by their names rather than counted."""
    words = []
    for step in steps:
        try:
            table = table[step]
        except (KeyError, IndexError, TypeError):
            table = None
        named = isinstance(table, dict) and isinstance(step, int)
        words.append(str(next((table[key] for key in ("id", "name", "rule") if key in table), step) if named else step))
    return ".".join(words)


def _once(file: str, names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Fatal(f"{file}: more than one entry is called {', '.join(twice)}")


def overdue(directory: Directory, today: date) -> tuple[Overdue, ...]:
    """Entries whose review is due or past, in the order of the files."""
    entries: list[tuple[str, str, _Reviewed]] = [(GROUNDS, ground.id, ground) for ground in directory.grounds]
    for platform in directory.platforms:
        entries.append((PLATFORMS, platform.name, platform))
        entries += [(PLATFORMS, f"{platform.name}: {rule.rule}", rule) for rule in platform.rules]
    return tuple(
        Overdue(file, name, entry.review_by, entry.source) for file, name, entry in entries if entry.review_by < today
    )
