"""A decision, or an amendment of a request, comes in; the reason codes it can be given for go out. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from schemas.review import Amendment, Decision, ReasonCode

REASONS: Mapping[Decision, tuple[ReasonCode, ...]] = MappingProxyType(
    {
        Decision.APPROVE: (
            ReasonCode.THREAT_TO_LIFE,
            ReasonCode.THREAT_OF_VIOLENCE,
            ReasonCode.INCITEMENT_TO_VIOLENCE,
            ReasonCode.TAUNT_LIKELY_TO_PROVOKE,
            ReasonCode.GLORIFIES_VIOLENCE,
            ReasonCode.WEAPONS_CONTENT,
            ReasonCode.ATTACK_FOOTAGE,
            ReasonCode.RECRUITMENT_TO_VIOLENCE,
        ),
        Decision.REFUSE: (
            ReasonCode.NOT_VIOLENT,
            ReasonCode.ART_OR_LYRICS,
            ReasonCode.NEWS,
            ReasonCode.QUOTATION_OR_COUNTER_SPEECH,
            ReasonCode.GRIEF,
            ReasonCode.VICTIM_ACCOUNT,
            ReasonCode.FICTION,
            ReasonCode.SPORT_OR_GAME,
            ReasonCode.FIGURE_OF_SPEECH,
            ReasonCode.EDUCATION,
            ReasonCode.WRONG_PERSON_OR_PLACE,
            ReasonCode.ALREADY_GONE,
        ),
        Decision.ESCALATE: (ReasonCode.NEEDS_SENIOR, ReasonCode.THREAT_TO_LIFE),
        Decision.DEFER: (ReasonCode.NEEDS_MORE_CONTEXT,),
    }
)

AMENDING_REASONS: Mapping[Amendment, tuple[ReasonCode, ...]] = MappingProxyType(
    {
        # What would have kept the request from leaving takes it back.
        Amendment.WITHDRAW: (ReasonCode.ISSUED_IN_ERROR, *REASONS[Decision.REFUSE]),
        # What stands corrected still says why the content is to go.
        Amendment.CORRECT: REASONS[Decision.APPROVE],
    }
)
