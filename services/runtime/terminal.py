"""Text of others comes in; the same text goes out with nothing in it that would steer the terminal that shows it. Pure."""

import re

from rich.text import Text

# Controls but tab and line end, direction marks, line and paragraph separators, halves of pairs.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def harmless(text: str) -> str:
    """As long as before; a mark of replacement stands for each character that steers."""
    return _STEERING.sub("\ufffd", text)


def in_one_line(text: str) -> str:
    """The same without line ends and tabs, for what must not look like more lines than it is."""
    return harmless(text).replace("\n", "\ufffd").replace("\t", "\ufffd")


def cell(text: str) -> Text:
    """A cell of a table that shows the text as it is: a name like `[/b]` is no markup."""
    return Text(in_one_line(text))
