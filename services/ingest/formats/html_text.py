"""HTML of a post comes in, its words go out: line breaks and links kept, markup and scripts dropped.

The posters of federated platforms choose this HTML: it must take linear time, whatever is given. The parser's grows with the square of
the depth, so what has more tags than any post is read without it.
"""

import re
from collections.abc import Collection, Iterator
from html import unescape

from selectolax.lexbor import LexborHTMLParser, LexborNode

# Longer than any post a person wrote; of what lies beyond, the contract would cut most.
MAXIMUM_HTML = 80_000
MAXIMUM_TAGS = 4_000
_TAG = re.compile(r"<(?:/?([a-zA-Z][a-zA-Z0-9]*)|[!?])[^<>]*>")
_PARAGRAPHS = frozenset({
    "p", "div", "blockquote", "pre", "ul", "ol", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "table", "figure", "section", "article",
    "header", "footer", "aside", "main", "nav", "details",
})  # fmt: skip
_LINES = frozenset({"br", "li", "tr", "hr"})
_CELLS = frozenset({"td", "th", "dt", "dd", "caption", "summary", "figcaption"})
_HIDDEN = frozenset({"script", "style", "template", "title"})


def html_text(html: str, without: Collection[str] = ()) -> str:
    """The words of an HTML fragment, as a reader sees them; elements of a class in `without` are left out.

    A link keeps its address: as it stands where the words are the address, else in brackets behind the words; mentions and
    hashtags keep theirs to themselves. Of more than MAXIMUM_TAGS tags all words are left, hidden ones too, and no address.
    """
    if "<" not in html and "&" not in html:
        return html.strip()
    html = html[:MAXIMUM_HTML]
    if html.count("<") > MAXIMUM_TAGS:
        return unescape(_TAG.sub(_gap, html)).strip()
    body = LexborHTMLParser(html).body
    if body is None:
        return ""
    words = _Words()
    for node, ends in _walk(body, frozenset(without)):
        if ends:
            words.end(node)
        else:
            words.begin(node)
    return "".join(words.pieces).strip()


def _gap(tag: re.Match[str]) -> str:
    """What stands between words in place of a tag: markup inside a word does not part it."""
    return "\n" if (tag[1] or "").lower() in _PARAGRAPHS | _LINES | _CELLS else ""


def _walk(root: LexborNode, without: frozenset[str]) -> Iterator[tuple[LexborNode, bool]]:
    """Every shown node at its beginning, and every element at its end; without recursion, because nesting may be deep."""
    waiting: list[tuple[LexborNode, bool]] = [(root, False)]
    while waiting:
        node, ends = waiting.pop()
        if not ends and node.next is not None and node is not root:
            waiting.append((node.next, False))
        if not ends and _is_hidden(node, without):
            continue
        yield node, ends
        if not ends and node.is_element_node:
            waiting.append((node, True))
            if node.child is not None:
                waiting.append((node.child, False))


def _is_hidden(node: LexborNode, without: frozenset[str]) -> bool:
    if node.tag in _HIDDEN:
        return True
    return bool(without) and not without.isdisjoint(_given(node, "class").split())


def _given(node: LexborNode, name: str) -> str:
    return (node.attributes.get(name) or "") if node.is_element_node else ""


class _Words:
    """Collects what a reader sees."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._newlines = 0
        self._link_from: int | None = None

    def begin(self, node: LexborNode) -> None:
        tag = node.tag
        if node.is_text_node:
            self._add(node.text_content or "")
        elif tag in _PARAGRAPHS:
            self._break(2)
        elif tag in _LINES:
            self._break(self._newlines + 1)
        elif tag in _CELLS:
            self._break(1)
        elif tag == "a" and self._link_from is None:
            self._link_from = len(self.pieces)
        elif tag == "img":
            # Servers send their own emoji as pictures.
            self._add(_given(node, "alt"))

    def end(self, node: LexborNode) -> None:
        if node.tag in _PARAGRAPHS:
            self._break(2)
        elif node.tag in _CELLS:
            self._break(1)
        elif node.tag == "a" and self._link_from is not None:
            shown = "".join(self.pieces[self._link_from :])
            self._link_from = None
            self._add(_address(_given(node, "href"), shown.strip()))

    def _add(self, text: str) -> None:
        if text:
            self.pieces.append(text)
            rest = text.rstrip("\n")
            self._newlines = len(text) - len(rest) + (self._newlines if not rest else 0)

    def _break(self, lines: int) -> None:
        """At least so many line ends, unless nothing stands before."""
        if self.pieces and self._newlines < lines:
            self._add("\n" * (lines - self._newlines))


def _address(href: str, shown: str) -> str:
    """What stands behind the words of a link."""
    if shown.startswith(("@", "#")) or not leads_elsewhere(href, shown):
        return ""
    return f" ({href})" if shown else href


def leads_elsewhere(href: str, shown: str) -> bool:
    """Whether a link leads to a page that its words do not name in full."""
    if not href.startswith(("http://", "https://")):
        return False
    return shown.split("://", 1)[-1].rstrip("/") != href.split("://", 1)[1].rstrip("/")
