"""A violence type, an exemption or a contribution to a risk comes in; the words that every service has for it go out. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

PLAIN: Mapping[str, str] = MappingProxyType(
    {
        "direct_threat": "a direct threat",
        "conditional_threat": "a threat with a condition",
        "veiled_threat": "a veiled threat",
        "incitement": "incitement to violence",
        "retaliation_call": "a call for retaliation",
        "taunt": "a taunt",
        "weapons_display": "a display of weapons",
        "weapons_sale": "an offer of weapons",
        "glorification": "glorification of violence",
        "attack_planning": "planning of an attack",
        "attack_footage": "footage of an attack",
        "recruitment": "recruitment to violence",
        "art_or_lyrics": "art or lyrics",
        "news": "news",
        "quotation_or_counter_speech": "a quotation or counter-speech",
        "grief": "grief",
        "victim_account": "a victim's own account",
        "fiction": "fiction",
        "sport_or_game": "sport or a game",
        "figure_of_speech": "a figure of speech",
        "education": "education",
    }
)


def strength(contribution: float) -> str:
    """In words, because log-odds are for tables: a factor of odds above 3 is much, above 1.5 some. Of what is not 0."""
    size = abs(contribution)
    much = "strongly " if size > 1.1 else "slightly " if size < 0.4 else ""
    return f"{much}{'raises' if contribution > 0 else 'lowers'}"
