"""The parts of a risk as a person last saw them and as they are now come in; sentences about what changed go out. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from schemas.review import MOST_SEEN
from schemas.scoring import Contribution
from schemas.vocabulary import Band
from services.runtime.plain_words import strength

NOTICED = 0.05
# How the scorer begins the sentence on a threat to life, which it puts before those of the parts.
LIFE = ("A threat to life", "A specific threat to life")
NAMES: Mapping[str, str] = MappingProxyType(
    {
        "pair": "what the two said to one another",
        "thread": "what others said in the conversation",
        "escalation": "an exchange that goes on",
        "copies": "copies by other authors",
        "burst": "several authors on one name or place",
        "reach_speed": "how fast it spreads",
        "reach": "how far it reaches",
        "group": "a name from the desk's list",
        "context_bound": "the bound on context",
        "p_violence": "how it reads",
        "imminence": "time and place",
    }
)


@dataclass(frozen=True, slots=True)
class Look:
    """What a person saw of a case, or would see now; `versions` are those of the contents that were shown."""

    risk: float
    band: Band
    parts: tuple[Contribution, ...]
    copies: int = 0
    versions: tuple[str, ...] = ()


def changes(before: Look, after: Look) -> tuple[str, ...]:
    """An edit, then what moved between two looks, the largest first; nothing where a person would not notice."""
    found: list[str] = []
    shown, shows = set(before.versions), set(after.versions)
    # Of more than can be named others may be named now, though nothing was edited.
    if shown - shows and shows - shown and len(shows) < MOST_SEEN:
        found.append("The words or pictures were edited.")
    if before.band is not after.band or abs(before.risk - after.risk) >= 0.01:
        bands = f", {before.band.value} to {after.band.value}" if before.band is not after.band else ""
        verb = "rose" if after.risk >= before.risk else "fell"
        then, now = f"{before.risk:.0%}", f"{after.risk:.0%}"
        moved_by = f"stays at {now}" if then == now else f"{verb} from {then} to {now}"
        found.append(f"The risk {moved_by}{bands}.")
    if after.copies != before.copies:
        found.append(f"{after.copies} {'copy' if after.copies == 1 else 'copies'} now, {before.copies} then.")
    old, new = _by_name(before.parts), _by_name(after.parts)
    moved = [(new.get(name, 0.0) - old.get(name, 0.0), name) for name in sorted({*old, *new})]
    for by, name in sorted(moved, key=lambda move: (-abs(move[0]), move[1])):
        if abs(by) >= NOTICED:
            word = "New" if name not in old else "Gone" if name not in new else "Changed"
            found.append(f"{word}: {describe(name)}; this {strength(by)} the risk.")
    return tuple(found)


def describe(name: str) -> str:
    """A part's name in words that a person reads."""
    if name in NAMES:
        return NAMES[name]
    head, _, detail = name.partition(".")
    if head == "author":
        return f"the author's own earlier content, {detail.removesuffix('d')} days"
    return f"{head.replace('_', ' ')} {detail.replace('_', ' ')}".strip()


def _by_name(parts: Iterable[Contribution]) -> dict[str, float]:
    return {part.name: part.contribution for part in parts}


def top_reasons(
    content_parts: Iterable[tuple[str, float]],
    content_reasons: Iterable[str],
    context_parts: Iterable[float],
    context_reasons: Iterable[str],
) -> tuple[str, ...]:
    """A threat to life first, then the three weightiest reasons of both steps, then what must always be said.

    That is exemptions, and why context is silent. The scorer gives its sentences by weight of their parts, its own three first;
    the context gives one for each of its parts.
    """
    weights = sorted((abs(weight) for name, weight in content_parts if name != "base"), reverse=True)
    own = list(content_reasons)
    # It speaks of no one part, so it has no weight to be ordered by.
    life = [own.pop(0)] if own and own[0].startswith(LIFE) else []
    weighted = list(zip(weights[:3], own[:3], strict=False))
    weighted += zip((abs(weight) for weight in context_parts), context_reasons, strict=False)
    top = [sentence for _, sentence in sorted(weighted, key=lambda pair: -pair[0])[:3]]
    always = [sentence for sentence in own[3:] if sentence not in top]
    silent = [sentence for sentence in context_reasons if "does not count" in sentence and sentence not in top]
    return (*life, *top, *always, *silent)
