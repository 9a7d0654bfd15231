r"""Commands of the packages siunitx and physics, which MathJax does not know here.

Their names are words that others use for something else (``\per``, ``\dv``), so they get no macro in the browser: a
formula gets what they stand for (:func:`write_packages`), running text gets words (:func:`unit_words`).
"""

from __future__ import annotations

import re

_PREFIXES = {
    "yocto": "y", "zepto": "z", "atto": "a", "femto": "f", "pico": "p", "nano": "n", "micro": "µ", "milli": "m",
    "centi": "c", "deci": "d", "deca": "da", "hecto": "h", "kilo": "k", "mega": "M", "giga": "G", "tera": "T",
    "peta": "P", "exa": "E", "zetta": "Z", "yotta": "Y", "kibi": "Ki", "mebi": "Mi", "gibi": "Gi", "tebi": "Ti",
}  # fmt: skip
_UNITS = {
    "ampere": "A", "candela": "cd", "kelvin": "K", "kilogram": "kg", "metre": "m", "meter": "m", "mole": "mol",
    "second": "s", "becquerel": "Bq", "degreeCelsius": "°C", "celsius": "°C", "coulomb": "C", "farad": "F",
    "gray": "Gy", "hertz": "Hz", "henry": "H", "joule": "J", "katal": "kat", "lumen": "lm", "lux": "lx",
    "newton": "N", "ohm": "Ω", "pascal": "Pa", "radian": "rad", "siemens": "S", "sievert": "Sv", "steradian": "sr",
    "tesla": "T", "volt": "V", "watt": "W", "weber": "Wb", "day": "d", "hectare": "ha", "hour": "h", "litre": "L",
    "liter": "L", "minute": "min", "tonne": "t", "astronomicalunit": "au", "dalton": "Da", "decibel": "dB",
    "bel": "B", "electronvolt": "eV", "neper": "Np", "degree": "°", "arcminute": "′", "arcsecond": "″", "gram": "g",
    "bit": "bit", "byte": "B", "angstrom": "Å", "bar": "bar", "percent": "\\%", "um": "µm", "us": "µs",
    **{name: name for name in (
        "nm", "mm", "cm", "km", "ns", "ms", "Hz", "kHz", "MHz", "GHz", "eV", "keV", "MeV", "GeV", "TeV", "kg", "g", "m",
        "s", "V", "mV", "W", "mW", "kW", "K", "dB", "GB", "MB",
    )},
}  # fmt: skip
_POWERS = {"squared": "^2", "cubed": "^3", "square": "", "cubic": ""}
_WORDS = {"degreeCelsius": "°C", "celsius": "°C", "degree": "°", "percent": "%"}
# How many arguments each command of siunitx has.
QUANTITY_COMMANDS = {
    "SI": 2, "qty": 2, "SIrange": 3, "qtyrange": 3, "num": 1, "numrange": 2, "si": 1, "unit": 1, "ang": 1,
}  # fmt: skip
UNIT_NAMES = frozenset({*_PREFIXES, *_UNITS, *_POWERS, "per", "of", "tothe", "raiseto"})
_DIFFERENTIALS = {
    "dv": "\\mathrm{d}", "pdv": "\\partial ", "fdv": "\\delta ", "derivative": "\\mathrm{d}",
    "partialderivative": "\\partial ", "functionalderivative": "\\delta ",
}  # fmt: skip

_QUANTITY = re.compile(r"\\(" + "|".join(sorted(QUANTITY_COMMANDS, key=len, reverse=True)) + r")(?![A-Za-z])")
_BRACED = r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
_ARGUMENT = re.compile(rf"\s*(?:\[[^\[\]]*\]\s*)?{_BRACED}")
_UNIT_TOKEN = re.compile(r"\\([A-Za-z]+)(?:\{([^{}]*)\})?\s*|([^\\]+)")
_EXPONENT = re.compile(r"(?<=[\d.])\s*[eEdD]\s*([+-]?\d+)")
_PHYSICS_BRACKETS = re.compile(r"\\qty(?=\s*[(\[|{])")
_DERIVATIVE = re.compile(rf"\\({'|'.join(_DIFFERENTIALS)})\*?\s*(?:\[([^\[\]]*)\]\s*)?{_BRACED}(?:\s*{_BRACED})?")


