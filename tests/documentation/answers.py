"""Finds, in the source of Discord's surface, every sentence that says what went wrong or was left out.

Values are left out of them: ``{name}`` becomes "…", as `docs/messages.md` writes them. Of two forms for one
and for several things it is the one for several.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cogs.locales.update import messages_in
from tests.documentation.pages import ROOT

# The modules whose sentences are refusals, failures and remarks about what came out differently; where there
# are others among them, the names of the functions and tables that count.
MODULES: dict[str, tuple[str, ...]] = {
    "card_words": ("asked", "short_of", "surprises", "smaller_copies", "stand_in"),
    "cards": ("WITHHELD", "SOME_WITHHELD", "_notes"),
    "config_moderation": ("_missing",),
    "consequence_words": ("_MODERATORS", "_NOT_ALLOWED", "_banned", "cooling_down", "_too_many_reports"),
    "conversation_words": ("_HINDRANCES", "_LIMITS", "GO_ON", "_NOTES", "hindrance"),
    "failure_words": (),
    "intake_words": (),
    "limit_words": (),
    "model_words": (),
    "originals": ("NOT_TAKEN",),
    "privacy_words": ("NOT_SENT",),
    "queue_words": ("trouble", "cancelled"),
    "request_words": (),
    "rule_words": (),
    "too_much": ("too_much",),
    "wording": (),
}

_VALUE = re.compile(r"\{\w+\}")
_SENTENCE = re.compile(r"\w+ \w+ \w+|… \w+ |\w\.$|^\w+: …$")


@dataclass(frozen=True, slots=True)
class Answer:
    """One sentence, without its values, and where it stands."""

    text: str
    place: str


def answers() -> list[Answer]:
    """Return all of them, in the order of the modules."""
    found: dict[str, Answer] = {}
    for module, names in MODULES.items():
        source = (ROOT / "cogs" / f"{module}.py").read_text(encoding="utf-8")
        for text in answers_in(source, names):
            found.setdefault(text, Answer(text, module))
    return list(found.values())


def answers_in(source: str, names: tuple[str, ...] = ()) -> Iterator[str]:
    """The sentences of one module, or of what is named there."""
    for part in _parts(ast.parse(source), names):
        for message in messages_in(ast.unparse(part), ""):
            text = " ".join(_VALUE.sub("…", message.plural or message.text).removeprefix("-# ").split())
            if _SENTENCE.search(text):
                yield text


def _parts(tree: ast.Module, names: tuple[str, ...]) -> list[ast.stmt]:
    """Return the statements of a module that count; a name that is not there is a mistake here."""
    if not names:
        return tree.body
    named = {name: statement for statement in tree.body for name in _named(statement)}
    return [named[name] for name in names]


def _named(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
