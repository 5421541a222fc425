"""Requests as files: whole or not at all, never overwritten, never outside their folder."""

import re
import threading
from pathlib import Path

from schemas.referral import TakedownRequested
from services.referrer.adapters.files import Files
from services.referrer.delivery import TEST_REFUSED, Again, Parcel, Refused, Taken
from services.referrer.exports.notice import html_notice
from services.referrer.exports.pdf import pdf_notice
from services.runtime.codec import encode
from tests.builders import a_request, normalised

REQUEST = a_request()
NAME = f"{REQUEST.referral_id}.json"


def parcel(request: TakedownRequested = REQUEST) -> Parcel:
    """The parcel of a request."""
    return Parcel(request, encode(request))


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


async def test_the_request_and_its_page_lie_in_the_folder(tmp_path: Path) -> None:
    assert await Files(tmp_path / "out").deliver(parcel()) == Taken(NAME)
    assert (tmp_path / "out" / NAME).read_bytes() == encode(REQUEST)
    assert (tmp_path / "out" / f"{REQUEST.referral_id}.html").read_text() == html_notice(REQUEST)
    assert (tmp_path / "out" / f"{REQUEST.referral_id}.pdf").read_bytes() == pdf_notice(REQUEST)
    assert len(names(tmp_path / "out")) == 3


async def test_a_repeat_finds_its_own_file(tmp_path: Path) -> None:
    way = Files(tmp_path)
    await way.deliver(parcel())
    assert await way.deliver(parcel()) == Taken(NAME, repeat=True)


async def test_other_bytes_are_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"something else")
    assert await Files(tmp_path).deliver(parcel()) == Refused(f"{NAME} lies there with other bytes")
    assert (tmp_path / NAME).read_bytes() == b"something else"


async def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    given = await Files(tmp_path / "file" / "out").deliver(parcel())
    assert isinstance(given, Again)
    assert given.said.startswith("not written: ")


async def test_nothing_half_written_is_left_behind(tmp_path: Path) -> None:
    await Files(tmp_path).deliver(parcel())
    assert names(tmp_path) == [f"{REQUEST.referral_id}.html", NAME, f"{REQUEST.referral_id}.pdf"]


async def test_names_are_ids_whatever_a_poster_writes(tmp_path: Path) -> None:
    content = normalised("../../x", content_id="../../../etc/passwd", url="https://social.example/../../../etc/passwd")
    await Files(tmp_path / "out").deliver(parcel(a_request(content=content)))
    assert all(re.fullmatch(r"[0-9a-f-]{36}\.(json|html|pdf)", name) for name in names(tmp_path / "out"))
    assert names(tmp_path) == ["out"]


async def test_a_test_request_is_never_written(tmp_path: Path) -> None:
    assert await Files(tmp_path / "out").deliver(parcel(a_request(content=normalised(test=True)))) == Refused(
        TEST_REFUSED
    )
    assert not (tmp_path / "out").exists()


def test_of_two_writers_at_once_one_writes_and_nobody_replaces(tmp_path: Path) -> None:
    """Both may find nothing there; the file system decides, and what lies there is whole."""
    way, answers = Files(tmp_path), list[object]()

    def write() -> None:
        try:
            answers.append(way._write(parcel()))
        except FileExistsError:
            answers.append("lost")

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(answers) == 8
    assert (tmp_path / NAME).read_bytes() == encode(REQUEST)
    assert len(names(tmp_path)) == 3
