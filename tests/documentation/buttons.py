"""Finds, in the source of Discord's surface, what stands on its buttons."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from tests.documentation.pages import ROOT

Texts = Mapping[str, list[str]]


def labels() -> dict[str, str]:
    """Return the English text of every button by the file that it stands in."""
    sources = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "cogs").rglob("*.py"))}
    marked: dict[str, list[str]] = {}
    for source in sources.values():
        marked |= _marked(ast.parse(source))
    return {text: path.name for path, source in sources.items() for text in labels_in(source, marked)}


def labels_in(source: str, elsewhere: Texts) -> Iterator[str]:
    """The texts of one module's buttons. A name stands for the module's own before one of elsewhere."""
    tree = ast.parse(source)
    known = {**elsewhere, **_marked(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("ui.Button"):
            for keyword in node.keywords:
                if keyword.arg == "label":
                    yield from _translated(keyword.value, known)
        elif isinstance(node, ast.ClassDef):  # a kind of `cogs.items.ButtonOfOne`, which translates its label
            for keyword in node.keywords:
                if keyword.arg == "label":
                    yield from (*_literals(keyword.value), *_named(keyword.value, known))


def _marked(tree: ast.Module) -> dict[str, list[str]]:
    """What `N_` marks at the level of a module, by the name that it is given."""
    found = {}
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=targets, value=value):
                walked = [name for target in targets for name in ast.walk(target)]
                names = [name.id for name in walked if isinstance(name, ast.Name)]
                parts = value.elts if isinstance(value, ast.Tuple) else [value] * len(names)
                for name, part in zip(names, parts, strict=False):
                    found[name] = list(_literals(part))
    return {name: texts for name, texts in found.items() if texts}


def _translated(node: ast.expr, known: Texts) -> Iterator[str]:
    """What is translated within an expression."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "_" and call.args:
            match call.args[0]:
                case ast.Constant(value=str(text)):
                    yield text
                case named:
                    yield from _named(named, known)


def _named(node: ast.expr, known: Texts) -> Iterator[str]:
    """The texts that a name stands for."""
    match node:
        case ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name)) | ast.Attribute(attr=name):
            yield from known.get(name, [])


def _literals(node: ast.expr) -> Iterator[str]:
    for call in ast.walk(node):
        match call:
            case ast.Call(func=ast.Name(id="N_"), args=[ast.Constant(value=str(text)), *_rest]):
                yield text
