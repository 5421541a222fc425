"""The contrast grammar comes in, labelled variants go out: the same acts and people, harmful and harmless. Seeded."""

import random
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.scorer.training.corpus import Row, plain

GRAMMAR = Path(__file__).parent / "contrast.toml"
_SLOT = re.compile(r"\{(\w+)\}")
_SPACES = re.compile(r"\s{2,}")
_FORMS = {"b": 0, "d": 1, "p": 2, "g": 3}


def contrast_rows(count: int, seed: int) -> Iterator[Row]:
    """About `count` different variants, each frame by its share."""
    grammar = tomllib.loads(GRAMMAR.read_text())
    dice = random.Random(seed)
    frames = grammar["frame"]
    seen: set[str] = set()
    for number in range(count):
        frame = dice.choices(frames, [frame["share"] for frame in frames])[0]
        text = _styled(_filled(dice.choice(frame["texts"]), frame, grammar, dice), dice)
        if text not in seen:
            seen.add(text)
            yield _row(f"contrast:{number}", text, frame, dice)


def _filled(text: str, frame: dict[str, Any], grammar: dict[str, Any], dice: random.Random) -> str:
    act = dice.choice(grammar["acts"][frame["acts"]]).split()

    def fill(slot: re.Match[str]) -> str:
        name = slot[1]
        return act[_FORMS[name]].replace("_", " ") if name in _FORMS else str(dice.choice(grammar["slots"][name]))

    return _SPACES.sub(" ", _SLOT.sub(fill, text)).replace(" '", "'").replace(" ,", ",").strip()


def _styled(text: str, dice: random.Random) -> str:
    """What people do to sentences: no capitals, all capitals, an ending, a mention in front."""
    style = dice.random()
    if style < 0.15:
        text = text[:1].upper() + text[1:] + "."
    elif style < 0.2:
        text = text.upper()
    elif style < 0.3:
        text += dice.choice(
            ["!", "!!", " lol", " fr", " bruv", " mate", " innit", " ffs", " smh", "...", " tbh", " 😡", " 😂"]
        )
    elif style < 0.36:
        text = (
            dice.choice(["@user ", "RT @user: ", "honestly ", "ngl ", "listen, ", "no but seriously ", "yo ", "omg "])
            + text
        )
    return text


def _row(id: str, text: str, frame: dict[str, Any], dice: random.Random) -> Row:
    harmful = frame["label"] == 1
    exemptions = frame.get("exemptions", [])
    if frame.get("pick"):
        exemptions = [dice.choice(exemptions)]
    return Row(
        id=id,
        text=text,
        normalised=plain(text),
        violence=float(harmful),
        weight=0.6,
        source="contrast",
        dev=False,
        types=frozenset(frame.get("types", [])),
        exemptions=None if frame.get("pick") else frozenset(exemptions) - {"none"},
        overtness=frame.get("overtness", "overt") if harmful else "none",
        gang=frame.get("gang", False),
    )
