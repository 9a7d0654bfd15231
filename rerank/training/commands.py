"""The commands of ``python -m rerank``. Each parses its arguments, makes one call and prints a JSON report."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np

from rerank.budget.anchors import build_anchors
from rerank.budget.tiles import AnchorJob, Progress
from rerank.encoders.cross_encoder import DEFAULT_MAX_TOKENS, CrossEncoder
from rerank.encoders.encoder import Encoder
from rerank.encoders.packed import FACTORS, QUERY_KIND, pack
from rerank.encoders.weights import find_model, model_hash
from rerank.stopping import stop_on_signal
from rerank.training.measure import evaluate_lists
from rerank.training.objectives import COMPARISONS, LOSSES
from rerank.training.optimizers import OPTIMIZERS, SCHEDULES
from rerank.training.runs import Plan
from rerank.training.trainable_models import KINDS, LORA_INITS, load_trainable
from rerank.training.training import PRECISIONS, train
from rerank.training.training_data import N_FOLDS, GradedList, fold_of, lists_from_papers, read_lists, read_papers

N_DEV_LISTS = 200
TRAIN_FOLDS = 8  # of the papers' folds; the other two are held out


def add_train(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``train``."""
    defaults = Plan()
    data = parser.add_mutually_exclusive_group(required=True)
    data.add_argument("--data", type=Path, help="JSON lines: {a, b, score} or {query, texts, labels}; .gz too")
    data.add_argument("--papers", type=Path, help="JSON lines with id, title, abstract; graded lists are made of them")
    parser.add_argument("--out", type=Path, required=True, help="folder of the trained model")
    parser.add_argument("--dev", type=Path, help="graded lists to evaluate on (default: a held-out part of the data)")
    parser.add_argument("--n-lists", type=int, default=10_000, help="lists to make of --papers (default: %(default)s)")
    parser.add_argument("--n-papers", type=int, help="use a random sample of this many of --papers")
    parser.add_argument("--hard-encoder", help="take half of the hard negatives from this encoder's title neighbours")
    parser.add_argument("--kind", choices=(*KINDS, QUERY_KIND), default=defaults.kind)
    parser.add_argument(
        "--vectors", type=Path, nargs="+", default=(), help="query-encoder: folders of vectors made by its base"
    )
    parser.add_argument(
        "--n-negatives", type=int, default=0, help="query-encoder: random texts that each batch is compared with"
    )
    parser.add_argument(
        "--model", default=defaults.model, help="folder or package to start from (default: %(default)s)"
    )
    parser.add_argument("--layers", type=int, help="number of transformer layers to keep, from the first")
    parser.add_argument("--loss", choices=LOSSES, default=defaults.loss)
    parser.add_argument(
        "--compare",
        choices=COMPARISONS,
        default=defaults.compare,
        help="compare all scores of a batch, or only those of the same query",
    )
    parser.add_argument("--in-batch", action="store_true", help="encoders: use texts of other lists as negatives")
    parser.add_argument(
        "--matryoshka-dims", type=int, nargs="+", default=(), help="encoders: dimensions to train vectors for"
    )
    parser.add_argument("--freeze-embeddings", action="store_true", help="do not train the word embeddings")
    parser.add_argument("--n-steps", type=int, default=defaults.n_steps)
    parser.add_argument("--lists-per-batch", type=int, default=defaults.lists_per_batch)
    parser.add_argument("--lr", type=float, default=defaults.lr)
    parser.add_argument("--optimizer", choices=OPTIMIZERS, default=defaults.optimizer)
    parser.add_argument("--schedule", choices=SCHEDULES, default=defaults.schedule)
    parser.add_argument("--warmup-share", type=float, default=defaults.warmup_share)
    parser.add_argument("--weight-decay", type=float, default=defaults.weight_decay)
    parser.add_argument("--max-tokens", type=int, default=defaults.max_tokens)
    parser.add_argument("--dropout", type=float, default=defaults.dropout)
    parser.add_argument("--precision", choices=PRECISIONS, default=defaults.precision)
    parser.add_argument("--lora-rank", type=int, default=0, help="train LoRA adapters of this rank (0: all weights)")
    parser.add_argument("--lora-plus", action="store_true", help="16 times the learning rate for the B matrices")
    parser.add_argument("--lora-init", choices=LORA_INITS, default=defaults.lora_init)
    parser.add_argument("--checkpoint-every", type=int, default=defaults.checkpoint_every)
    parser.add_argument(
        "--evaluate-every", type=int, default=defaults.evaluate_every, help="steps between points of the training curve"
    )
    parser.add_argument("--seed", type=int, default=defaults.seed)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--resume", action="store_true", help="continue from the last checkpoint")
    parser.set_defaults(run=run_train)


