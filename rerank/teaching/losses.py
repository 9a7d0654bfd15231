"""Losses that bring a student's order to that of its teachers. Both take rows of scores, one query or paper each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rerank.errors import ShapeError
from rerank.teaching.lessons import STUDENT_SCALE, TEACHER_SCALE
from rerank.training.cosent import cosent_rows_loss_tensor

if TYPE_CHECKING:
    from torch import Tensor

SCALES = tuple(round(1.1**power, 2) for power in range(60))  # 1 to 277
GRADE = 0.5  # deviations; similarities that differ by less may have the same grade, and are then not compared


def listwise_loss_tensor(
    cosines: Tensor,
    similarities: Tensor,
    used: Tensor,
    *,
    student_scale: float = STUDENT_SCALE,
    teacher_scale: float = TEACHER_SCALE,
) -> Tensor:
    """Mean over rows of ``KL(softmax(teacher_scale · z) ‖ softmax(student_scale · cos))``.

    This is the distillation of Hinton, Vinyals and Dean (2015, arXiv:1503.02531) with the papers of a batch as classes.

    Parameters
    ----------
    cosines : shape (n_rows, n_columns)
        Of the student.
    similarities : same shape
        Standardised similarities of the teachers.
    used : bool, same shape
        The columns that count in a row.

    Returns
    -------
    scalar tensor, at least 0; 0 if both distributions are equal.

    Raises
    ------
    ShapeError
        If the shapes differ.
    """
    import torch

    _check(cosines, similarities, used)
    floor = -1e30  # finite, because −inf − (−inf) would have the gradient NaN
    ours = torch.log_softmax((student_scale * cosines.float()).masked_fill(~used, floor), dim=1)
    theirs = torch.log_softmax((teacher_scale * similarities.float()).masked_fill(~used, floor), dim=1)
    terms = torch.where(used, theirs.exp() * (theirs - ours), torch.zeros_like(ours))
    return terms.sum(dim=1).mean()


def fitted_scale(cosines: Tensor, similarities: Tensor, used: Tensor, *, teacher_scale: float = TEACHER_SCALE) -> float:
    """The scale of the student's cosines at which :func:`listwise_loss_tensor` is least, of :data:`SCALES`.

    With another scale, the first steps of training stretch or shrink all cosines, and the order of papers is lost on
    the way. Arguments as :func:`listwise_loss_tensor`.
    """

    def loss(scale: float) -> float:
        scales = {"student_scale": scale, "teacher_scale": teacher_scale}
        return float(listwise_loss_tensor(cosines, similarities, used, **scales))

    return min(SCALES, key=loss)


def graded_loss_tensor(
    cosines: Tensor, similarities: Tensor, used: Tensor, *, scale: float = STUDENT_SCALE, grade: float = GRADE
) -> Tensor:
    """CoSENT's loss on the order of the teachers' similarities; arguments as :func:`listwise_loss_tensor`.

    The similarities are rounded to grades: the order of nearly equal ones is noise.
    """
    import torch

    _check(cosines, similarities, used)
    grades = torch.round(similarities.float() / grade)
    return cosent_rows_loss_tensor(cosines, grades, used, scale=scale)


def _check(cosines: Tensor, similarities: Tensor, used: Tensor) -> None:
    if cosines.ndim != 2 or not cosines.shape == similarities.shape == used.shape:
        raise ShapeError(
            f"Cosines, similarities and mask must be of one shape (n_rows, n_columns), got {tuple(cosines.shape)},"
            f" {tuple(similarities.shape)} and {tuple(used.shape)}."
        )
