"""A takedown request comes in; the notice as a printable HTML page, and as plain text for an e-mail, goes out.

Nothing of the content becomes markup: every text is escaped, addresses are text and not links, and nothing is fetched.
"""

import textwrap
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from schemas.referral import TakedownRequested
from services.referrer.exports.sections import paper

WIDTH = 76


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("services.referrer", "exports"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("notice.html.j2")


def html_notice(request: TakedownRequested) -> str:
    """A page of its own that a browser prints on A4 or saves as PDF; readable at 390 px too."""
    return _template().render(paper=paper(request))


def text_notice(request: TakedownRequested) -> str:
    """The same in lines of at most 76 characters, where words allow."""
    sheet = paper(request)
    lines = [*([sheet.banner, ""] if sheet.banner else []), sheet.title.upper(), ""]
    for section in sheet.sections:
        lines += [section.title, "-" * len(section.title)]
        for name, text in section.rows:
            lines += _row(name, text)
        lines.append("")
    return "\n".join(lines)


def _row(name: str, text: str) -> list[str]:
    wrapped = [
        line
        for part in text.splitlines() or [""]
        for line in textwrap.wrap(part, WIDTH - 2, break_long_words=False, break_on_hyphens=False) or [""]
    ]
    if len(wrapped) == 1 and len(name) + len(wrapped[0]) + 2 <= WIDTH:
        return [f"{name}: {wrapped[0]}"]
    return [f"{name}:", *(f"  {line}" for line in wrapped)]
