"""Token numbers and targets come in; a fine-tuned MiniLM that narrows on its way up goes out. Seeded, resumable."""

import json
import math
import random
import struct
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import Progress
from torch import Tensor, nn
from torch.nn import functional

from services.scorer.cascade import labels
from services.scorer.training.targets import UNKNOWN

WIDTH, HEADS, INNER = 384, 12, 1536
# After these layers neighbouring positions are averaged in pairs: half the work above, little loss (see EXPERIMENTS.md).
NARROW_AFTER = (2, 4)
LAYERS = 6
TASKS = (  # outputs of one task, and what the mean loss of one of them weighs; a dozen types share theirs
    (slice(labels.VIOLENCE, labels.TYPES_FROM), 1.0),
    (slice(labels.TYPES_FROM, labels.EXEMPTIONS_FROM), 1.5),
    (slice(labels.EXEMPTIONS_FROM, labels.OVERT), 1.5),
    (slice(labels.OVERT, labels.GANG), 0.4),
    (slice(labels.GANG, labels.OUTPUTS), 0.3),
)


class Layer(nn.Module):
    """One BERT layer."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm1 = nn.LayerNorm(WIDTH, eps=1e-12)
        self.up = nn.Linear(WIDTH, INNER)
        self.down = nn.Linear(INNER, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, x: Tensor, mask: Tensor, drop: float) -> Tensor:
        """`mask` [batch, positions]: 1 where there is text."""
        batch, length, _ = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        hidden = (1.0 - mask)[:, None, None, :] * -1e4
        seen = functional.scaled_dot_product_attention(
            q, k, v, attn_mask=hidden, dropout_p=drop if self.training else 0.0
        )
        seen = self.out(seen.transpose(1, 2).reshape(batch, length, WIDTH))
        x = self.norm1(x + functional.dropout(seen, drop, self.training))
        return self.norm2(x + functional.dropout(self.down(functional.gelu(self.up(x))), drop, self.training))


class Encoder(nn.Module):
    """MiniLM with heads on the mean of its last positions."""

    def __init__(self, words: int) -> None:
        super().__init__()
        self.emb = nn.Embedding(words, WIDTH, sparse=True)
        self.pos = nn.Parameter(torch.zeros(512, WIDTH))
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.head = nn.Linear(WIDTH, labels.OUTPUTS)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, ids: Tensor, mask: Tensor, drop: float = 0.1) -> Tensor:
        """Logits [batch, outputs]."""
        x = self.norm(self.emb(ids) + self.pos[: ids.shape[1]])
        x = functional.dropout(x, drop, self.training)
        for number, layer in enumerate(self.layers):
            if number in NARROW_AFTER:
                x, mask = narrowed(x, mask)
            x = layer(x, mask, drop)
        mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        logits: Tensor = self.head(functional.dropout(mean, drop, self.training))
        return logits


def narrowed(x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Pairs of neighbours averaged; a last one without a partner stays as it is."""
    if x.shape[1] % 2:
        x, mask = functional.pad(x, (0, 0, 0, 1)), functional.pad(mask, (0, 1))
    x, mask = x.view(x.shape[0], -1, 2, WIDTH), mask.view(mask.shape[0], -1, 2)
    there = mask.sum(2)
    return (x * mask[..., None]).sum(2) / there.clamp(min=1)[..., None], (there > 0).float()


def pretrained(path: Path, rows: Sequence[int]) -> Encoder:
    """An encoder with the weights of a safetensors file, its vocabulary cut to `rows`."""
    w = {
        name: torch.from_numpy(value.copy())
        for name, value in read_safetensors(path).items()
        if value.dtype == np.float32
    }
    model = Encoder(len(rows))
    with torch.no_grad():
        model.emb.weight.copy_(w["embeddings.word_embeddings.weight"][list(rows)])
        model.pos.copy_(w["embeddings.position_embeddings.weight"] + w["embeddings.token_type_embeddings.weight"][0])
        _copy(model.norm, w, "embeddings.LayerNorm")
        for n, layer in enumerate(model.layers):
            own = f"encoder.layer.{n}."
            for part in ("weight", "bias"):
                parts = [w[f"{own}attention.self.{name}.{part}"] for name in ("query", "key", "value")]
                getattr(layer.qkv, part).copy_(torch.cat(parts))
            _copy(layer.out, w, own + "attention.output.dense")
            _copy(layer.norm1, w, own + "attention.output.LayerNorm")
            _copy(layer.up, w, own + "intermediate.dense")
            _copy(layer.down, w, own + "output.dense")
            _copy(layer.norm2, w, own + "output.LayerNorm")
    return model


def _copy(module: Any, weights: dict[str, Tensor], name: str) -> None:
    module.weight.copy_(weights[name + ".weight"])
    module.bias.copy_(weights[name + ".bias"])


def read_safetensors(path: Path) -> dict[str, NDArray[Any]]:
    """Arrays of a safetensors file: a JSON header of its own length, then the bytes."""
    raw = path.read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8 : 8 + length])
    header.pop("__metadata__", None)
    kinds = {"F32": np.float32, "I64": np.int64}
    return {
        name: np.frombuffer(raw[8 + length + at["data_offsets"][0] : 8 + length + at["data_offsets"][1]], kinds[at["dtype"]])
        .reshape(at["shape"])
        for name, at in header.items()
    }  # fmt: skip


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


