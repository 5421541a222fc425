"""Token numbers come in; logits go out: MiniLM as it is trained, with positions that narrow on their way up."""

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from services.scorer.cascade import labels

WIDTH, HEADS, INNER = 384, 12, 1536
# After these layers neighbouring positions are averaged in pairs: half the work above; earlier loses more (see EXPERIMENTS.md).
NARROW_AFTER = (3, 5)
LAYERS = 6


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
    """MiniLM with heads on the mean of its last positions and on the most that any of them says."""

    def __init__(self, words: int) -> None:
        super().__init__()
        self.emb = nn.Embedding(words, WIDTH, sparse=True)
        self.pos = nn.Parameter(torch.zeros(512, WIDTH))
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.head = nn.Linear(2 * WIDTH, labels.OUTPUTS)
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
        most = (x + (mask[..., None] - 1) * 1e4).amax(1)
        logits: Tensor = self.head(functional.dropout(torch.cat((mean, most), 1), drop, self.training))
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


def padded(ids: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Token numbers and mask of a batch."""
    longest = max(map(len, ids))
    numbers = torch.zeros(len(ids), longest, dtype=torch.long)
    mask = torch.zeros(len(ids), longest)
    for n, row in enumerate(ids):
        numbers[n, : len(row)] = torch.tensor(row)
        mask[n, : len(row)] = 1
    return numbers, mask
