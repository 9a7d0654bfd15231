"""The commands of ``python -m rerank``: arguments, one call, a report as JSON on standard output."""

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
from rerank.training.trainable_models import KINDS, LORA_INITS, load_trainee
from rerank.training.training import PRECISIONS, Plan, train
from rerank.training.training_data import N_FOLDS, GradedList, fold_of, lists_from_papers, read_lists, read_papers

N_DEV_LISTS = 200
TRAIN_FOLDS = 8  # of the papers; the other two tenths are for measuring


def add_train(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``train``."""
    defaults = Plan()
    data = parser.add_mutually_exclusive_group(required=True)
    data.add_argument("--data", type=Path, help="JSON lines: {a, b, score} or {query, texts, labels}; .gz too")
    data.add_argument("--papers", type=Path, help="JSON lines with id, title, abstract: graded lists are made of them")
    parser.add_argument("--out", type=Path, required=True, help="folder of the trained model")
    parser.add_argument("--dev", type=Path, help="graded lists to evaluate on (default: some held-out ones)")
    parser.add_argument("--n-lists", type=int, default=10_000, help="lists to make of --papers (default: %(default)s)")
    parser.add_argument("--n-papers", type=int, help="draw from so many of --papers only")
    parser.add_argument("--hard-encoder", help="take half of the hard negatives from this encoder's title neighbours")
    parser.add_argument("--kind", choices=(*KINDS, QUERY_KIND), default=defaults.kind)
    parser.add_argument(
        "--vectors", type=Path, nargs="+", default=(), help="query-encoder: folders of vectors that its base has made"
    )
    parser.add_argument(
        "--n-negatives", type=int, default=0, help="query-encoder: random texts that a batch is compared with"
    )
    parser.add_argument(
        "--model", default=defaults.model, help="folder or package to start from (default: %(default)s)"
    )
    parser.add_argument("--layers", type=int, help="keep only the first so many layers")
    parser.add_argument("--loss", choices=LOSSES, default=defaults.loss)
    parser.add_argument(
        "--compare", choices=COMPARISONS, default=defaults.compare, help="all scores of a batch, or by query"
    )
    parser.add_argument("--in-batch", action="store_true", help="encoders: texts of other lists are compared too")
    parser.add_argument(
        "--matryoshka-dims", type=int, nargs="+", default=(), help="encoders: lengths of vectors to train"
    )
    parser.add_argument("--freeze-embeddings", action="store_true", help="keep the word embeddings of the model")
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
    parser.add_argument("--lora-plus", action="store_true", help="16 times the rate for the B matrices")
    parser.add_argument("--lora-init", choices=LORA_INITS, default=defaults.lora_init)
    parser.add_argument("--checkpoint-every", type=int, default=defaults.checkpoint_every)
    parser.add_argument(
        "--evaluate-every", type=int, default=defaults.evaluate_every, help="steps between points of the training curve"
    )
    parser.add_argument("--seed", type=int, default=defaults.seed)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
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
    parser.add_argument("--queries", type=Path, required=True, help="one anchor query a line")
    parser.add_argument("--papers", type=Path, required=True, help="JSON lines with id, title, abstract")
    parser.add_argument("--out", type=Path, required=True, help="folder of the anchor scores")
    parser.add_argument("--limit", type=int, help="only the first so many papers")
    parser.add_argument("--max-tokens", type=int, default=DEFAULT_MAX_TOKENS)
    parser.add_argument("--device", action="append", help="may be given several times (default: auto)")
    parser.set_defaults(run=run_anchors)


def add_pack(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``pack``."""
    parser.add_argument("--model", type=Path, required=True, help="folder of the trained model")
    parser.add_argument("--base", default=Plan().model, help="model it was trained from (default: %(default)s)")
    parser.add_argument("--kind", choices=(*KINDS, QUERY_KIND), required=True)
    parser.add_argument("--rank", type=int, default=64, help="of the change of each matrix (default: %(default)s)")
    parser.add_argument("--share", type=float, default=1.0, help="of the change, 0 to 1 (default: all of it)")
    parser.add_argument("--out", type=Path, required=True, help="folder of the packed model")
    parser.set_defaults(run=run_pack)


def run_pack(options: argparse.Namespace) -> bool:
    """Pack one model and report its size."""
    base = find_model(options.base)
    # The base always as an encoder: an output layer it is given on loading is random, not its own.
    packed = pack(
        load_trainee("encoder" if options.kind == QUERY_KIND else options.kind, options.model).module,
        load_trainee("encoder", base).module,
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
    """Train and report; False if it was stopped."""
    settings = {field.name: getattr(options, field.name) for field in fields(Plan)}
    plan = Plan(**{**settings, "matryoshka_dims": tuple(options.matryoshka_dims)})
    lists, dev = _training_data(options)

    def progress(now: dict[str, float]) -> None:
        if now["step"] % 20 == 0 or now["step"] == plan.n_steps:
            _line(
                f"step {now['step']:.0f}/{plan.n_steps}  loss {now['loss']:.4f}  {now['pairs_per_s']:.0f} pairs/s  "
                f"{_left(now, plan)} left"
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
    trainee = load_trainee(options.kind, options.model, max_tokens=options.max_tokens, device=device)
    lists = read_lists(options.data)
    _show({"model": options.model, "n_lists": len(lists), **evaluate_lists(trainee, lists)})
    return True


def run_anchors(options: argparse.Namespace) -> bool:
    """Fill the anchor matrix and report; False if it was stopped."""
    devices = options.device or ["auto"]
    scorers = [CrossEncoder(options.model, device=device, max_tokens=options.max_tokens) for device in devices]
    papers = read_papers(options.papers)[: options.limit]
    queries = [line.strip() for line in options.queries.read_text(encoding="utf-8").splitlines() if line.strip()]
    job = AnchorJob(queries=queries, texts=[f"{paper.title}. {paper.abstract}" for paper in papers])
    with stop_on_signal() as stop:
        anchors = build_anchors(scorers, job, folder=options.out, stop=stop, progress=_anchor_progress)
    placed = [asdict(scorer.placement) for scorer in scorers]
    _show({"folder": str(options.out), "finished": anchors is not None, "shape": job.shape, "devices": placed})
    return anchors is not None


def _training_data(options: argparse.Namespace) -> tuple[list[GradedList], list[GradedList]]:
    rng = np.random.default_rng(options.seed)
    if options.papers is not None:
        made = _made_lists(options, rng)
        lists, held_out = made[N_DEV_LISTS:], made[:N_DEV_LISTS]
    else:
        lists = read_lists(options.data)
        order = rng.permutation(len(lists))
        n_dev = min(N_DEV_LISTS, len(lists) // 10) if options.dev is None else 0
        lists, held_out = [lists[row] for row in order[n_dev:]], [lists[row] for row in order[:n_dev]]
    return lists, read_lists(options.dev) if options.dev is not None else held_out


def _made_lists(options: argparse.Namespace, rng: np.random.Generator) -> list[GradedList]:
    papers = [paper for paper in read_papers(options.papers) if fold_of(paper.paper_id) < TRAIN_FOLDS]
    if options.n_papers is not None and options.n_papers < len(papers):
        papers = [papers[row] for row in rng.permutation(len(papers))[: options.n_papers]]
    _line(f"{len(papers)} papers of folds 0 to {TRAIN_FOLDS - 1} of {N_FOLDS}; making {options.n_lists} lists")
    vectors = None
    if options.hard_encoder is not None:
        # fp32: a number format chosen by timing would make other lists on another day, and resuming needs the same.
        vectors = Encoder(options.hard_encoder, device=options.device, dtype="float32").encode(
            [paper.title for paper in papers]
        )
    return lists_from_papers(papers, n_lists=options.n_lists + N_DEV_LISTS, rng=rng, vectors=vectors)


def _anchor_progress(now: Progress) -> None:
    _line(f"{now.done / now.total:7.2%}  {now.pairs_per_s:.0f} pairs/s  {_duration(now.eta_s)} left")


def _left(now: dict[str, float], plan: Plan) -> str:
    pairs_per_step = now["pairs"] / now["step"]
    return _duration((plan.n_steps - now["step"]) * pairs_per_step / max(now["pairs_per_s"], 1e-9))


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}h{minutes % 60:02d}m" if minutes >= 60 else f"{minutes}m{rest:02d}s"


def _line(text: str) -> None:
    """A line on standard error; on a terminal it overwrites the one before."""
    sys.stderr.write(f"\r{text}\033[K" if sys.stderr.isatty() else f"{text}\n")
    sys.stderr.flush()


def _show(payload: object) -> None:
    sys.stdout.write(json.dumps(payload, indent=1, sort_keys=True) + "\n")