def padded(ids: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Token numbers and mask of a batch."""
    longest = max(map(len, ids))
    numbers = torch.zeros(len(ids), longest, dtype=torch.long)
    mask = torch.zeros(len(ids), longest)
    for n, row in enumerate(ids):
        numbers[n, : len(row)] = torch.tensor(row)
        mask[n, : len(row)] = 1
    return numbers, mask


def loss_of(logits: Tensor, wanted: Tensor, weights: Tensor) -> Tensor:
    """Weighted cross-entropy over the tasks, each over what is known."""
    total = torch.zeros(())
    for outputs, share in TASKS:
        target = wanted[:, outputs]
        known = (target != UNKNOWN).float() * weights[:, None]
        each = functional.binary_cross_entropy_with_logits(logits[:, outputs], target.clamp(min=0), reduction="none")
        total = total + share * (each * known).sum() / known.sum().clamp(min=1)
    return total


def _rounds(examples: Examples, plan: Plan, steps: int) -> Iterator[list[int]]:
    dice = random.Random(plan.seed)
    done = 0
    while done < steps:
        for batch in batches(examples, plan.batch_tokens, dice):
            if done == steps:
                return
            done += 1
            yield batch


def fine_tune(model: Encoder, examples: Examples, plan: Plan, checkpoint: Path, progress: Progress) -> Encoder:
    """Train; the weights returned are the average over the last part of the steps. Goes on from `checkpoint` where it exists."""
    torch.manual_seed(plan.seed)
    per_epoch = len(batches(examples, plan.batch_tokens, random.Random(0)))
    steps = int(per_epoch * plan.epochs)
    dense = [(name, p) for name, p in model.named_parameters() if name != "emb.weight"]
    groups = [
        {"params": [p for name, p in dense if name.startswith("head")], "lr": plan.head_rate, "weight_decay": 0.0},
        {
            "params": [p for name, p in dense if not name.startswith("head") and p.ndim > 1],
            "lr": plan.rate,
            "weight_decay": 0.01,
        },
        {
            "params": [p for name, p in dense if not name.startswith("head") and p.ndim == 1],
            "lr": plan.rate,
            "weight_decay": 0.0,
        },
    ]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(groups, betas=(0.9, 0.98)),
        torch.optim.SparseAdam([model.emb.weight], lr=plan.rate),
    ]
    schedules = [
        torch.optim.lr_scheduler.LambdaLR(o, lambda step: _share(step, steps, plan.warmup)) for o in optimizers
    ]
    average: dict[str, Tensor] = {}
    counted = begun = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        begun, counted, average = saved["step"], saved["counted"], saved["average"]
        model.load_state_dict(saved["model"])
        for part, state in zip([*optimizers, *schedules], saved["parts"], strict=True):
            part.load_state_dict(state)
    bar = progress.add_task("fine-tuning", total=steps, completed=begun)
    model.train()
    running, saved_at = 0.0, time.monotonic()
    for step, batch in enumerate(_rounds(examples, plan, steps), 1):
        if step <= begun:
            continue
        ids, mask = padded([examples[n][0] for n in batch])
        wanted = torch.from_numpy(np.stack([examples[n][1] for n in batch]))
        weights = torch.tensor([examples[n][2] for n in batch])
        loss = loss_of(model(ids, mask), wanted, weights)
        loss.backward()
        nn.utils.clip_grad_norm_([p for _, p in dense], 1.0)
        for optimizer, schedule in zip(optimizers, schedules, strict=True):
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
        running = 0.98 * running + 0.02 * float(loss.detach()) if running else float(loss.detach())
        progress.update(bar, advance=1, description=f"fine-tuning, loss {running:.3f}")
        if step > steps * (1 - plan.average_last) and step % 20 == 0:
            counted += 1
            _average(average, model, counted)
        if time.monotonic() - saved_at > 180:
            saved_at = time.monotonic()
            parts = [part.state_dict() for part in [*optimizers, *schedules]]
            made = {"step": step, "counted": counted, "average": average, "model": model.state_dict(), "parts": parts}
            torch.save(made, checkpoint.with_suffix(".new"))
            checkpoint.with_suffix(".new").replace(checkpoint)
            progress.console.print(f"{time.strftime('%H:%M:%S')} step {step}/{steps}, loss {running:.4f}")
    if average:
        model.load_state_dict(average)
    model.eval()
    return model


def _share(step: int, steps: int, warmup: float) -> float:
    if step < steps * warmup:
        return (step + 1) / (steps * warmup)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (step / steps - warmup) / (1 - warmup)))


def _average(average: dict[str, Tensor], model: Encoder, counted: int) -> None:
    for name, value in model.state_dict().items():
        if counted == 1:
            average[name] = value.clone()
        else:
            average[name] += (value - average[name]) / counted


def logits_of(model: Encoder, ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
    """Logits of many texts, in order, without dropout."""
    model.eval()
    made = np.zeros((len(ids), labels.OUTPUTS), np.float32)
    order = sorted(range(len(ids)), key=lambda n: len(ids[n]))
    for at in range(0, len(order), 32):
        batch = order[at : at + 32]
        with torch.no_grad():
            made[batch] = model(*padded([ids[n] for n in batch])).numpy()
    return made
