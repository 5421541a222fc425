"""The desk's list of group names comes in, the names that a content mentions go out; empty unless a desk decides otherwise."""

import re
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from services.runtime.data_file import Table, load

PACKAGED = Path(__file__).parent / "data" / "groups.toml"
Form = Annotated[str, StringConstraints(min_length=2, max_length=60, to_lower=True, strip_whitespace=True)]
Words = Annotated[str, StringConstraints(min_length=3, max_length=500)]


class Group(Table):
    """One name, who it is at odds with, what else it means, who added it and until when that holds."""

    name: Form
    forms: Annotated[tuple[Form, ...], Field(min_length=1)]
    rivals: tuple[Form, ...] = ()
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
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, forms))})(?!\w)") if forms else None

    def named(self, text: str, on: date) -> tuple[str, ...]:
        """Names that a normalised text mentions, of entries that need no review on that day; sorted."""
        if self._pattern is None:
            return ()
        found = set(self._pattern.findall(text))
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
