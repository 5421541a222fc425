"""The table of platform formats: a name of the contract, and the function that reads that shape."""

from collections.abc import Mapping
from types import MappingProxyType

from services.ingest.formats import activitypub, cloudevents, jetstream, mastodon, reddit, youtube
from services.ingest.formats.common import Convert

CLOUDEVENTS = "cloudevents"
_SHAPES: Mapping[str, Convert] = MappingProxyType(
    {
        "bluesky-jetstream": jetstream.convert,
        "mastodon": mastodon.convert,
        "activitypub": activitypub.convert,
        "youtube": youtube.convert,
        "reddit": reddit.convert,
    }
)
FORMATS: Mapping[str, Convert] = MappingProxyType({**_SHAPES, CLOUDEVENTS: cloudevents.around(_SHAPES)})
