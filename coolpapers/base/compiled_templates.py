"""Jinja templates, for parts of pages with hundreds of nodes.

The reasons are in ``docs/decisions/0020-cards-are-rendered-by-jinja.md``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString
from jinja2 import Environment, FileSystemLoader, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

_SPECIAL = re.compile("[&<>'\"]")


class _CodeGenerator(CodeGenerator):
    """Escapes values by :func:`escape_value`; reads attributes and calls functions as Python does.

    Jinja looks for an item where there is no attribute, and asks each function whether it wants the context. A page of
    cards reads 2,600 attributes and calls 400 functions, and took 4 ms for it. So a template of ours fails where an
    attribute is missing, and its functions get their arguments only.
    """

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        self.visit(node.node, frame)
        self.write(f".{node.attr}")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        if forward_caller or node.kwargs or node.dyn_args or node.dyn_kwargs:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")

    def _output_child_pre(self, node: Any, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
            return
        self.write("environment.escape_value(")
        if finalize.src is not None:
            self.write(finalize.src)


class _Environment(Environment):
    code_generator_class = _CodeGenerator

    @staticmethod
    def escape_value(value: Any) -> str:
        """A value as HTML, as ``markupsafe.escape`` makes it.

        That makes an object of each value, also of those that have nothing to escape or are safe already. A page of
        cards has some 2,000 values, and took 4 ms for it.
        """
        kind = type(value)
        if kind is str:
            return escape(value) if _SPECIAL.search(value) else value
        if kind is Markup or kind is SafeString:
            safe: str = value
            return safe
        return str(value) if kind is int else escape(value)


def make_environment(*, filters: dict[str, Callable[..., Any]] | None = None, **functions: Any) -> Environment:
    """An environment that reads the templates of the site and escapes values; ``functions`` are known to all."""
    environment = _Environment(
        loader=FileSystemLoader(settings.BASE_DIR / "templates"),
        autoescape=True,
        auto_reload=settings.DEBUG,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(filters or {})
    environment.globals.update(functions)
    return environment
