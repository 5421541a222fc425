"""`hub subject key`: a platform's id of an author comes in; the keys under which the hub may hold that author go out."""

from typing import Annotated

import typer
from pydantic import ValidationError

from schemas.base import HostName, Part, PlatformId, PlatformName
from services.ingest.identity import author_key
from services.ingest.settings import IngestSettings
from services.runtime.errors import Fatal


class Asked(Part):
    """An author as content names one. Another spelling gives a key under which nothing is held: a false answer to a person."""

    platform: PlatformName
    author_id: PlatformId
    instance: HostName | None


def author_keys(
    platform: Annotated[str, typer.Option(help="As in content, e.g. bluesky.")],
    author_id: Annotated[str, typer.Option("--author-id", help="The platform's own id of the author, not the handle.")],
    instance: Annotated[str | None, typer.Option(help="Host of the instance, for platforms that have several.")] = None,
) -> None:
    """Make the author's keys from the platform's id, with the secrets of ingest: the current one, and the previous one if it is set."""
    try:
        asked = Asked(platform=platform, author_id=author_id, instance=instance)
    except ValidationError as why:
        option = str(why.errors()[0]["loc"][0]).replace("_", "-")
        raise Fatal(f"--{option}: write it as content does; platforms and hosts stand there in small letters") from why
    pseudonyms = IngestSettings().pseudonyms()
    # Also after the rotation: what the author said before it is held under the old key for as long as anything is.
    for secret in (pseudonyms.current, pseudonyms.previous):
        if secret is not None:
            typer.echo(author_key(secret, asked.platform, asked.instance, asked.author_id))
