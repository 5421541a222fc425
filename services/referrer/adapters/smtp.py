"""A parcel comes in; an e-mail with the notice in plain text and the request as attached JSON goes out.

A repeat is the same message byte for byte, under the same Message-ID, so that a mailbox shows it once.
"""

import asyncio
import contextlib
import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from enum import StrEnum

from schemas.referral import TakedownRequested
from services.referrer.delivery import TEST_REFUSED, Again, Answer, Channel, Parcel, Refused, Taken
from services.referrer.exports.notice import text_notice
from services.referrer.exports.sections import TITLES


class Tls(StrEnum):
    """How the connection is protected; `none` is for a relay on this machine."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Relay:
    """The mail server of the desk."""

    host: str
    port: int
    tls: Tls = Tls.STARTTLS
    username: str | None = None
    password: str | None = None
    seconds: float = 20.0


def message(parcel: Parcel, sender: str, recipient: str) -> EmailMessage:
    """The e-mail of a request. Pure: the same parcel gives the same bytes."""
    request = parcel.request
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(display_name=request.issuer.authority, addr_spec=sender)
    mail["To"] = Address(addr_spec=recipient)
    mail["Subject"] = _subject(request)
    mail["Date"] = request.issued_at
    mail["Message-ID"] = message_id(request, sender)
    if request.root_referral_id != request.referral_id:
        # Withdrawals and corrections show up under the request that they follow.
        mail["References"] = f"<{request.root_referral_id}@{_domain(sender)}>"
    if request.issuer.email is not None:
        mail["Reply-To"] = Address(addr_spec=request.issuer.email)
    mail["X-Idempotency-Key"] = request.idempotency_key
    # Quoted, because addresses can be longer than a line of mail may be.
    mail.set_content(text_notice(request), cte="quoted-printable")
    mail.add_attachment(parcel.body, maintype="application", subtype="json", filename=f"{request.referral_id}.json")
    # The library draws a random one otherwise, and a repeat would be another message.
    mail.set_boundary(f"=_{request.referral_id}")
    return mail


def message_id(request: TakedownRequested, sender: str) -> str:
    """Stable over all repeats."""
    return f"<{request.referral_id}@{_domain(sender)}>"


def _subject(request: TakedownRequested) -> str:
    return f"[{str(request.referral_id)[:8]}] {TITLES[request.kind]}"


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


class Smtp:
    """Hands e-mails to the desk's relay."""

    channel = Channel.EMAIL

    def __init__(self, relay: Relay, sender: str, recipient: str, context: ssl.SSLContext | None = None) -> None:
        self._relay = relay
        self._sender = sender
        self._recipient = recipient
        self._context = context or ssl.create_default_context()

    async def deliver(self, parcel: Parcel) -> Answer:
        """Hand it over; the library blocks, so it works in a thread."""
        if parcel.request.test:
            return Refused(TEST_REFUSED)
        raw = message(parcel, self._sender, self._recipient).as_bytes()
        try:
            async with asyncio.timeout(self._relay.seconds * 2):
                return await asyncio.to_thread(self._send, raw)
        except TimeoutError:
            return Again("no answer in time", unsure=True)

    def _send(self, raw: bytes) -> Answer:
        try:
            server = self._connected()
        except smtplib.SMTPResponseException as why:
            # A wrong password, or a relay out of service: of this request nothing was said, so it waits until that is mended.
            return Again(_told(why.smtp_code, why.smtp_error))
        except (smtplib.SMTPException, OSError) as why:
            return Again(f"the relay went away: {type(why).__name__}")
        try:
            server.sendmail(self._sender, [self._recipient], raw)
        except smtplib.SMTPRecipientsRefused as why:
            return _by_code(*why.recipients[self._recipient])
        except smtplib.SMTPSenderRefused as why:
            # So are a relay that wants a password after all, and one that does not let this desk write.
            return Again(_told(why.smtp_code, why.smtp_error))
        except smtplib.SMTPResponseException as why:
            return _by_code(why.smtp_code, why.smtp_error)
        except (smtplib.SMTPException, OSError) as why:
            return Again(f"the relay went away: {type(why).__name__}", unsure=True)
        finally:
            # What the relay says to the farewell changes nothing about what it took.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()
        return Taken("accepted by the relay")

    def _connected(self) -> smtplib.SMTP:
        relay = self._relay
        if relay.tls is Tls.IMPLICIT:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                relay.host, relay.port, timeout=relay.seconds, context=self._context
            )
        else:
            server = smtplib.SMTP(relay.host, relay.port, timeout=relay.seconds)
        try:
            if relay.tls is Tls.STARTTLS:
                server.starttls(context=self._context)
            if relay.username is not None and relay.password is not None:
                server.login(relay.username, relay.password)
        except (smtplib.SMTPException, OSError):
            server.close()
            raise
        return server


def _by_code(code: int, said: bytes | str) -> Answer:
    """What is said of the recipient or of the message. RFC 5321: 4xx is for now, 5xx is for good."""
    told = _told(code, said)
    return Refused(told) if 500 <= code < 600 else Again(told)


def _told(code: int, said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return f"{code} {text}"[:200]
