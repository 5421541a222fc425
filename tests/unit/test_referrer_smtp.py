"""E-mail notices against a mailbox on loopback that takes, refuses, stalls or vanishes."""

import asyncio
import json
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from schemas.referral import TakedownRequested
from services.referrer.adapters.smtp import Relay, Smtp, Tls, message
from services.referrer.delivery import TEST_REFUSED, Again, Answer, Parcel, Refused, Taken
from services.referrer.exports.notice import text_notice
from services.referrer.request_successors import withdraw
from services.runtime.codec import encode
from tests.builders import DECISION, NOON, a_request, normalised
from tests.receivers import Mailbox

REQUEST = a_request()
SENDER, RECIPIENT = "desk@police.example", "notices@social.example"


def parcel(request: TakedownRequested = REQUEST) -> Parcel:
    """The parcel of a request."""
    return Parcel(request, encode(request))


def way(mailbox: Mailbox, seconds: float = 5.0) -> Smtp:
    """The way to that mailbox."""
    return Smtp(Relay("127.0.0.1", mailbox.port, Tls.NONE, seconds=seconds), SENDER, RECIPIENT)


async def answer(mailbox: Mailbox, seconds: float = 5.0) -> Answer:
    """What one delivery to this mailbox gives."""
    async with mailbox:
        return await way(mailbox, seconds).deliver(parcel())


def read(raw: bytes) -> EmailMessage:
    """A message as a mail program reads it."""
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


async def test_the_mailbox_gets_the_notice_as_text_and_the_request_as_an_attachment() -> None:
    mailbox = Mailbox()
    assert await answer(mailbox) == Taken("accepted by the relay")
    mail = read(mailbox.messages[0])
    text, attachment = mail.get_body(("plain",)), next(mail.iter_attachments())
    assert text is not None
    assert text.get_content().replace("\r\n", "\n").strip() == text_notice(REQUEST).strip()
    assert attachment.get_content_type() == "application/json"
    assert attachment.get_filename() == f"{REQUEST.referral_id}.json"
    assert attachment.get_payload(decode=True) == encode(REQUEST)


async def test_a_repeat_is_the_same_message_byte_for_byte() -> None:
    mailbox = Mailbox()
    async with mailbox:
        await way(mailbox).deliver(parcel())
        await way(mailbox).deliver(parcel())
    first, second = mailbox.messages
    assert first == second
    assert read(first)["Message-ID"] == f"<{REQUEST.referral_id}@police.example>"


def test_a_withdrawal_shows_up_under_the_request_that_it_takes_back() -> None:
    back = withdraw(REQUEST, DECISION, "lead-1", "A quotation.", NOON)
    assert isinstance(back, TakedownRequested)
    mail = message(parcel(back), SENDER, RECIPIENT)
    assert mail["References"] == f"<{REQUEST.referral_id}@police.example>"
    assert "References" not in message(parcel(), SENDER, RECIPIENT)


def test_no_line_of_a_message_is_longer_than_mail_allows() -> None:
    request = a_request(reasons="word" * 500, content=normalised(url="https://social.example/" + "x" * 1_900))
    raw = message(parcel(request), SENDER, RECIPIENT).as_bytes()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.isascii()


def test_nothing_of_the_content_reaches_a_header() -> None:
    hostile = "x\r\nBcc: everybody@social.example\r\n\r\nDear all"
    request = a_request(content=normalised(hostile), facts=hostile.replace("@", " at "))
    mail = read(message(parcel(request), SENDER, RECIPIENT).as_bytes())
    assert mail["Bcc"] is None
    assert set(mail.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Reply-To", "X-Idempotency-Key", "MIME-Version", "Content-Type",
    }  # fmt: skip


def test_the_attachment_is_what_left_on_the_topic() -> None:
    attachment = next(message(parcel(), SENDER, RECIPIENT).iter_attachments())
    assert json.loads(attachment.get_content())["referral_id"] == str(REQUEST.referral_id)


@pytest.mark.parametrize(
    ("mailbox", "said"),
    [
        (Mailbox(recipient=b"550 no such user"), "550 no such user"),
        (Mailbox(data=b"554 not wanted"), "554 not wanted"),
    ],
)
async def test_a_permanent_answer_is_a_refusal(mailbox: Mailbox, said: str) -> None:
    assert await answer(mailbox) == Refused(said)


@pytest.mark.parametrize(
    ("mailbox", "said"),
    [
        (Mailbox(recipient=b"450 greylisted"), "450 greylisted"),
        (Mailbox(data=b"452 full"), "452 full"),
        (Mailbox(greeting=b"421 later"), "421 later"),
    ],
)
async def test_a_temporary_answer_is_tried_again(mailbox: Mailbox, said: str) -> None:
    assert await answer(mailbox) == Again(said)


@pytest.mark.parametrize(
    ("mailbox", "said"),
    [
        (Mailbox(greeting=b"554 no service"), "554 no service"),
        (Mailbox(login=b"535 wrong password"), "535 wrong password"),
        (Mailbox(sender=b"530 sign in first"), "530 sign in first"),
    ],
)
async def test_a_relay_that_does_not_serve_the_desk_says_nothing_of_the_request(mailbox: Mailbox, said: str) -> None:
    async with mailbox:
        relay = Relay("127.0.0.1", mailbox.port, Tls.NONE, "desk", "secret", seconds=5.0)
        assert await Smtp(relay, SENDER, RECIPIENT).deliver(parcel()) == Again(said)


async def test_a_relay_that_vanishes_after_the_message_may_have_it() -> None:
    mailbox = Mailbox(vanishes_after_data=True)
    given = await answer(mailbox)
    assert isinstance(given, Again)
    assert given.unsure
    assert len(mailbox.messages) == 1


async def test_a_strange_farewell_changes_nothing() -> None:
    assert await answer(Mailbox(farewell=b"500 what")) == Taken("accepted by the relay")


async def test_a_dead_relay_surely_does_not_have_it() -> None:
    async with Mailbox() as gone:
        pass
    assert await way(gone).deliver(parcel()) == Again("the relay went away: ConnectionRefusedError")


async def test_a_silent_relay_costs_no_more_than_its_time() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    given = await Smtp(Relay("127.0.0.1", port, Tls.NONE, seconds=0.3), SENDER, RECIPIENT).deliver(parcel())
    server.close()
    assert given == Again("the relay went away: SMTPServerDisconnected")


async def test_nothing_is_sent_over_a_connection_that_cannot_be_protected() -> None:
    """The mailbox offers no STARTTLS: the notice and the password stay here."""
    mailbox = Mailbox()
    async with mailbox:
        relay = Relay("127.0.0.1", mailbox.port, Tls.STARTTLS, "user", "secret", seconds=5.0)
        given = await Smtp(relay, SENDER, RECIPIENT).deliver(parcel())
    assert given == Again("the relay went away: SMTPNotSupportedError")
    assert mailbox.messages == []
    assert not any(command.startswith((b"AUTH", b"MAIL")) for command in mailbox.commands)


async def test_a_test_request_never_reaches_a_mailbox() -> None:
    mailbox = Mailbox()
    async with mailbox:
        assert await way(mailbox).deliver(parcel(a_request(content=normalised(test=True)))) == Refused(TEST_REFUSED)
    assert (mailbox.messages, mailbox.commands) == ([], [])
