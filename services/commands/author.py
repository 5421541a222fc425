"""`hub subject key`: a platform's id of an author comes in; the keys under which the hub may hold that author go out."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from services.ingest.identity import author_key
from services.ingest.settings import IngestSettings


def author_keys(
    platform: Annotated[str, typer.Option(help="As in content, e.g. bluesky.")],
    author_id: Annotated[str, typer.Option("--author-id", help="The platform's own id of the author, not the handle.")],
    instance: Annotated[str | None, typer.Option(help="Host of the instance, for platforms that have several.")] = None,
) -> None:
    """Make the author's key from the platform's id, with the secrets of ingest: the current one, and the old one while it counts."""
    pseudonyms = IngestSettings().pseudonyms()
    for secret in pseudonyms.secrets(datetime.now(UTC)):
        typer.echo(author_key(secret, platform, instance, author_id))
