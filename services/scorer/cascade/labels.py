"""The outputs of both tiers, in their order: violence, its types, the exemptions, how openly it is said, gang conflict."""

from schemas.vocabulary import Exemption, ViolenceType

TYPES = tuple(ViolenceType)
EXEMPTIONS = tuple(exemption for exemption in Exemption if exemption is not Exemption.NONE)
VIOLENCE = 0
TYPES_FROM = 1
EXEMPTIONS_FROM = TYPES_FROM + len(TYPES)
OVERT = EXEMPTIONS_FROM + len(EXEMPTIONS)
COVERT = OVERT + 1
GANG = COVERT + 1
OUTPUTS = GANG + 1
# Every output after the first.
SIDE = OUTPUTS - 1
