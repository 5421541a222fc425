"""The scorer: normalised -> scored, ranked. Stateless; it can be killed, doubled and replayed at will."""

import os

# onnxruntime keeps a diary under HOME of every process that loads it, with an id of the machine, to be sent to its maker. It looks at
# this only as it is loaded, and this package is loaded before any module that loads it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
