"""A takedown request comes in; the notice as a PDF on A4 goes out, the same bytes for the same request.

Nothing is fetched and nothing is a link. A character that none of the fonts has is written as its code point: a notice says everything.
"""

from pathlib import Path

from fpdf import FPDF
from fpdf.fonts import TTFFont

from schemas.referral import TakedownRequested
from services.referrer.exports.sections import Paper, paper

FONTS = Path(__file__).parent / "fonts"
REGULAR, BOLD = FONTS / "DejaVuSans.ttf", FONTS / "DejaVuSans-Bold.ttf"
FONT_FILES = (".ttf", ".otf")
MARGIN, LINE = 20.0, 4.9
INK, QUIET, ALARM = (17, 17, 17), (85, 85, 85), (170, 0, 0)
# They choose between two looks of the character before them, and have none themselves.
LOOKS = {0xFE0E: None, 0xFE0F: None}


class _Notice(FPDF):
    """A page with the reference and its number at the foot."""

    reference = ""

    def footer(self) -> None:
        """What keeps the pages of two notices apart."""
        self.set_y(-14)
        self.set_font("text", size=8)
        self.set_text_color(*QUIET)
        self.cell(0, 5, f"{self.reference}    {self.page_no()} / {{nb}}", align="C")


def pdf_notice(request: TakedownRequested, folder: Path | None = None) -> bytes:
    """The notice; `folder` holds further fonts, for scripts that the packaged one does not have."""
    sheet, further = paper(request), _further(folder)
    pdf = _Notice(format="A4")
    pdf.reference = str(request.referral_id)
    pdf.set_creation_date(request.issued_at)
    pdf.set_title(sheet.title)
    pdf.set_lang("en")
    pdf.set_margins(MARGIN, MARGIN)
    pdf.set_auto_page_break(True, MARGIN)
    pdf.add_font("text", fname=REGULAR)
    pdf.add_font("text", style="B", fname=BOLD)
    for number, path in enumerate(further):
        pdf.add_font(f"further{number}", fname=path)
    pdf.set_fallback_fonts([f"further{number}" for number in range(len(further))], exact_match=False)
    # Arabic is joined and Hebrew runs to the left only with it.
    pdf.set_text_shaping(True)
    pdf.add_page()
    drawn = {
        point
        for font in pdf.fonts.values()
        if isinstance(font, TTFFont) and font.fontkey != "textB"
        for point in font.cmap
    }
    _write(pdf, sheet, frozenset(drawn))
    return bytes(pdf.output())


def _write(pdf: FPDF, sheet: Paper, drawn: frozenset[int]) -> None:
    if sheet.banner:
        pdf.set_font("text", style="B", size=11)
        pdf.set_text_color(*ALARM)
        pdf.multi_cell(0, 6, sheet.banner, border=1, align="L", new_x="LMARGIN", new_y="NEXT")
        pdf.ln(3)
    pdf.set_text_color(*INK)
    pdf.set_font("text", style="B", size=14)
    pdf.multi_cell(0, 7, sheet.title, align="L", new_x="LMARGIN", new_y="NEXT")
    for section in sheet.sections:
        pdf.ln(3)
        pdf.set_font("text", style="B", size=11)
        pdf.cell(0, 7, section.title, border="B", new_x="LMARGIN", new_y="NEXT")
        pdf.ln(1)
        for name, text in section.rows:
            pdf.set_font("text", size=8)
            pdf.set_text_color(*QUIET)
            pdf.cell(0, LINE, name, new_x="LMARGIN", new_y="NEXT")
            pdf.set_font("text", size=9.5)
            pdf.set_text_color(*INK)
            pdf.multi_cell(0, LINE, written(text, drawn), align="L", new_x="LMARGIN", new_y="NEXT")
            pdf.ln(1)


def written(text: str, drawn: frozenset[int]) -> str:
    """The text with every character that cannot be drawn as its code point."""
    plain = text.translate(LOOKS)
    return "".join(c if c.isspace() or ord(c) in drawn else f"[U+{ord(c):04X}]" for c in plain)


def _further(folder: Path | None) -> tuple[Path, ...]:
    if folder is None:
        return ()
    return tuple(sorted(path for path in folder.iterdir() if path.suffix.lower() in FONT_FILES))
