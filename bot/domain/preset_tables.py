"""From TOML tables to presets, every fault reported at once.

::

    [product-shot]                   what people type
    title = "Studio product shot"
    description = "…"                one line, for lists
    category = "photo"
    ratio = "1:1"                    by itself; missing: the member's
    model = "pro"                    by itself: a tier; missing: the member's
    lettering = true                 its pictures show words
    avoid = ["hands", "clutter"]
    goal = "…"                       parts of the template (`bot.domain.templates`), slots in braces:
    scene = "… on {surface=a matte table} …"
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.domain.presets import AVOID_LIMIT, DESCRIPTION_LIMIT, NAME_LIMIT, Preset
from bot.domain.tables import Table
from bot.domain.templates import Template
from bot.errors import ConfigurationError, Fault, InvalidRequest

PACKAGED_LIMIT = 640  # characters of a packaged template

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_RATIO = re.compile(r"[1-9][0-9]?:[1-9][0-9]?")
_TIER = re.compile(r"[a-z]{1,20}")
_PARTS = ("prefix", "goal", "scene", "camera", "style", "constraints", "suffix")


def parse_presets(tables: Mapping[str, object]) -> tuple[Preset, ...]:
    """Build the presets in the order of the file; raise ConfigurationError with every fault."""
    faults: list[Fault] = []
    presets = tuple(_preset(name, entry, faults) for name, entry in tables.items())
    if faults:
        raise ConfigurationError(faults)
    return presets


def _preset(name: str, entry: object, faults: list[Fault]) -> Preset:
    table = Table(name, entry, "Write the preset's keys below its heading", faults)
    if not _NAME.fullmatch(name) or len(name) > NAME_LIMIT:
        faults.append(Fault(name, "is no name", "Write small letters and digits with hyphens, at most 40"))
    preset = Preset(
        name=name,
        title=table.text("title", _line(NAME_LIMIT), f"Write at most {NAME_LIMIT} characters"),
        description=table.text(
            "description", _line(DESCRIPTION_LIMIT), f"Write at most {DESCRIPTION_LIMIT} characters"
        ),
        category=table.text("category", _TIER, "Write one word"),
        ratio=table.text("ratio", _RATIO, 'Write width and height like "16:9"', "") or None,
        model=table.text("model", _TIER, 'Write a tier like "pro"', "") or None,
        lettering=table.flag("lettering", False),
        avoid=table.texts("avoid", _line(AVOID_LIMIT), "Write a list of short texts", []),
        template=_template(table),
    )
    table.finish()
    return preset


def _template(table: Table) -> Template:
    parts = {part: table.text(part, _line(PACKAGED_LIMIT), "Write one line", "") for part in _PARTS}
    template = Template(**parts)
    try:
        template.checked()
    except InvalidRequest as error:
        table.fault("template", f"is not taken: {error.problem} {error.values}", "Correct its parts")
    if template.length > PACKAGED_LIMIT:
        table.fault("template", f"has {template.length} characters", f"Write at most {PACKAGED_LIMIT}")
    return template


def _line(limit: int) -> re.Pattern[str]:
    return re.compile(rf"[^\x00-\x1f\x7f]{{1,{limit}}}")