def write_packages(tex: str) -> str:
    r"""``tex`` with ``\SI{5}{\metre\per\second}`` as ``5\,\mathrm{m/s}`` and ``\dv{f}{x}`` as a fraction."""
    parts, position = list[str](), 0
    for command in _QUANTITY.finditer(tex):
        arguments, end = read_arguments(tex, command.end(), QUANTITY_COMMANDS[command[1]])
        if command.start() >= position and arguments is not None:
            parts += [tex[position : command.start()], _quantity(command[1], arguments)]
            position = end
    tex = _PHYSICS_BRACKETS.sub("", "".join([*parts, tex[position:]]))
    return _DERIVATIVE.sub(_write_derivative, tex)


def unit_words(units: str) -> str:
    r"""``\kilo\gram\per\second`` as words: "kilogram per second"; what is no command stays."""
    words, between = "", ""
    for name, exponent, literal in _UNIT_TOKEN.findall(units):
        word = f"^{exponent}" if name in ("tothe", "raiseto") else _WORDS.get(name, name) or literal.strip()
        words += ("" if word.startswith("^") else between) + word
        between = "" if name in _PREFIXES else " "
    return words


def read_arguments(text: str, position: int, count: int) -> tuple[list[str] | None, int]:
    """The next ``count`` arguments in braces, options left out, and where the last ends; None where one is missing."""
    arguments = list[str]()
    for _ in range(count):
        argument = _ARGUMENT.match(text, position)
        if argument is None:
            return None, position
        arguments.append(argument[1].strip())
        position = argument.end()
    return arguments, position


def _quantity(name: str, arguments: list[str]) -> str:
    if name in ("si", "unit"):
        return f"\\mathrm{{{_unit_symbols(arguments[0])}}}"
    if name == "ang":
        return f"{arguments[0]}^\\circ"
    numbers = "\\text{ to }".join(map(_number, arguments[: 2 if name.endswith("range") else 1]))
    if name.startswith("num"):
        return numbers
    units = _unit_symbols(arguments[-1])
    space = "" if units in ("°", "\\%", "′", "″") else "\\,"
    return f"{numbers}{space}\\mathrm{{{units}}}"


def _number(number: str) -> str:
    """``1e5`` and ``3.1+-0.2`` as TeX."""
    return _EXPONENT.sub(r"\\times10^{\1}", number).replace("+-", "\\pm ")


def _unit_symbols(units: str) -> str:
    r"""``\metre\per\second\squared`` as ``m/s^2``; literal units such as ``m.s^{-1}`` keep their form."""
    symbols, between = "", ""
    for name, exponent, literal in _UNIT_TOKEN.findall(units):
        if literal:
            symbol, following = literal.strip().replace(".", "\\cdot "), ""
        elif name in ("tothe", "raiseto"):
            symbol, following = f"^{{{exponent}}}", "\\,"
        elif name in _UNITS:
            symbol, following = between + _UNITS[name], "\\,"
        elif name in _PREFIXES:
            symbol, following = between + _PREFIXES[name], ""
        else:
            symbol, following = {"per": "/", **_POWERS}.get(name, f"\\{name} "), ""
        symbols, between = symbols + symbol, following
    return symbols


def _write_derivative(match: re.Match[str]) -> str:
    r"""``\dv[2]{f}{x}``, and ``\dv{x}`` for the operator alone."""
    sign, order = _DIFFERENTIALS[match[1]], f"^{{{match[2]}}}" if match[2] else ""
    function, variable = ("", match[3]) if match[4] is None else (match[3], match[4])
    return f"\\frac{{{sign}{order}{function}}}{{{sign}{variable}{order}}}"
