"""A case and what a decision names come in; the addresses that it is about, and whether others wait for another one, go out. Pure."""

from collections.abc import Collection, Sequence
from itertools import chain

from schemas.desk import DecisionAsked
from schemas.referral_vocabulary import RequestedAction
from schemas.review import MOST_LOCATIONS
from schemas.scoring import ContentRanked
from services.referrer.case_file import File, waiting_for
from services.referrer.declined import Declined, Why
from services.referrer.records import Location

Pair = tuple[Location, ContentRanked]


def choose(file: File, asked: DecisionAsked) -> Sequence[Pair] | Declined:
    """The addresses that an approval is about: those that it names, else those of `by_default`; in either case only what was seen."""
    shown = _shown(asked)
    if asked.locations is None:
        everything = by_default(file)
        chosen = [pair for pair in everything if shown is None or pair[0].content_version in shown]
        if not chosen:
            return _changed(everything)
        return chosen if len(chosen) <= MOST_LOCATIONS else _too_many(len(chosen))
    pairs, wanted = _pairs(file), set(asked.locations)
    known = {location.content_key for location, _ in pairs}
    if not wanted or not wanted <= known:
        return Declined(
            Why.INVALID, "unknown_location", "Name at least one location, and only such as belong to the case.",
            tuple(sorted(known)), "/locations",
        )  # fmt: skip
    chosen = [pair for pair in pairs if pair[0].content_key in wanted]
    if unseen := [pair for pair in chosen if shown is not None and pair[0].content_version not in shown]:
        return _changed(unseen)
    there = tuple(sorted(location.content_key for location, _ in pairs if location.live))
    # A platform can keep for a court what nobody sees any more; there is nothing else that it could do with it.
    if there and asked.notice.requested_action is not RequestedAction.PRESERVE_ONLY and not wanted <= set(there):
        return Declined(
            Why.INVALID, "content_gone", "At an address that is named the content is gone: name those at which it is.",
            there, "/locations",
        )  # fmt: skip
    return chosen


def by_default(file: File) -> Sequence[Pair]:
    """What an approval that names no address is about: where the content is still there, else where it was.

    What the platform was asked for and has not answered yet is left out while there is something else to ask for.
    """
    pairs, waiting = _pairs(file), waiting_for(file)
    live = [pair for pair in pairs if pair[0].live]
    there = [pair for pair in live if pair[0].url is not None]
    return [pair for pair in there if _stands(pair[0]) not in waiting] or there or live or pairs


def left_over(file: File, asked: DecisionAsked, named: Collection[str]) -> bool:
    """Whether the content is still at addresses that this approval left out and about which nobody decided.

    Whoever names fewer addresses than could be named has decided about the rest of what was seen.
    """
    there = [each for each in file.locations if each.live and each.url and each.content_key not in named]
    before, shown = {each.content_key for each in file.referrals}, _shown(asked)
    if len(named) == MOST_LOCATIONS and any(each.content_key not in before for each in there):
        return True
    unseen = {_stands(each) for each in there if shown is not None and each.content_version not in shown}
    return bool(unseen) and not unseen <= waiting_for(file)


def _shown(asked: DecisionAsked) -> frozenset[str] | None:
    """The versions that were before the person's eyes; None in practice, where nothing changes."""
    return None if asked.seen is None else frozenset(chain(asked.seen, [asked.content_version]))


def _pairs(file: File) -> list[Pair]:
    return list(zip(file.locations, file.contents, strict=True))


def _stands(location: Location) -> tuple[str, str]:
    return location.content_key, location.content_version


def _changed(unseen: Sequence[Pair]) -> Declined:
    keys = tuple(sorted(location.content_key for location, _ in unseen))
    return Declined(
        Why.CONFLICT, "content_changed", "Content that is named came or was edited since the case was looked at; look again.",
        keys, "/seen",
    )  # fmt: skip


def _too_many(number: int) -> Declined:
    return Declined(
        Why.INVALID, "too_many_locations",
        f"The case has {number} addresses and one decision names {MOST_LOCATIONS} at most: name so many. The case comes again"
        " for the others.", pointer="/locations",
    )  # fmt: skip
