"""The table of platform formats: a name of the contract, and the function that reads that shape."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from services.ingest.formats.common import Result, Seen

Convert = Callable[[Any, Seen], list[Result]]

FORMATS: Mapping[str, Convert] = MappingProxyType({})
