"""How fast are the models on a GPU? Pairs/s, texts/s, share of the GPU's peak, an anchor matrix, training, memory.

    python bench/training/gpu.py [--cross-encoder FOLDER] [--encoder FOLDER] [--smoke]

Prints one JSON object. Needs torch, transformers, sentence-transformers and numpy only. Without model folders, models
of the usual small shape (6 layers, hidden size 384) are made with random weights; their speed is the same. Without a
GPU it exits with status 2. ``--smoke`` runs everything once on a CPU with a few texts, to test the command before GPU
time is spent on it; its figures are meaningless.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs without installing the repository

from rerank.budget.anchors import build_anchors
from rerank.budget.tiles import AnchorJob, Progress
from rerank.encoders.cross_encoder import CrossEncoder
from rerank.encoders.encoder import Encoder
from rerank.teaching.lessons import Lessons
from rerank.teaching.similarities import TaughtTexts, make_panel
from rerank.teaching.student import StudentPlan, teach
from rerank.teaching.teachers import open_teacher
from rerank.teaching.text_vectors import TextVectors

N_LAYERS, HIDDEN, FEED_FORWARD = 6, 384, 1536  # of the random models: the shape of MiniLM
N_WORDS = 30_000
SECONDS = 90  # time limit of the anchor matrix; the time of the rest is extrapolated
SMOKE = {"device": "cpu", "n_texts": 8, "max_tokens": 32, "anchor_papers": 24, "anchor_queries": 4, "runs": 1}
SMOKE |= {"student_papers": 16, "student_steps": 2}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cross-encoder", type=Path, help="folder; default: random weights")
    parser.add_argument("--encoder", type=Path, help="folder; default: random weights")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--n-texts", type=int, default=16_384)
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--anchor-papers", type=int, default=98_000)
    parser.add_argument("--anchor-queries", type=int, default=128)
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help="time limit of the anchor matrix (default: %(default)s)"
    )
    parser.add_argument("--student-papers", type=int, default=512, help="papers in a step of a student's training")
    parser.add_argument("--student-steps", type=int, default=50)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--smoke", action="store_true", help="run everything once on a CPU with a few texts")
    options = parser.parse_args(arguments)
    if options.smoke:
        vars(options).update(SMOKE)
    if options.device.startswith("cuda") and not torch.cuda.is_available():
        print(
            json.dumps({"error": "There is no CUDA device; run this on a machine with a GPU, or try it with --smoke."})
        )
        sys.exit(2)
    with tempfile.TemporaryDirectory() as work:
        print(json.dumps(measure(options, Path(work)), indent=1))


def measure(options: argparse.Namespace, work: Path) -> dict[str, Any]:
    texts = make_texts(options.n_texts, seed=0)
    model = options.cross_encoder or make_model(work / "cross-encoder", cross=True)
    encoder = options.encoder or make_model(work / "encoder", cross=False)
    peak_tflops = matmul_tflops(options.device, runs=1 if options.smoke else 20)
    report: dict[str, Any] = {
        "device": torch.cuda.get_device_name(options.device) if options.device != "cpu" else "cpu",
        "torch": torch.__version__,
        "matmul_bf16_tflops": round(peak_tflops, 1),
        "max_tokens": options.max_tokens,
        "pairs": measure_pairs(options, model, texts),
        "texts": measure_texts(options, encoder, texts),
        "anchors": measure_anchors(options, model, work),
        "student": measure_student(options, encoder, work),
    }
    per_pair = flops_per_pair(options.max_tokens)
    report["gflop_per_pair"] = round(per_pair / 1e9, 2)
    for name in ("ours", "ours, tokenised before"):
        share = report["pairs"]["per_s"][name] * per_pair / (peak_tflops * 1e12)
        report["pairs"][f"share of ceiling, {name}"] = round(share, 3)
    if options.device != "cpu":
        report["peak_memory_gb"] = round(torch.cuda.max_memory_allocated(options.device) / 1e9, 2)
    return report


def measure_pairs(options: argparse.Namespace, model: Path, texts: list[str]) -> dict[str, Any]:
    """One query with texts: ours with and without tokenising, sentence-transformers in fp32 and bf16."""
    from sentence_transformers import CrossEncoder as Theirs

    ours = CrossEncoder(model, inference="torch", device=options.device, max_tokens=options.max_tokens)
    query = make_texts(1, seed=1)[0][:60]
    query_tokens, text_tokens = ours.tokenize([query]), ours.tokenize(texts)
    rows = np.stack([np.zeros(len(texts), dtype=np.int64), np.arange(len(texts))], axis=1)
    settings = {"device": options.device, "max_length": options.max_tokens, "activation_fn": torch.nn.Identity()}
    theirs = Theirs(str(model), **settings)
    half = Theirs(str(model), model_kwargs={"dtype": torch.bfloat16}, **settings)
    few = [(query, text) for text in texts[: max(64, len(texts) // 8)]]  # fp32 would take most of the time
    ways = {
        "ours": (len(texts), lambda: ours.score(query, texts)),
        "ours, tokenised before": (len(texts), lambda: ours.score_rows(query_tokens, text_tokens, rows)),
        "sentence-transformers fp32": (len(few), lambda: theirs.predict(few, batch_size=256)),
        "sentence-transformers bf16": (len(few), lambda: half.predict(few, batch_size=256)),
    }
    return {"runs_in": ours.placement.dtype, "per_s": speeds(ways, options)}


def measure_texts(options: argparse.Namespace, encoder: Path, texts: list[str]) -> dict[str, Any]:
    """Embedding of texts: ours, and sentence-transformers in fp32 and bf16."""
    from sentence_transformers import SentenceTransformer

    ours = Encoder(encoder, inference="torch", device=options.device, max_tokens=options.max_tokens)
    theirs = SentenceTransformer(str(encoder), device=options.device)
    half = SentenceTransformer(str(encoder), device=options.device, model_kwargs={"dtype": torch.bfloat16})
    few = texts[: max(64, len(texts) // 8)]
    ways = {
        "ours": (len(texts), lambda: ours.encode(texts)),
        "sentence-transformers fp32": (len(few), lambda: theirs.encode(few, batch_size=256)),
        "sentence-transformers bf16": (len(few), lambda: half.encode(few, batch_size=256)),
    }
    return {"runs_in": ours.placement.dtype, "per_s": speeds(ways, options)}


def measure_anchors(options: argparse.Namespace, model: Path, work: Path) -> dict[str, Any]:
    """Fill the anchor matrix until the time limit; the time of all of it is extrapolated from the finished tiles."""
    scorer = CrossEncoder(model, inference="torch", device=options.device, max_tokens=options.max_tokens)
    job = AnchorJob(
        queries=[text[:60] for text in make_texts(options.anchor_queries, seed=2)],
        texts=make_texts(options.anchor_papers, seed=3),
    )
    reports: list[Progress] = []
    started = time.perf_counter()
    anchors = build_anchors(
        [scorer],
        job,
        folder=work / "anchors",
        stop=lambda: bool(reports) and time.perf_counter() - started > options.seconds,
        progress=reports.append,
    )
    last = reports[-1]
    return {
        "shape": list(job.shape),
        "finished": anchors is not None,
        "pairs_done": last.done,
        "pairs_per_s": round(last.pairs_per_s),
        "minutes_for_all": round(last.total / last.pairs_per_s / 60, 1),
        "seconds_with_tokenising": round(time.perf_counter() - started, 1),
    }


def measure_student(options: argparse.Namespace, encoder: Path, work: Path) -> dict[str, Any]:
    """Training of a student for documents and queries, as ``train_models --stage student``; it is its own teacher."""
    teacher = open_teacher(encoder, max_tokens=options.max_tokens)
    papers = make_texts(options.student_papers * 4, seed=4)
    queries = [text[:60] for text in papers]
    texts = TaughtTexts(tuple(papers), tuple(queries), np.arange(len(papers)))
    store = TextVectors(work / "teacher", "teacher", teacher.model_hash, teacher.dim)
    store.embed(teacher, papers)
    store.embed(teacher, queries, is_query=True)
    lessons = Lessons(make_panel([store], texts), texts, n_papers=options.student_papers)
    plan = StudentPlan(
        model=str(encoder),
        n_steps=options.student_steps,
        n_papers=options.student_papers,
        max_tokens=options.max_tokens,
        precision="auto",
    )
    metrics = teach(plan, lessons, folder=work / "student", device=options.device).metrics
    seconds = max(metrics["train_s"], 0.1)  # they are rounded
    return {"papers_per_step": plan.n_papers, "texts_per_s": round(metrics["texts"] / seconds, 1)}


def matmul_tflops(device: str, *, size: int = 8192, runs: int) -> float:
    """Highest speed of this device on a square bf16 matrix product, in TFLOP/s."""
    size = size if device != "cpu" else 1024
    left = torch.randn(size, size, device=device, dtype=torch.bfloat16)
    right = torch.randn(size, size, device=device, dtype=torch.bfloat16)
    times = []
    for _ in range(runs):
        synchronize(device)
        start = time.perf_counter()
        for _ in range(4):
            left @ right
        synchronize(device)
        times.append((time.perf_counter() - start) / 4)
    return 2 * size**3 / min(times) / 1e12


def flops_per_pair(n_tokens: int) -> float:
    """FLOP of a plain forward pass: 12 h² weights per layer and token, and two attention products."""
    linear = 2 * n_tokens * (4 * HIDDEN * HIDDEN + 2 * HIDDEN * FEED_FORWARD)
    attention = 4 * n_tokens * n_tokens * HIDDEN
    return float(N_LAYERS * (linear + attention))


def speeds(ways: dict[str, tuple[int, Callable[[], Any]]], options: argparse.Namespace) -> dict[str, float]:
    """Items per second of each way: the median of the runs after a warm-up."""
    rates = {}
    for name, (n, way) in ways.items():
        times = []
        for _ in range(options.runs + 1):
            synchronize(options.device)
            start = time.perf_counter()
            way()
            synchronize(options.device)
            times.append(time.perf_counter() - start)
        rates[name] = round(n / statistics.median(times[1:]), 1)
    return rates


def synchronize(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)


def make_texts(n: int, *, seed: int) -> list[str]:
    """Texts of about 200 tokens, of words in the vocabulary of :func:`make_model`."""
    rng = np.random.default_rng(seed)
    lengths = np.clip(rng.normal(220, 60, n), 40, 400).astype(int)
    return [" ".join(f"w{word}" for word in rng.integers(0, N_WORDS, size)) for size in lengths]


def make_model(folder: Path, *, cross: bool) -> Path:
    """A model of MiniLM's shape with random weights and a tokenizer of whole words."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit
    from tokenizers.processors import TemplateProcessing
    from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = [*special, *(f"w{number}" for number in range(N_WORDS)), "paper", "query", "words"]
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=HIDDEN,
        num_hidden_layers=N_LAYERS,
        num_attention_heads=12,
        intermediate_size=FEED_FORWARD,
        max_position_embeddings=512,
        num_labels=1,
    )
    (BertForSequenceClassification(config) if cross else BertModel(config)).save_pretrained(folder)
    BertTokenizerFast(tokenizer_object=tokenizer, model_max_length=512).save_pretrained(folder)
    return folder


if __name__ == "__main__":
    main()
