"""The parts of a content risk and the cues behind them come in; sentences that a reviewer can read go out. Pure."""

from schemas.vocabulary import Band, ThreatLevel
from services.runtime.plain_words import PLAIN, strength
from services.scorer.content_risk import HELD, ContentRisk, Part
from services.scorer.cues import Cue, Found, spoken

TOP = 3
URGENT = (Band.P1, Band.P2)
_SPECIFIC = ((Cue.TARGET, "to whom"), (Cue.PLACE, "where"), (Cue.TIME, "when"))
NAMED_FROM = 0.1


def sentences(weighed: ContentRisk) -> tuple[str, ...]:
    """A threat to life, the three weightiest parts as sentences, every exemption that counted, and the time that makes a band urgent."""
    # A part of nothing, as under a weight of 0, neither raises nor lowers: there is nothing to say of it.
    weighty = [part for part in weighed.parts if part[0] != "base" and part[2]]
    top = sorted(weighty, key=_weightiest)[:TOP]
    chosen = top + [part for part in weighty if part not in top and _always_named(part, weighed.band)]
    life = _life(weighed)
    return (*((life,) if life else ()), *(_sentence(part, weighed.cues) for part in chosen))


def _weightiest(part: Part) -> tuple[float, str]:
    name, _, contribution = part
    return -abs(contribution), name


def _always_named(part: Part, band: Band) -> bool:
    name, _, contribution = part
    if name == "imminence":
        return band in URGENT
    return contribution <= -NAMED_FROM and name.startswith(("exemption.", HELD))


def _life(weighed: ContentRisk) -> str | None:
    if weighed.life.level is ThreatLevel.HIGH_SPECIFIC:
        level = "A specific threat to life"
    elif weighed.life.level is ThreatLevel.HIGH_UNSPECIFIC:
        missing = [word for cue, word in _SPECIFIC if not weighed.cues.has(cue)]
        level = f"A threat to life that does not say {' or '.join(missing)}"
    else:
        return None
    said = [
        f"{cue.value} “{weighed.cues.words[cue]}”"
        for cue in (Cue.TARGET, Cue.WEAPON, Cue.PLACE, Cue.TIME)
        if weighed.cues.has(cue)
    ]
    return f"{level}: {', '.join(said)}." if said else f"{level}."


def _sentence(part: Part, cues: Found) -> str:
    name, value, contribution = part
    kind, _, detail = name.partition(".")
    does = strength(contribution)
    match kind:
        case "p_violence" if contribution > 0:
            return f"The text as a whole reads as violence ({value:.0%}); this {does} the risk."
        case "p_violence":
            return f"The text as a whole hardly reads as violence ({value:.0%}); this {does} the risk."
        case "severity":
            return f"It looks like {PLAIN[detail]} ({value:.0%}); this {does} the risk."
        case "exemption":
            return f"It looks like {PLAIN[detail]} ({value:.0%}); this {does} the risk."
        case "imminence":
            return f"It speaks of {_near(cues)}; this {does} the risk."
        case "threat_to_life":
            return f"It says {_said(cues)}; this {does} the risk."
        case "gang_related":
            return f"The text itself shows a conflict between groups ({value:.0%}); this {does} the risk."
        case "reach":
            return f"It reaches {'many' if value > 0.5 else 'some'} people; this {does} the risk."
        case _:
            return f"As {PLAIN[detail]} alone it is kept below the watch floor."


def _near(cues: Found) -> str:
    parts = []
    if cues.when is not None:
        parts.append(f"a time, “{cues.when.words}” (from {spoken(cues.when)})")
    if cues.has(Cue.PLACE):
        parts.append(f"a place, “{cues.words[Cue.PLACE]}”")
    return " and ".join(parts)


def _said(cues: Found) -> str:
    """What a threat to life is made of, in the words of the text."""
    said = [
        f"{what} (“{cues.words[cue]}”)"
        for cue, what in (
            (Cue.INTENT, "that it will happen"),
            (Cue.ACT, "what will be done"),
            (Cue.WEAPON, "with what"),
            *_SPECIFIC,
        )
        if cues.has(cue)
    ]
    return ", ".join(said) if said else "little of whom, where and when"
