"""Finds, in the source, every sentence that an operator may read: in the log, at the start, about settings.

Values are left out of them: ``%s`` and ``{name}`` become "…", as `docs/troubleshooting.md` writes them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "cogs", "storage")
# The look-alike of Google's service speaks to the bot; the updater of catalogues to whoever develops it.
ELSEWHERE = ("bot/sandbox/gemini", "cogs/locales")

_SECTIONS = ("bot/config_base.py", "bot/config_limits.py", "bot/config_sections.py")
_LOGGED = {"warning", "error", "exception", "critical"}
_RAISED = re.compile(r"LoginError|Storage[A-Z]\w*")
_VALUE = re.compile(r"%(?:\.\d+)?[sdrf]|%%")
_SPOKEN = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, without its values, and where it stands."""

    text: str
    place: str


def sentences(root: Path = ROOT) -> list[Sentence]:
    """Return all of them, each as often as it stands somewhere."""
    found = []
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            if not name.startswith(ELSEWHERE):
                found += [Sentence(text, name) for text in sentences_in(path.read_text("utf-8"), name)]
    return found


def sentences_in(source: str, name: str = "") -> Iterator[str]:
    """The sentences of one module."""
    tree = ast.parse(source)
    constants = _constants(tree)
    for node in ast.walk(tree):
        for said in _said(node, name):
            for text in _texts(said, constants):
                if _SPOKEN.search(text):
                    yield " ".join(text.split())


def _said(node: ast.AST, name: str) -> list[ast.expr]:
    """What an operator reads of one node."""
    match node:
        case ast.Call():
            return _spoken(node, name)
        case ast.FunctionDef(name="describe") if name == "bot/config_reading.py":
            returns = [item for item in ast.walk(node) if isinstance(item, ast.Return)]
            return [item.value for item in returns if item.value is not None]
    return []


def _spoken(call: ast.Call, name: str) -> list[ast.expr]:
    """The arguments of a call that an operator reads."""
    match call.func:
        case ast.Attribute(value=ast.Name(id="log"), attr=attr) if attr in _LOGGED:
            return call.args[:1]
        case ast.Name(id=error) if _RAISED.fullmatch(error):
            return call.args[:1]
        case ast.Name(id="Fault") | ast.Attribute(attr="fault" | "log"):  # `log.log`: the level comes first
            return call.args[1:2]
        case ast.Name(id="fault" | "conclude"):
            return call.args[:1]
        case ast.Name(id="ValueError") if name in _SECTIONS:
            return call.args[:1]
        case ast.Name(id="warn") | ast.Name(id="fail") if name.startswith("bot/doctor/"):
            return call.args[1:2]
        case ast.Name(id="print") if any(keyword.arg == "file" for keyword in call.keywords):
            return call.args[:1]
    return []


def _texts(node: ast.expr, constants: Mapping[str, ast.expr]) -> Iterator[str]:
    """A text, or both of a choice between two."""
    match node:
        case ast.Constant(value=str(text)):
            yield _VALUE.sub(lambda match: "%" if match[0] == "%%" else "…", text)
        case ast.JoinedStr(values=values):
            parts = [part.value if isinstance(part, ast.Constant) else "…" for part in values]
            yield re.sub("…+", "…", "".join(map(str, parts)))
        case ast.IfExp(body=body, orelse=other):
            yield from _texts(body, constants)
            yield from _texts(other, constants)
        case ast.Name(id=name) if name in constants:
            yield from _texts(constants[name], {})


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    return {
        target.id: statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
