"""A normalised text comes in; the street, estate, station, postcode or bus route that it names goes out. Pure."""

import re
from collections.abc import Collection

# Both begin with what is rare, so a search passes over what cannot match, and none repeats inside a repetition.
# By first letters, which takes half as long. `st` is a street only where no saint's name follows.
_STREET = re.compile(
    r" (?:a(?:cademy|rcade|venue)|bridge|c(?:lose|ourt|rescent)|drive|estate|g(?:ardens|reen|rove)|hotel|lane|m(?:arket|ews|osque)|park"
    r"|r(?:oad|d)|s(?:quare|tation|treet|t(?=$|[,!?\n]|\.?(?:$| (?:at|by|near|now|to(?:night|day|morrow)|\d))))|t(?:errace|owers)|way)\b"
)
# Words of messages, guns, vitamins and fuels that look like the first half of a postcode: one only where something says so.
_SELDOM_CODES = frozenset({"m8", "b4", "w8", "l8", "m4", "m60", "b6", "b12", "e10", "hs2", "ne1", "g8"})
_LEADS_TO_A_CODE = (" in ", " from ", " round ", " around ", " near ", " inside ", " outside ", " across ", " of ", "#")
_LONGEST_LEAD = 9
# Districts have a letter behind their number in the middle of London alone.
_LETTERED = re.compile(r"(?:ec[1-4]|sw1|w1|wc[12])[a-z]|e1w|n1[cp]|nw1w|se1p")
# A digit, then what stands before it; the group is where the name begins.
_CODE = re.compile(
    r"\d(?<=\b([a-z])\d)\d{0,2} bus\b"
    r"|\d(?:(?<=\b([a-z])\d)|(?<=\b([a-z]{2})\d))\d?[a-z]?(?: \d[a-z]{2})?\b"
    r"|\d(?:(?<=\b(on the )\d)|(?<=\b(off the )\d)|(?<=\b(deck of the )\d)|(?<=\b(on the number )\d))"
    r"\d{0,2}(?=[,.!?]|$| (?:now|home|to|from|tonight)\b)"
    r"|\d(?<=\b(bus )\d)\d{0,2}\b"
    r"|\d(?<=\b(flat )\d)\d{0,2}[a-z]?\b"
    r"|\d(?<=\b\d)\d{0,2} (?:bus\b|from (?:the (?:station|stop)|town)\b)"
)
_LONGEST_NAME, _SHORTEST_NAME = 20, 3
# What stands before a kind of place without naming one: "went court", "the hard way", "too close", "what hotel", "you park", "can drive".
_BEFORE_A_KIND = """
the this that these those every each our your his her their any some all both same other whole which what whose
and but for from with under over across into onto past near behind outside inside along around through down off after before
nearest nearby local long half one two car town big old new nice main first last next right wrong
not only either easy hard best worst better different make made give find found lose lost
went going gone goes leave leaving left come comes coming came get gets getting got keep stay stand too very
they who dont cant will wont would should could did does didnt never always just
you him them she people anyone someone everyone something can cannot gonna ill ima finna still even also said was were are its ain
how then now till until til dis dat dem another good bad safe minute min hour live listen blood
test drunk migrant migrants asylum refugee please google flash usb disk whip dark milky fast slow memory cheap quick gave give take
lead leads know knows show pave see part mid
"""
_NOT_NAMES = frozenset(_BEFORE_A_KIND.split())
# What names none although nothing before it says so; where one of these is a place, the policy lists it as one without a name.
_NO_PLACES = """
real estate,council estate,housing estate,high court,supreme court,crown court,county court,youth court,magistrates court,family court
tennis court,basketball court,food court,stock market,black market,job market,meat market,flea market,love hotel
police station,train station,bus station,fire station,tube station,petrol station,gas station,polling station,radio station
power station,charging station,space station,skate park,theme park,retail park,water park,trailer park,business park,national park
light green,bright green,dark green,lime green,bowling green,beer gardens,high street,high road,high st,county road,main road
"""
_NAMELESS = frozenset(_NO_PLACES.replace("\n", ",").split(","))


def named_place(text: str, areas: Collection[str]) -> str | None:
    """A street, estate or station with its name, a postcode or its first half, a bus route."""
    for kind in _STREET.finditer(text):
        end = kind.start()
        farthest = max(0, end - _LONGEST_NAME - 1)
        begin = max(text.rfind(" ", farthest, end), text.rfind("\n", farthest, end)) + 1
        name = text[begin:end]
        if _SHORTEST_NAME <= len(name) <= _LONGEST_NAME and name.isalpha() and name not in _NOT_NAMES:
            found = text[begin : kind.end()]
            if found not in _NAMELESS:
                return found
    for code in _CODE.finditer(text):
        area = code[2] or code[3]
        begin = code.start(code.lastindex or 0)
        if area is None or (area in areas and _is_district(text, begin, code.end())):
            return text[begin : code.end()]
    return None


def _is_district(text: str, begin: int, end: int) -> bool:
    """Whether what looks like a postcode or its first half is one, "m8" and "b4" only where they are said to be a place."""
    code = text[begin:end]
    if " " in code:
        return True
    if code[-1].isalpha():
        return _LETTERED.fullmatch(code) is not None
    if code[0] == "m" and text.endswith("the ", 0, begin):
        # A motorway.
        return False
    return code not in _SELDOM_CODES or f" {text[max(0, begin - _LONGEST_LEAD) : begin]}".endswith(_LEADS_TO_A_CODE)
