"""The `hub` command: one word per thing a person does; each service adds its own words."""

import sys

import typer

from services.runtime.errors import HubError
from services.runtime.topics_cli import app as topics_app

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The Referral Hub.", pretty_exceptions_enable=False)
app.add_typer(topics_app, name="topics")


def main() -> None:
    """Run the command; an error the hub knows is one line on stderr and exit code 1, not a traceback."""
    try:
        app()
    except HubError as why:
        typer.echo(f"hub: {why}", err=True)
        sys.exit(1)
