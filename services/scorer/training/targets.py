"""Labelled rows come in; one target per output and a mask of what is known go out.

A type is asked of violent texts alone: thirty harmless rows to one that has it would teach its output to repeat the first.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.scorer.cascade import labels
from services.scorer.training.corpus import Row

UNKNOWN = -1.0


def targets(rows: Sequence[Row]) -> NDArray[np.float32]:
    """[rows, outputs]: 0 to 1, or UNKNOWN where nobody said."""
    made = np.full((len(rows), labels.OUTPUTS), UNKNOWN, np.float32)
    for n, row in enumerate(rows):
        made[n] = _target(row)
    return made


def _target(row: Row) -> NDArray[np.float32]:
    target = np.full(labels.OUTPUTS, UNKNOWN, np.float32)
    if row.violence is not None:
        target[labels.VIOLENCE] = row.violence
    if row.types is not None and (row.violence or 0) > 0.5:
        for at, name in enumerate(labels.TYPES, labels.TYPES_FROM):
            target[at] = float(name.value in row.types)
    if row.exemptions is not None:
        for at, exemption in enumerate(labels.EXEMPTIONS, labels.EXEMPTIONS_FROM):
            target[at] = float(exemption.value in row.exemptions)
    if row.overtness is not None:
        target[labels.OVERT] = float(row.overtness in ("overt", "mixed"))
        target[labels.COVERT] = float(row.overtness in ("covert", "mixed"))
    if row.gang is not None:
        target[labels.GANG] = float(row.gang)
    return target
