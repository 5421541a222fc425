"""The notice as a PDF: every word of it in every script, the same bytes every time, and nothing that anybody fetches or follows."""

import io
from pathlib import Path

import pytest
from pypdf import PdfReader

from schemas.referral import TakedownRequested
from services.referrer.exports.pdf import FONTS, REGULAR, pdf_notice, written
from services.referrer.exports.sections import paper
from tests.builders import a_request, normalised

DRAWN = frozenset(map(ord, "abc"))


def said(request: TakedownRequested, folder: Path | None = None) -> str:
    """What a reader finds in it, without the line breaks."""
    pages = PdfReader(io.BytesIO(pdf_notice(request, folder))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_every_row_of_the_notice_is_in_it() -> None:
    request = a_request()
    text = said(request).replace(" ", "")
    sheet = paper(request)
    for section in sheet.sections:
        for name, row in section.rows:
            assert name.replace(" ", "") in text
            assert "".join(row.split()) in text, name


@pytest.mark.parametrize(
    "words", ["убью тебя завтра", "θα σε σκοτώσω", "zabiję cię, żółwiu", "öldüreceğim seni", "երևան"]
)
def test_other_scripts_are_drawn(words: str) -> None:
    assert words in said(a_request(reasons=words, facts=words))


@pytest.mark.parametrize("words", ["سأقتلك غدا", "אני אהרוג אותך"])
def test_scripts_that_run_to_the_left_are_drawn(words: str) -> None:
    """Readers give them in the order of the page; joined Arabic letters come as what they are made of."""
    text = said(a_request(reasons=words, facts=words))
    assert "[U+" not in text
    for word in words.split():
        assert word in text or word[::-1] in text


def test_a_character_that_no_font_has_is_written_as_its_code_point() -> None:
    assert written("a中b\nc🔪", DRAWN) == "a[U+4E2D]b\nc[U+1F52A]"
    assert "[U+4E2D][U+6587]" in said(a_request(facts="中文"))


def test_what_only_chooses_a_look_is_left_out() -> None:
    assert written("a\ufe0fb", DRAWN) == "ab"


def test_a_font_of_the_desk_is_used_where_the_packaged_one_lacks_a_character(tmp_path: Path) -> None:
    (tmp_path / "more.ttf").write_bytes((FONTS / "DejaVuSans-Bold.ttf").read_bytes())
    (tmp_path / "README").write_text("no font")
    assert pdf_notice(a_request(), tmp_path)
    assert REGULAR.exists()


def test_the_same_request_gives_the_same_bytes() -> None:
    assert pdf_notice(a_request()) == pdf_notice(a_request())


def test_nothing_in_it_is_a_link_or_comes_from_elsewhere() -> None:
    trick = "![x](http://evil.example/x.png) <img src=http://evil.example/y> [a](http://evil.example)"
    raw = pdf_notice(a_request(reasons=trick, content=normalised(trick)))
    for mark in (b"/URI", b"/Annots", b"/JavaScript", b"/Launch", b"/EmbeddedFile"):
        assert mark not in raw
    assert "evil.example/x.png" in said(a_request(reasons=trick, content=normalised(trick))).replace(" ", "")


def test_a_long_notice_runs_over_pages_that_name_it() -> None:
    request = a_request(facts="The post was seen again. " * 190)
    pages = PdfReader(io.BytesIO(pdf_notice(request))).pages
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert f"{request.referral_id} {number} / {len(pages)}" in " ".join(page.extract_text().split())


def test_a_test_notice_says_so_on_top() -> None:
    request = a_request(content=normalised("gonna get you", test=True))
    assert said(request).startswith("TEST: this is not a request to anybody.")
