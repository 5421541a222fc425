"""One text comes in; tier 2's logits go out: a fine-tuned MiniLM in int8, one text per run, on the caller's thread."""

from collections.abc import Sequence

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from services.runtime.errors import Fatal
from services.scorer.cascade import labels
from services.scorer.cascade.model_files import ENCODER, VOCABULARY
from services.scorer.cascade.vocabulary import readable, tokenizer

# The sum and the norm in one operator are computed element by element there: a fifth of a run.
NOT_FUSED = ["SkipLayerNormFusion"]


class Transformer:
    """Tier 2. Activations are scaled per run, so a run holds one text and its score knows no neighbours."""

    def __init__(self, model: bytes, words: Sequence[str]) -> None:
        options = onnxruntime.SessionOptions()
        # Runs are spread over threads by the caller; threads inside a run would fight them for the cores.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"], disabled_optimizers=NOT_FUSED
            )
        except Exception as why:  # the runtime raises kinds of its own, by what is wrong with the file
            raise Fatal(f"model file {ENCODER} cannot be loaded: {type(why).__name__}") from why
        self._tokenizer = tokenizer(words)
        self._try(len(words) - 1)

    def _try(self, last: int) -> None:
        """With fewer pieces in the encoder than in the vocabulary, the first rare word would end a run in its middle."""
        try:
            outputs = len(self._run([last]))
        except Exception as why:  # as above
            raise Fatal(f"model files {ENCODER} and {VOCABULARY} do not fit together: {type(why).__name__}") from why
        if outputs != labels.OUTPUTS:
            raise Fatal(
                f"model file {ENCODER} has {outputs} outputs, not the {labels.OUTPUTS} that this program expects"
            )

    def logits(self, text: str) -> NDArray[np.float64]:
        """All logits of one normalised text; it is cut at what the model was trained on."""
        return self._run(self._tokenizer.encode(readable(text)).ids)

    def _run(self, ids: Sequence[int]) -> NDArray[np.float64]:
        found = self._session.run(None, {"ids": np.array([ids], np.int64)})[0]
        logits: NDArray[np.float64] = np.asarray(found, np.float64)[0]
        return logits
