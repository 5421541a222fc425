"""The desk's list of group names comes in, the names that a content mentions go out; empty unless a desk decides otherwise."""

import re
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, StringConstraints, model_validator

from services.runtime.data_file import Table, load
from services.runtime.text import normalise

PACKAGED = Path(__file__).parent / "data" / "groups.toml"
Name = Annotated[str, StringConstraints(min_length=2, max_length=60, to_lower=True, strip_whitespace=True)]


def _as_normalised(form: str) -> str:
    plain = " ".join(normalise(form).text.split())
    if plain != " ".join(form.split()):
        raise ValueError(f"texts are searched as normalised: write {plain!r}")
    return plain


def _some(forms: tuple[str, ...]) -> tuple[str, ...]:
    if not forms:
        raise ValueError("write at least one form")
    return forms


Form = Annotated[Name, AfterValidator(_as_normalised)]
Words = Annotated[str, StringConstraints(min_length=3, max_length=500)]


class Group(Table):
    """One name, who it is at odds with, what else it means, who added it and until when that holds."""

    name: Name
    forms: Annotated[tuple[Form, ...], AfterValidator(_some)]
    rivals: tuple[Name, ...] = ()
    also_means: Words
    reason: Words
    added_by: Words
    review_by: date


class Groups(Table):
    """All names that a desk has listed."""

    version: str
    group: tuple[Group, ...] = ()
    digest: str = ""

    @model_validator(mode="after")
    def _rivals_are_listed(self) -> Self:
        names = {group.name for group in self.group}
        if unknown := {rival for group in self.group for rival in group.rivals} - names:
            raise ValueError(f"rivals that are no entry: {', '.join(sorted(unknown))}")
        return self

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        forms = sorted({form for group in self.group for form in group.forms}, key=lambda form: (-len(form), form))
        # Emoji that are named leave two spaces between words.
        either = "|".join(r"\s+".join(map(re.escape, form.split())) for form in forms)
        return re.compile(rf"(?<!\w)(?:{either})(?!\w)") if forms else None

    def named(self, text: str, on: date) -> tuple[str, ...]:
        """Names that a normalised text mentions, of entries that need no review on that day; sorted."""
        if self._pattern is None:
            return ()
        found = {" ".join(words.split()) for words in self._pattern.findall(text)}
        return tuple(sorted({g.name for g in self.group if on <= g.review_by and found.intersection(g.forms)}))

    def rivals(self, names: tuple[str, ...]) -> bool:
        """Whether two of the names are at odds."""
        named = set(names)
        return any(named.intersection(group.rivals) for group in self.group if group.name in named)

    def due(self, today: date) -> tuple[str, ...]:
        """Names whose date of review has passed: they no longer count."""
        return tuple(group.name for group in self.group if group.review_by < today)


def load_groups(path: Path = PACKAGED) -> Groups:
    """Read and check a list of groups. Raises Fatal naming the file and the mistake."""
    return load(Groups, path, "groups")
