from __future__ import annotations

import itertools

import pytest
import torch

from rerank.errors import ShapeError
from rerank.training.optimizers import LORA_PLUS_RATIO, OPTIMIZERS, Tiger, make_optimizer, rate_factor


def test_tiger_follows_its_formula() -> None:
    vector = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
    matrix = torch.nn.Parameter(torch.tensor([[3.0, 4.0]]))
    optimizer = Tiger([vector, matrix], lr=0.1, beta=0.9, weight_decay=0.5)
    vector.grad, matrix.grad = torch.tensor([5.0, -1e-9]), torch.tensor([[-7.0, 2.0]])
    optimizer.step()
    assert vector.tolist() == pytest.approx([1 - 0.05, -2 + 0.05])
    rate = 0.1 * (12.5**0.5)
    assert matrix[0].tolist() == pytest.approx([3 * (1 - rate * 0.5) + rate, 4 * (1 - rate * 0.5) - rate])


def test_tiger_keeps_one_state_a_parameter() -> None:
    weight = torch.nn.Parameter(torch.ones(4, 4))
    optimizer = Tiger([weight])
    weight.grad = torch.ones(4, 4)
    optimizer.step()
    assert [name for name, value in optimizer.state[weight].items() if torch.is_tensor(value)] == ["momentum"]


def test_a_matrix_that_starts_at_zero_moves_as_far_as_a_vector() -> None:
    weight, vector = torch.nn.Parameter(torch.zeros(2, 2)), torch.nn.Parameter(torch.zeros(2))
    optimizer = Tiger([weight, vector], lr=0.1, weight_decay=0.0)
    weight.grad, vector.grad = torch.ones(2, 2), torch.ones(2)
    for _ in range(10):
        optimizer.step()
    assert vector.tolist() == pytest.approx([-0.5, -0.5])
    assert weight.flatten().tolist() == pytest.approx([-0.5] * 4)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_solves_a_small_regression(name: str) -> None:
    torch.manual_seed(0)
    inputs, weights = torch.randn(64, 5), torch.randn(5, 1)
    model = torch.nn.Linear(5, 1)
    optimizer = make_optimizer(model, name=name, lr=0.02, weight_decay=0.0)
    for step in range(300):
        for group in optimizer.param_groups:
            group["lr"] = 0.02 * rate_factor(step, n_steps=300, n_warmup=0, schedule="cosine")
        optimizer.zero_grad()
        loss = (model(inputs) - inputs @ weights).pow(2).mean()
        loss.backward()
        optimizer.step()
    assert float(loss.detach()) < 0.01


@pytest.mark.parametrize("schedule", ["constant", "cosine", "inverse-time"])
def test_schedules_warm_up_and_do_not_rise_after(schedule: str) -> None:
    factors = [rate_factor(step, n_steps=50, n_warmup=10, schedule=schedule) for step in range(51)]
    assert factors[:10] == pytest.approx([(step + 1) / 10 for step in range(10)])
    assert all(later <= earlier for earlier, later in itertools.pairwise(factors[10:]))


def test_lora_plus_gives_b_its_own_rate_and_vectors_no_decay() -> None:
    class Adapted(torch.nn.Module):  # type: ignore[misc] # torch is not followed
        def __init__(self) -> None:
            super().__init__()
            self.lora_A = torch.nn.Linear(3, 2, bias=False)
            self.lora_B = torch.nn.Linear(2, 3, bias=False)
            self.bias = torch.nn.Parameter(torch.zeros(3))
            self.frozen = torch.nn.Parameter(torch.ones(3, 3), requires_grad=False)

    model = Adapted()
    groups = make_optimizer(model, name="adamw", lr=1e-3, lora_plus_ratio=LORA_PLUS_RATIO).param_groups
    rates = {id(param): (group["lr"], group["weight_decay"]) for group in groups for param in group["params"]}
    assert rates[id(model.lora_B.weight)] == (pytest.approx(16e-3), 0.01)
    assert rates[id(model.lora_A.weight)] == (pytest.approx(1e-3), 0.01)
    assert rates[id(model.bias)] == (pytest.approx(1e-3), 0.0)
    assert id(model.frozen) not in rates


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ShapeError, match="adamw, tiger"):
        make_optimizer(torch.nn.Linear(1, 1), name="sgd", lr=1.0)
    with pytest.raises(ShapeError, match="cosine"):
        rate_factor(0, n_steps=1, n_warmup=0, schedule="steps")
    with pytest.raises(ShapeError, match="lr > 0"):
        Tiger([torch.nn.Parameter(torch.ones(1))], lr=0.0)
