"""From TOML tables to a catalogue, every fault reported at once.

::

    [models."id"]                    a model on offer
    label = "Nano Banana Pro"        what people read; the id when missing
    tier = "pro"                     a name that people may use instead of the id; "" or missing for none
    family = "nano-banana-pro"       models whose thought signatures mean something to each other
    ratios = ["1:1", "16:9"]
    send_size = true                 false: the only size is the model's own and is left out of the call
    seed = true                      whether it takes one
    search = false                   whether it can look things up
    thinking = ["minimal", "high"]   levels that can be asked for
    max_inputs = 14                  pictures that one call may carry
    timeout_seconds = 300            after which a call is given up
    sizes = { 1K = 1120, 2K = 1120 } output tokens of one picture; the first is the model's own
    replaced_by = "another id"       the model on offer that takes its place, once this one is shut down
    prices = { prompt = 2, text = 12, image = 120 }    dollars for a million tokens; missing: costs unknown

    [retired."id"]                   a model that was shut down
    on = 2026-10-02
    replaced_by = "another id"       a model on offer
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from bot.domain.catalogue import Catalogue, Model, Prices, Retired, Size
from bot.domain.tables import Table
from bot.errors import ConfigurationError, Fault

T = TypeVar("T")

# An id becomes part of a URL's path and the value of a choice in Discord, which holds 100 characters.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LABEL = re.compile(r"[^\x00-\x1f\x7f]{1,60}")
_TIER = re.compile(r"[a-z][a-z0-9-]{0,19}")
_RATIO = re.compile(r"[1-9][0-9]{0,2}:[1-9][0-9]{0,2}")
_SIZE = re.compile(r"[A-Za-z0-9]{1,12}")
_LEVEL = re.compile(r"[a-z]{1,20}")

_ID_REMEDY = "Write an id of letters, digits, dots and hyphens, at most 100"
_MICROS = 1_000_000  # in a dollar


def parse_catalogue(models: Mapping[str, object], retired: Mapping[str, object]) -> Catalogue:
    """Build the catalogue from its two groups of tables; raise ConfigurationError with every fault."""
    faults: list[Fault] = []
    offered = tuple(_model(model_id, entry, faults) for model_id, entry in models.items())
    gone = tuple(_retired(model_id, entry, faults) for model_id, entry in retired.items())
    faults += _contradictions(offered, gone)
    if faults:
        raise ConfigurationError(faults)
    return Catalogue(offered, gone)


def model_key(model_id: str) -> str:
    """Return how a file names a model's table."""
    return f'models."{model_id}"'


def retired_key(model_id: str) -> str:
    """Return how a file names a retired model's table."""
    return f'retired."{model_id}"'


def _model(model_id: str, entry: object, faults: list[Fault]) -> Model:
    table = Table(model_key(model_id), entry, "Write the model's keys below its heading", faults)
    _check_id(table.key, model_id, faults)
    model = Model(
        id=model_id,
        label=table.text("label", _LABEL, "Write a name of 1 to 60 characters", model_id),
        tier=table.text("tier", _TIER, 'Write a short name in lower case, or ""', "") or None,
        family=table.text("family", _ID, _ID_REMEDY, model_id),
        ratios=table.texts("ratios", _RATIO, 'Write width and height like ["1:1", "16:9"]'),
        sizes=_sizes(table),
        send_size=table.flag("send_size", True),
        seed=table.flag("seed", False),
        max_inputs=table.number("max_inputs", 0, 100, 1),
        prices=_prices(table) if "prices" in table else None,
        timeout=float(table.number("timeout_seconds", 1, 3600, 300)),
        thinking=table.texts("thinking", _LEVEL, 'Write levels like ["minimal", "high"], or []', []),
        search=table.flag("search", False),
        replaced_by=table.text("replaced_by", _ID, _ID_REMEDY, "") or None,
    )
    if not model.send_size and len(model.sizes) > 1:
        table.fault("send_size", "is false, and there is more than one size", "Write true, or keep one size")
    table.finish()
    return model


def _sizes(table: Table) -> tuple[Size, ...]:
    remedy = "Write sizes and their output tokens like { 1K = 1120, 2K = 1680 }"
    sizes = table.table("sizes", remedy)
    if sizes.empty:
        table.fault("sizes", "names no size", remedy)
    for name in sizes.names:
        if not _SIZE.fullmatch(name):
            sizes.fault(name, "is not the name of a size", remedy)
    return tuple(Size(name, sizes.number(name, 1, 1_000_000)) for name in sizes.names)


def _prices(table: Table) -> Prices:
    """Dollars for a million tokens, as people write them, become micro-dollars for a million tokens."""
    remedy = "Write dollars for a million tokens, from 0 to 10000"
    prices = table.table(
        "prices", "Write { prompt = …, text = …, image = … }, in dollars for a million tokens"
    )
    dollars = [prices.amount(name, 10_000, remedy) for name in ("prompt", "text", "image")]
    prices.finish()
    return Prices(*(round(amount * _MICROS) for amount in dollars))


def _retired(model_id: str, entry: object, faults: list[Fault]) -> Retired:
    table = Table(retired_key(model_id), entry, "Write on and replaced_by below its heading", faults)
    _check_id(table.key, model_id, faults)
    retired = Retired(
        id=model_id,
        on=table.day("on", "Write the day of its end like 2026-10-02"),
        replaced_by=table.text("replaced_by", _ID, "Write the id of a model on offer"),
    )
    table.finish()
    return retired


def _check_id(key: str, model_id: str, faults: list[Fault]) -> None:
    if not _ID.fullmatch(model_id):
        faults.append(Fault(key, "is not a model's id", _ID_REMEDY))


def _contradictions(models: Iterable[Model], retired: Iterable[Retired]) -> Iterable[Fault]:
    """What each table for itself cannot see."""
    ids = {model.id for model in models}
    gone = {item.id for item in retired}
    if not ids:
        yield Fault("models", "there is no model left on offer", "Keep at least one that is not hidden")
    for both in sorted(ids & gone):
        yield Fault(retired_key(both), "is a model on offer, too", f"Remove it, or remove {model_key(both)}")
    tiers: dict[str, str] = {}
    for model in models:
        key = f"{model_key(model.id)}.tier"
        if model.tier is None:
            continue
        if model.tier in ids | gone:
            yield Fault(key, f"{model.tier!r} is the id of a model", "Write another name")
        if model.tier in tiers:
            other = model_key(tiers[model.tier])
            yield Fault(key, f"{model.tier!r} is the tier of {other}, too", 'Write tier = "" in one of them')
        tiers.setdefault(model.tier, model.id)
    named: list[tuple[str, str, str | None]]
    named = [(model_key(model.id), model.id, model.replaced_by) for model in models]
    named += [(retired_key(item.id), item.id, item.replaced_by) for item in retired]
    for key, own, target in named:
        if target and (target not in ids or target == own):
            problem = "was shut down itself" if target in gone else "is not on offer"
            yield Fault(
                f"{key}.replaced_by",
                f"{target!r} {'is the model itself' if target == own else problem}",
                f"Write one of: {', '.join(sorted(ids - {own}))}",
            )
