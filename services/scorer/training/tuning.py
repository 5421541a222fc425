"""An encoder and examples come in; the encoder fine-tuned on them goes out. Seeded, and it goes on where it stopped."""

import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import Progress
from torch import Tensor, nn
from torch.nn import functional

from services.scorer.cascade import labels
from services.scorer.training.encoder import Encoder, padded
from services.scorer.training.targets import UNKNOWN

TASKS = (  # outputs of one task, and what the mean loss of one of them weighs; a dozen types share theirs
    (slice(labels.VIOLENCE, labels.TYPES_FROM), 1.0),
    (slice(labels.TYPES_FROM, labels.EXEMPTIONS_FROM), 1.5),
    (slice(labels.EXEMPTIONS_FROM, labels.OVERT), 1.5),
    (slice(labels.OVERT, labels.GANG), 0.4),
    (slice(labels.GANG, labels.OUTPUTS), 0.3),
)
# What is asked of a desk is an order: within a batch, what is harmful should lie above what is not.
IN_ORDER = 0.5
KEEP_SECONDS = 180
AVERAGED_EVERY = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """How to fine-tune."""

    epochs: float
    rate: float = 8e-5
    head_rate: float = 1e-3
    batch_tokens: int = 1_400
    warmup: float = 0.06
    average_last: float = 0.35
    seed: int = 20_261


# Token numbers, targets [outputs] and weight of each text.
Examples = Sequence[tuple[Sequence[int], NDArray[np.float32], float]]


def batches(examples: Examples, budget: int, dice: random.Random) -> list[list[int]]:
    """Numbers of examples of like length, each batch within a budget of padded tokens, in random order."""
    order = sorted(range(len(examples)), key=lambda n: (len(examples[n][0]) + dice.random() * 4, n))
    made: list[list[int]] = [[]]
    for n in order:
        if (len(made[-1]) + 1) * len(examples[n][0]) > budget:
            made.append([])
        made[-1].append(n)
    dice.shuffle(made)
    return made


def loss_of(logits: Tensor, wanted: Tensor, weights: Tensor) -> Tensor:
    """Weighted cross-entropy over the tasks, each over what is known, and how far the batch is from being in order."""
    total = IN_ORDER * disorder(logits[:, labels.VIOLENCE], wanted[:, labels.VIOLENCE])
    for outputs, share in TASKS:
        target = wanted[:, outputs]
        known = (target != UNKNOWN).float() * weights[:, None]
        each = functional.binary_cross_entropy_with_logits(logits[:, outputs], target.clamp(min=0), reduction="none")
        total = total + share * (each * known).sum() / known.sum().clamp(min=1)
    return total


def disorder(logits: Tensor, violent: Tensor) -> Tensor:
    """Mean logistic loss over all pairs of a harmful and a harmless text (RankNet, Burges 2005); 0 without such pairs."""
    harmful = logits[violent > 0.5]
    harmless = logits[(violent <= 0.5) & (violent != UNKNOWN)]
    if not len(harmful) or not len(harmless):
        return torch.zeros(())
    return functional.softplus(harmless[None, :] - harmful[:, None]).mean()


