"""Who gets the next thread, and who is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from coolpapers.base.admission import EXPENSIVE_WAITING, HALF_LIFE_S, MAX_CLIENTS, Admission, TooMany, Visit


class Clock:
    """Time goes on between two readings, as it does in a process."""

    now = 0.0

    def read(self) -> float:
        self.now += 1e-6
        return self.now


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class Scene:
    """Visits of a test by name: ``running`` and ``refused`` as they happen."""

    def __init__(self, n_threads: int, n_waiting: int) -> None:
        self.clock = Clock()
        self.admission = Admission(n_threads, n_waiting, clock=self.clock.read)
        self.running: list[str] = []
        self.refused: list[str] = []
        self.visits: dict[str, Visit] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def arrive(self, name: str, client: str, *, is_expensive: bool = False) -> None:
        self.visits[name] = Visit(client, is_expensive)
        self.tasks[name] = asyncio.create_task(self._enter(name))
        await settle()

    async def _enter(self, name: str) -> None:
        try:
            await self.admission.enter(self.visits[name])
        except TooMany:
            self.refused.append(name)
        else:
            self.running.append(name)

    async def end(self, name: str, *, used_s: float = 1.0) -> None:
        self.admission.leave(self.visits[name], used_s=used_s)
        await settle()


def play(scene: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(scene())  # type: ignore[arg-type]


def test_requests_run_at_once_while_threads_are_free() -> None:
    async def scene() -> None:
        stage = Scene(2, 10)
        for name in "abc":
            await stage.arrive(name, name)
        assert stage.running == ["a", "b"]
        await stage.end("a")
        assert stage.running == ["a", "b", "c"]

    play(scene)


def test_requests_of_one_client_keep_their_order() -> None:
    async def scene() -> None:
        stage = Scene(1, 10)
        for name in "abcd":
            await stage.arrive(name, "one")
        for name in "abc":
            await stage.end(name)
        assert stage.running == list("abcd")

    play(scene)


def test_the_client_that_has_used_less_goes_first() -> None:
    async def scene() -> None:
        stage = Scene(1, 50)
        await stage.arrive("first", "greedy")
        for number in range(20):
            await stage.arrive(f"greedy {number}", "greedy")
        await stage.end("first", used_s=5)
        await stage.arrive("page", "reader")
        await stage.end("greedy 0", used_s=5)
        assert stage.running[-1] == "page"

    play(scene)


def test_what_a_client_used_is_forgotten_after_a_while() -> None:
    async def scene() -> None:
        stage = Scene(1, 50)
        await stage.arrive("a", "once greedy")
        await stage.end("a", used_s=10)
        await stage.arrive("b", "other")
        await stage.end("b", used_s=1)
        stage.clock.now += 10 * HALF_LIFE_S
        await stage.arrive("c", "third")
        await stage.arrive("d", "once greedy")
        stage.clock.now += HALF_LIFE_S
        await stage.end("c", used_s=0)
        await stage.arrive("e", "third")
        assert stage.running[-1] == "d"

    play(scene)


def test_expensive_requests_have_a_share_of_the_threads() -> None:
    async def scene() -> None:
        stage = Scene(4, 50)
        for name in "abc":
            await stage.arrive(name, name, is_expensive=True)
        assert stage.running == ["a"]
        for name in "xyz":
            await stage.arrive(name, name)
        assert stage.running == ["a", "x", "y", "z"]
        await stage.end("x")
        assert stage.running == ["a", "x", "y", "z"]  # the free thread is not for expensive ones
        await stage.end("a")
        assert stage.running[-1] == "b"

    play(scene)


def test_one_thread_also_answers_expensive_requests() -> None:
    async def scene() -> None:
        stage = Scene(1, 50)
        await stage.arrive("a", "a", is_expensive=True)
        assert stage.running == ["a"]

    play(scene)


def test_expensive_requests_beyond_a_short_queue_are_refused() -> None:
    async def scene() -> None:
        stage = Scene(4, 50)
        for number in range(20):
            await stage.arrive(str(number), f"client {number}", is_expensive=True)
        assert stage.running == ["0"]
        assert len(stage.refused) == 20 - 1 - EXPENSIVE_WAITING

    play(scene)


def test_where_too_many_wait_the_greediest_is_refused_and_not_the_newest() -> None:
    async def scene() -> None:
        stage = Scene(1, 3)
        await stage.arrive("a", "greedy")
        await stage.end("a", used_s=10)
        await stage.arrive("b", "other")
        for name in ("g1", "g2", "g3"):
            await stage.arrive(name, "greedy")
        await stage.arrive("page", "reader")
        assert stage.refused == ["g3"]
        await stage.end("b")
        assert stage.running[-1] == "page"

    play(scene)


def test_a_cancelled_request_leaves_its_place_and_its_thread() -> None:
    async def scene() -> None:
        stage = Scene(1, 10)
        for name in "abc":
            await stage.arrive(name, name)
        stage.tasks["b"].cancel()
        await settle()
        await stage.end("a")
        assert stage.running == ["a", "c"]

    play(scene)


def test_few_clients_are_remembered() -> None:
    async def scene() -> None:
        stage = Scene(1, 10)
        for number in range(MAX_CLIENTS + 10):
            visit = Visit(str(number))
            await stage.admission.enter(visit)
            stage.admission.leave(visit, used_s=number)
        assert len(stage.admission._used) <= MAX_CLIENTS
        assert str(MAX_CLIENTS + 9) in stage.admission._used
        assert "0" not in stage.admission._used

    play(scene)


@pytest.mark.parametrize("n_threads", [1, 2, 4, 16])
def test_nothing_is_lost_over_many_requests(n_threads: int) -> None:
    async def scene() -> None:
        stage = Scene(n_threads, 1_000)
        for number in range(200):
            await stage.arrive(str(number), str(number % 7), is_expensive=number % 5 == 0)
        ended = 0
        while ended < len(stage.running):
            await stage.end(stage.running[ended])
            ended += 1
        assert len(stage.running) + len(stage.refused) == 200
        assert not [name for name in stage.refused if not stage.visits[name].is_expensive]

    play(scene)


def test_who_waits_too_long_is_refused_and_keeps_no_place() -> None:
    async def scene() -> None:
        admission = Admission(1, 10)
        await admission.enter(Visit("reader"))
        for is_expensive in (False, True):
            with pytest.raises(TooMany):
                await admission.enter(Visit("late", is_expensive, wait_s=0.01))
        admission.leave(Visit("reader"), used_s=1.0)
        await asyncio.wait_for(admission.enter(Visit("next", True, wait_s=5.0)), 5)  # nobody else holds the thread

    play(scene)


def test_a_client_that_leaves_as_its_turn_comes_gives_the_thread_back() -> None:
    async def scene() -> None:
        admission = Admission(1, 10)
        await admission.enter(Visit("reader"))
        waiting = asyncio.create_task(admission.enter(Visit("gone")))
        await settle()
        admission.leave(Visit("reader"), used_s=1.0)  # its turn
        waiting.cancel()  # and at the same moment it leaves
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.wait_for(admission.enter(Visit("next")), 5)

    play(scene)
