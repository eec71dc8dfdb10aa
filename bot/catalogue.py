"""The model catalogue: the packaged TOML, extended or overridden by an operator's.

An operator's file has the same tables (`bot.domain.catalogue_tables` describes them) and wins:

- keys of a model that is known replace its keys one by one; those of its `prices` do, too, while `sizes`
  and lists are replaced as a whole;
- a model that is not known is added;
- ``hidden = true`` takes a model off the list;
- a ``[retired."id"]`` table ends a model that is packaged, and a ``[models."id"]`` table brings back one
  that is packaged as retired.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.domain.catalogue import Catalogue
from bot.domain.catalogue_tables import model_key, parse_catalogue
from bot.errors import ConfigurationError, Fault

PACKAGED = Path(__file__).with_name("catalogue.toml")


def load_catalogue(extra: Path | None = None) -> Catalogue:
    """Read the packaged catalogue and an operator's; raise ConfigurationError with every fault at once.

    The packaged file is sound by itself, so what is wrong is the operator's, and is reported as such.
    """
    faults: list[Fault] = []
    catalogue = None
    try:
        tables = _read(PACKAGED, faults)
        if extra is not None:
            tables = _laid_over(tables, _read(extra, faults), faults)
        catalogue = parse_catalogue(tables.models, tables.retired)
    except ConfigurationError as error:
        faults += error.faults
    if catalogue is None or faults:
        file = extra or PACKAGED
        raise ConfigurationError(
            [Fault(f"{file}: {fault.key}", fault.problem, fault.remedy) for fault in faults]
        )
    return catalogue


@dataclass(frozen=True, slots=True)
class _Tables:
    """A file's two groups of tables, by id, as they stand in it."""

    models: Mapping[str, object]
    retired: Mapping[str, object]


def _read(path: Path, faults: list[Fault]) -> _Tables:
    """Return what a file holds; raise ConfigurationError where it is no TOML, and note what else is wrong."""
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as exc:
        fault = Fault("the file", f"cannot be read ({exc.strerror})", "Name a file that can be")
        raise ConfigurationError([fault]) from exc
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise ConfigurationError([Fault("the file", f"is not TOML ({exc})", "Correct it")]) from None
    for name, table in content.items():
        if name not in ("models", "retired") or not isinstance(table, dict):
            faults.append(Fault(name, "is not known here", 'Write tables like [models."id"], [retired."id"]'))
            content[name] = {}
    return _Tables(content.get("models", {}), content.get("retired", {}))


def _laid_over(packaged: _Tables, own: _Tables, faults: list[Fault]) -> _Tables:
    hidden = _hidden(own.models, {*packaged.models, *packaged.retired}, faults)
    models = {key: entry for key, entry in packaged.models.items() if key not in own.retired}
    for key, entry in own.models.items():
        models[key] = _overridden(packaged.models.get(key), entry)
    models = {key: entry for key, entry in models.items() if key not in hidden}
    # What is packaged as retired stays so, as far as a model is left to take its place.
    retired = {
        key: redirected
        for key, entry in packaged.retired.items()
        if key not in own.models and (redirected := _redirected(entry, own.retired, models))
    }
    return _Tables(models, {**retired, **own.retired})


def _hidden(models: Mapping[str, object], known: Collection[str], faults: list[Fault]) -> Collection[str]:
    """Return the ids of the models that are taken off the list."""
    found = set()
    for key, entry in models.items():
        hidden = entry.get("hidden", False) if isinstance(entry, dict) else False
        if not isinstance(hidden, bool):
            faults.append(Fault(f"{model_key(key)}.hidden", f"is {hidden!r}", "Write true or false"))
        elif hidden and key not in known:
            faults.append(
                Fault(
                    f"{model_key(key)}.hidden", "names no model that there is", "Correct its id, or remove it"
                )
            )
        if hidden:
            found.add(key)
    return found


def _overridden(packaged: object, own: object) -> object:
    if not isinstance(own, dict):
        return own
    own = {name: value for name, value in own.items() if name != "hidden"}
    if not isinstance(packaged, dict):
        return own
    merged = {**packaged, **own}
    known, prices = packaged.get("prices"), own.get("prices")
    if isinstance(known, dict) and isinstance(prices, dict):
        merged["prices"] = {**known, **prices}
    return merged


def _redirected(entry: object, gone: Mapping[str, object], models: Mapping[str, object]) -> object:
    """Return a packaged retired table with a replacement that is still on offer; None where there is none."""
    if not isinstance(entry, dict):
        return None
    target, seen = entry["replaced_by"], set()
    while target in gone and target not in seen:
        seen.add(target)
        following = gone[target]
        target = following.get("replaced_by") if isinstance(following, dict) else None
    return {**entry, "replaced_by": target} if target in models else None