class _Run:
    """One fine-tuning under way: what its checkpoint keeps, and what a step changes."""

    def __init__(self, model: Encoder, plan: Plan, steps: int) -> None:
        self.model = model
        self._dense = [(name, p) for name, p in model.named_parameters() if name != "emb.weight"]
        self._optimizers = self._made(plan)
        self._schedules = [
            torch.optim.lr_scheduler.LambdaLR(each, lambda step: _share(step, steps, plan.warmup))
            for each in self._optimizers
        ]
        self.done = 0
        self._counted = 0
        self._average: dict[str, Tensor] = {}

    def _made(self, plan: Plan) -> list[torch.optim.Optimizer]:
        head = [p for name, p in self._dense if name.startswith("head")]
        matrices = [p for name, p in self._dense if not name.startswith("head") and p.ndim > 1]
        vectors = [p for name, p in self._dense if not name.startswith("head") and p.ndim == 1]
        groups = [
            {"params": head, "lr": plan.head_rate, "weight_decay": 0.0},
            {"params": matrices, "lr": plan.rate, "weight_decay": 0.01},
            {"params": vectors, "lr": plan.rate, "weight_decay": 0.0},
        ]
        return [
            torch.optim.AdamW(groups, betas=(0.9, 0.98)),
            torch.optim.SparseAdam([self.model.emb.weight], lr=plan.rate),
        ]

    def step(self, batch: Sequence[tuple[Sequence[int], NDArray[np.float32], float]]) -> float:
        """Learn from one batch; gives its loss."""
        ids, mask = padded([tokens for tokens, _, _ in batch])
        wanted = torch.from_numpy(np.stack([target for _, target, _ in batch]))
        weights = torch.tensor([weight for _, _, weight in batch])
        loss = loss_of(self.model(ids, mask), wanted, weights)
        loss.backward()
        nn.utils.clip_grad_norm_([p for _, p in self._dense], 1.0)
        for optimizer, schedule in zip(self._optimizers, self._schedules, strict=True):
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
        self.done += 1
        return float(loss.detach())

    def average(self) -> None:
        """Let the weights of now count towards those that are kept in the end."""
        self._counted += 1
        for name, value in self.model.state_dict().items():
            if self._counted == 1:
                self._average[name] = value.clone()
            else:
                self._average[name] += (value - self._average[name]) / self._counted

    def averaged(self) -> Encoder:
        """The model with the average of its last weights."""
        if self._average:
            self.model.load_state_dict(self._average)
        self.model.eval()
        return self.model

    def keep(self, checkpoint: Path) -> None:
        """Write everything that the next step needs."""
        parts = [part.state_dict() for part in [*self._optimizers, *self._schedules]]
        kept = {"step": self.done, "counted": self._counted, "average": self._average, "parts": parts}
        # What dropout leaves out next belongs to the state, too: only so an interrupted run ends in the same bytes.
        kept |= {"model": self.model.state_dict(), "dice": torch.get_rng_state()}
        torch.save(kept, checkpoint.with_suffix(".new"))
        checkpoint.with_suffix(".new").replace(checkpoint)

    def resume(self, checkpoint: Path) -> None:
        """Go on from what was kept, where something was."""
        if not checkpoint.exists():
            return
        saved = torch.load(checkpoint, weights_only=True)
        self.done, self._counted, self._average = saved["step"], saved["counted"], saved["average"]
        self.model.load_state_dict(saved["model"])
        torch.set_rng_state(saved["dice"])
        for part, state in zip([*self._optimizers, *self._schedules], saved["parts"], strict=True):
            part.load_state_dict(state)


def fine_tune(model: Encoder, examples: Examples, plan: Plan, checkpoint: Path, progress: Progress) -> Encoder:
    """Train; the weights returned are the average over the last part of the steps. Goes on from `checkpoint` where it exists."""
    torch.manual_seed(plan.seed)
    steps = int(len(batches(examples, plan.batch_tokens, random.Random(0))) * plan.epochs)
    run = _Run(model, plan, steps)
    run.resume(checkpoint)
    bar = progress.add_task("fine-tuning", total=steps, completed=run.done)
    model.train()
    running, kept_at = 0.0, time.monotonic()
    for step, batch in enumerate(_rounds(examples, plan, steps), 1):
        if step <= run.done:
            continue
        loss = run.step([examples[n] for n in batch])
        running = 0.98 * running + 0.02 * loss if running else loss
        progress.update(bar, advance=1, description=f"fine-tuning, loss {running:.3f}")
        if step > steps * (1 - plan.average_last) and step % AVERAGED_EVERY == 0:
            run.average()
        if time.monotonic() - kept_at > KEEP_SECONDS:
            kept_at = time.monotonic()
            run.keep(checkpoint)
            progress.console.print(f"{time.strftime('%H:%M:%S')} step {step}/{steps}, loss {running:.4f}")
    return run.averaged()


def _rounds(examples: Examples, plan: Plan, steps: int) -> Iterator[list[int]]:
    dice = random.Random(plan.seed)
    done = 0
    while done < steps:
        for batch in batches(examples, plan.batch_tokens, dice):
            if done == steps:
                return
            done += 1
            yield batch


def _share(step: int, steps: int, warmup: float) -> float:
    if step < steps * warmup:
        return (step + 1) / (steps * warmup)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (step / steps - warmup) / (1 - warmup)))
