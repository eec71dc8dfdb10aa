"""Finds, in the source of Discord's surface, what people would read and no catalogue can translate."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter

TRANSLATED = {"_", "N_", "NP_", "ngettext", "pgettext"}
# Arguments that people read wherever they are given.
SHOWN_ARGUMENTS = {"label", "placeholder", "title", "description", "content", "text", "group_description"}
# Calls whose positional texts people read, by the name that they are called by.
SHOWING_CALLS = {
    *("TextDisplay", "Label", "Choice", "SelectOption", "send_message", "send", "edit_message"),
    *("say_privately", "answer_privately", "replace_panel", "panel", "edit_original_response"),
}
# Calls whose texts only operators read, or that say something to the machine.
UNSEEN_CALLS = {"create_task", "compile", "debug", "info", "warning", "error", "exception", "DeliveryError"}
WORD = re.compile(r"[^\W\d_]{2,}")
WORDS = re.compile(r"[^\W\d_]{2,}[,.:;…!?]* [^\W\d_]")


@dataclass(frozen=True, slots=True)
class Literal:
    """A piece of text in the source."""

    line: int
    text: str


def untranslated(source: str) -> list[Literal]:
    """Texts that reach a person as they are: words in what is shown, and sentences wherever they stand."""
    return list(_Reader().read(ast.parse(source)))


def built(source: str) -> list[int]:
    """Lines where a text is put together within the call that should translate it."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _called(node) in TRANSLATED:
            count = 2 if _called(node) in {"ngettext", "pgettext", "NP_"} else 1
            lines += [node.lineno for text in node.args[:count] if not _whole(text)]
    return lines


def unfilled(source: str) -> list[int]:
    """Lines where the values of a sentence are not those that its {names} ask for."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id="_"), args=[ast.Constant(value=str(text))], keywords=keywords):
                given = {keyword.arg for keyword in keywords}
                wrong = None not in given and names(text) != given
            case ast.Call(
                func=ast.Name(id="ngettext"),
                args=[ast.Constant(value=str(one)), ast.Constant(value=str(many)), _number],
                keywords=keywords,
            ):
                given = {"number", *(keyword.arg for keyword in keywords)}
                wrong = {"number", *names(one), *names(many)} != given
            case _:
                continue
        if wrong:
            lines.append(node.lineno)
    return lines


def names(text: str) -> set[str]:
    """The {names} in a text."""
    return {name for _text, name, *_rest in Formatter().parse(text) if name is not None}


def _whole(text: ast.expr) -> bool:
    """Whether a text is one literal, or a name for one that was marked where it stands."""
    match text:
        case ast.Constant(value=str()) | ast.Name() | ast.Attribute() | ast.Subscript():
            return True
        case ast.IfExp(body=body, orelse=other):
            return _whole(body) and _whole(other)
        case ast.Call(func=ast.Attribute(attr="get")):
            return True
    return False


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


class _Reader:
    """Walks through a module and knows whether what it sees is shown, translated or neither."""

    def read(self, node: ast.AST, *, shown: bool = False) -> Iterator[Literal]:
        match node:
            case ast.Expr(value=ast.Constant(value=str())) | ast.Raise() | ast.Assert():
                return  # a docstring; what the guard answers with a sentence of its own
            case ast.Constant(value=str(text)) | ast.FormattedValue(value=ast.Constant(value=str(text))):
                if (WORD if shown else WORDS).search(_prose(text)):
                    yield Literal(node.lineno, text)
                return
            case ast.Call():
                yield from self._read_call(node, shown=shown)
                return
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield from self._read_definition(node)
                return
            case ast.Compare() | ast.Subscript() | ast.Dict() if shown:
                shown = False  # keys and values that are compared
        for child in ast.iter_child_nodes(node):
            yield from self.read(child, shown=shown)

    def _read_call(self, node: ast.Call, *, shown: bool) -> Iterator[Literal]:
        name = _called(node)
        if name in UNSEEN_CALLS:
            return
        if name in TRANSLATED:
            for keyword in node.keywords:  # what fills a sentence
                yield from self.read(keyword.value)
            return
        yield from self.read(node.func)
        for argument in node.args:
            yield from self.read(
                argument, shown=name in SHOWING_CALLS or (shown and name in {"join", "format"})
            )
        for keyword in node.keywords:
            yield from self.read(keyword.value, shown=keyword.arg in SHOWN_ARGUMENTS)

    def _read_definition(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    ) -> Iterator[Literal]:
        """Descriptions of commands stand in their decorators, where `cogs.locales.update` finds them."""
        decorated = {"command", "describe", "rename", "choices"}
        for decorator in node.decorator_list:
            if not (isinstance(decorator, ast.Call) and _called(decorator) in decorated):
                yield from self.read(decorator)
        if isinstance(node, ast.ClassDef):
            for keyword in node.keywords:
                if keyword.arg not in {"group_name", "group_description", "template"}:
                    yield from self.read(keyword.value, shown=keyword.arg in SHOWN_ARGUMENTS)
        else:
            yield from self.read(node.args)
        for statement in node.body:
            yield from self.read(statement)


def _prose(text: str) -> str:
    """A text without what is the same in every language: commands in code spans, links, Discord's tags."""
    return re.sub(r"`[^`]*`|<[^>]*>|plantain:\S*|[a-z]+://\S*", "", text)