def add_evaluate(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``evaluate``."""
    parser.add_argument("--data", type=Path, required=True, help="JSON lines: {a, b, score} or {query, texts, labels}")
    parser.add_argument("--model", required=True, help="folder or package")
    parser.add_argument("--kind", choices=KINDS, default="cross-encoder")
    parser.add_argument("--max-tokens", type=int, default=DEFAULT_MAX_TOKENS)
    parser.add_argument("--device", default="auto")
    parser.set_defaults(run=run_evaluate)


def add_anchors(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``anchors``."""
    parser.add_argument("--model", required=True, help="folder or package of the cross-encoder")
    parser.add_argument("--queries", type=Path, required=True, help="anchor queries, one per line")
    parser.add_argument("--papers", type=Path, required=True, help="JSON lines with id, title, abstract")
    parser.add_argument("--out", type=Path, required=True, help="folder of the anchor scores")
    parser.add_argument("--limit", type=int, help="use only the first papers, up to this number")
    parser.add_argument("--max-tokens", type=int, default=DEFAULT_MAX_TOKENS)
    parser.add_argument("--device", action="append", help="may be repeated to use several devices (default: auto)")
    parser.set_defaults(run=run_anchors)


def add_pack(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``pack``."""
    parser.add_argument("--model", type=Path, required=True, help="folder of the trained model")
    parser.add_argument("--base", default=Plan().model, help="model it was trained from (default: %(default)s)")
    parser.add_argument("--kind", choices=(*KINDS, QUERY_KIND), required=True)
    parser.add_argument("--rank", type=int, default=64, help="rank of the stored changes (default: %(default)s)")
    parser.add_argument("--share", type=float, default=1.0, help="factor on the changes, 0 to 1 (default: %(default)s)")
    parser.add_argument("--out", type=Path, required=True, help="folder of the packed model")
    parser.set_defaults(run=run_pack)


def run_pack(options: argparse.Namespace) -> bool:
    """Pack one model and report its size."""
    base = find_model(options.base)
    # Load the base as an encoder: loaded as a cross-encoder, it would have a random output layer.
    packed = pack(
        load_trainable("encoder" if options.kind == QUERY_KIND else options.kind, options.model).module,
        load_trainable("encoder", base).module,
        options.out,
        kind=options.kind,
        base_name=options.base,
        base_hash=model_hash(base),
        rank=options.rank,
        share=options.share,
    )
    _show({**asdict(packed), "bytes": (options.out / FACTORS).stat().st_size})
    return True


def run_train(options: argparse.Namespace) -> bool:
    """Train and report. Returns False if it was stopped."""
    settings = {field.name: getattr(options, field.name) for field in fields(Plan)}
    plan = Plan(**{**settings, "matryoshka_dims": tuple(options.matryoshka_dims)})
    lists, dev = _training_data(options)

    def progress(now: dict[str, float]) -> None:
        if now["step"] % 20 == 0 or now["step"] == plan.n_steps:
            _line(
                f"step {now['step']:.0f}/{plan.n_steps}  loss {now['loss']:.4f}  {now['pairs_per_s']:.0f} pairs/s  "
                f"{_time_left(now, plan)} left"
            )

    outcome = train(
        plan,
        lists,
        dev,
        folder=options.out,
        vectors=options.vectors,
        device=options.device,
        resume=options.resume,
        progress=progress,
    )
    _show({"folder": str(outcome.folder), "finished": outcome.finished, **outcome.metrics})
    return outcome.finished


def run_evaluate(options: argparse.Namespace) -> bool:
    """Evaluate one model on graded lists and report."""
    from rerank.encoders.devices import choose_device

    device = choose_device(options.device)
    model = load_trainable(options.kind, options.model, max_tokens=options.max_tokens, device=device)
    lists = read_lists(options.data)
    _show({"model": options.model, "n_lists": len(lists), **evaluate_lists(model, lists)})
    return True


def run_anchors(options: argparse.Namespace) -> bool:
    """Fill the anchor matrix and report. Returns False if it was stopped."""
    devices = options.device or ["auto"]
    scorers = [CrossEncoder(options.model, device=device, max_tokens=options.max_tokens) for device in devices]
    papers = read_papers(options.papers)[: options.limit]
    queries = [line.strip() for line in options.queries.read_text(encoding="utf-8").splitlines() if line.strip()]
    job = AnchorJob(queries=queries, texts=[f"{paper.title}. {paper.abstract}" for paper in papers])
    with stop_on_signal() as stop:
        anchors = build_anchors(scorers, job, folder=options.out, stop=stop, progress=_anchor_progress)
    placements = [asdict(scorer.placement) for scorer in scorers]
    _show({"folder": str(options.out), "finished": anchors is not None, "shape": job.shape, "devices": placements})
    return anchors is not None


def _training_data(options: argparse.Namespace) -> tuple[list[GradedList], list[GradedList]]:
    """Lists to train on, and lists to evaluate on."""
    rng = np.random.default_rng(options.seed)
    if options.papers is not None:
        generated = _lists_from_papers(options, rng)
        lists, held_out = generated[N_DEV_LISTS:], generated[:N_DEV_LISTS]
    else:
        lists = read_lists(options.data)
        order = rng.permutation(len(lists))
        n_dev = min(N_DEV_LISTS, len(lists) // 10) if options.dev is None else 0
        lists, held_out = [lists[row] for row in order[n_dev:]], [lists[row] for row in order[:n_dev]]
    return lists, read_lists(options.dev) if options.dev is not None else held_out


def _lists_from_papers(options: argparse.Namespace, rng: np.random.Generator) -> list[GradedList]:
    papers = [paper for paper in read_papers(options.papers) if fold_of(paper.paper_id) < TRAIN_FOLDS]
    if options.n_papers is not None and options.n_papers < len(papers):
        papers = [papers[row] for row in rng.permutation(len(papers))[: options.n_papers]]
    _line(f"{len(papers)} papers of folds 0 to {TRAIN_FOLDS - 1} of {N_FOLDS}; making {options.n_lists} lists")
    vectors = None
    if options.hard_encoder is not None:
        # fp32, because resuming needs the same lists, and a number format chosen by timing could differ between runs.
        vectors = Encoder(options.hard_encoder, device=options.device, dtype="float32").encode(
            [paper.title for paper in papers]
        )
    return lists_from_papers(papers, n_lists=options.n_lists + N_DEV_LISTS, rng=rng, vectors=vectors)


def _anchor_progress(now: Progress) -> None:
    _line(f"{now.done / now.total:7.2%}  {now.pairs_per_s:.0f} pairs/s  {_duration(now.eta_s)} left")


def _time_left(now: dict[str, float], plan: Plan) -> str:
    pairs_per_step = now["pairs"] / now["step"]
    return _duration((plan.n_steps - now["step"]) * pairs_per_step / max(now["pairs_per_s"], 1e-9))


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}h{minutes % 60:02d}m" if minutes >= 60 else f"{minutes}m{rest:02d}s"


def _line(text: str) -> None:
    """Write a line to standard error; on a terminal it overwrites the previous one."""
    sys.stderr.write(f"\r{text}\033[K" if sys.stderr.isatty() else f"{text}\n")
    sys.stderr.flush()


def _show(payload: object) -> None:
    sys.stdout.write(json.dumps(payload, indent=1, sort_keys=True) + "\n")
