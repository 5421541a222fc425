"""The scorer: normalised -> scored, ranked. Stateless; it can be killed, doubled and replayed at will."""

import os

# onnxruntime keeps a diary of every process that loads it, with the machine's id, under HOME, and sends it to its maker. Read only as
# it is loaded: this package comes before any module of it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
