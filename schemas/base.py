"""What every fact on the wire has in common: frozen, closed for writers, tolerant for readers, with a schema version inside."""

from typing import Annotated, Any, ClassVar, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Probability = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
# Beyond 2^53 a JSON number is no longer the same number in every reader.
Count = Annotated[int, Field(ge=0, le=2**53)]
Moment = AwareDatetime
Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16,128}$")]
PlatformName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,62}$")]
HOST_NAME = r"^[a-z0-9]([a-z0-9.:-]{0,251}[a-z0-9])?$"
HostName = Annotated[str, StringConstraints(pattern=HOST_NAME)]
LONGEST_URL = 2_000
HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/@\\]+(/\S*|\?\S*|#\S*)?$", max_length=LONGEST_URL)]
# PostgreSQL keeps no NUL in a text, and no person types one.
WITHOUT_NUL = r"^[^\u0000]*$"
PlatformId = Annotated[str, StringConstraints(min_length=1, max_length=512)]
LanguageTag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}([_-][A-Za-z0-9]{1,8})*$", max_length=35)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class Part(BaseModel):
    """A piece of a fact: frozen, and closed to unknown fields unless the reader says otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, ser_json_inf_nan="null")


class Fact(Part):
    """One message value. `MAJOR` is the version a reader must know; a minor may add optional fields only."""

    MAJOR: ClassVar[int] = 1

    schema_version: Annotated[str, StringConstraints(pattern=r"^1(\.[0-9]{1,3})?$")] = "1"

    @classmethod
    def read(cls, value: dict[str, Any]) -> Self:
        """Validate a decoded value as a reader does: unknown fields of a newer minor are ignored. Raises ValidationError."""
        return cls.model_validate(value, extra="ignore")
