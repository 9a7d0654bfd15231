from __future__ import annotations

import io
import signal
import threading

import pytest

from coolpapers.base.progress import ProgressLine, progress_text, stop_signal


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("n_done", "share", "elapsed_s", "text"),
    [
        (12_000, 0.4, 4.0, "12,000 records · 40% · 3,000/s · 6 s left"),
        (12_000, None, 4.0, "12,000 records · 3,000/s"),
        (100, 0.1, 20.0, "100 records · 10% · 5/s · 3 min 0 s left"),
        (100, 0.001, 20.0, "100 records · 0% · 5/s · 5 h 33 min left"),
        (0, 0.0, 0.0, "0 records · 0%"),
    ],
)
def test_it_says_share_speed_and_time_left(n_done: int, share: float | None, elapsed_s: float, text: str) -> None:
    assert progress_text(n_done, "records", share=share, elapsed_s=elapsed_s) == text


def test_it_rewrites_one_line_now_and_then_and_clears_it() -> None:
    out, clock = Terminal(), Clock()
    line = ProgressLine(out, clock=clock, interval_s=1)
    line.show(1, share=None)
    clock.now += 0.5
    line.show(2, share=None)
    clock.now += 0.5
    line.show(3, share=None)
    line.clear()
    assert out.getvalue().split("\r")[1:4] == ["1 records", "3 records · 3/s", " " * 15]


def test_it_is_silent_if_the_output_is_no_terminal() -> None:
    for out, is_wanted in ((io.StringIO(), True), (Terminal(), False)):
        line = ProgressLine(out, clock=Clock(), is_wanted=is_wanted)
        line.show(1, share=0.5)
        line.clear()
        assert out.getvalue() == ""


def test_it_says_what_is_counted() -> None:
    out = Terminal()
    ProgressLine(out, clock=Clock(), unit="papers").show(1_000)
    assert out.getvalue() == "\r1,000 papers"


def test_it_computes_the_share_if_the_total_is_known() -> None:
    for n_total, text in ((4_000, "\r1,000 records · 25%"), (900, "\r1,000 records · 100%"), (0, "\r1,000 records")):
        out = Terminal()
        ProgressLine(out, clock=Clock(), n_total=n_total).show(1_000)
        assert out.getvalue() == text


def test_sigterm_is_reported_and_the_old_handler_restored() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stop_signal() as stopped:
        assert not stopped()
        signal.raise_signal(signal.SIGTERM)
        assert stopped()
    assert signal.getsignal(signal.SIGTERM) == before


def test_outside_the_main_thread_there_is_no_signal_to_wait_for() -> None:
    told: list[bool] = []

    def run() -> None:
        with stop_signal() as stopped:
            told.append(stopped())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert told == [False]
