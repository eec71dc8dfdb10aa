"""Where settings come from: a TOML file, `.env`, the environment. Nothing here decides what a value must be.

`read` collects what was given, remembers which environment variable a value came from, and collects faults
instead of stopping at the first, so that an operator sees all of them at once.
"""

from __future__ import annotations

import difflib
import io
import json
import math
import re
import ssl
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_origin
from urllib.parse import urlsplit

from dotenv.parser import parse_stream
from pydantic import BaseModel

from bot.errors import Fault

PREFIX = "PLANTAIN_"
SECRETS = ("DISCORD_TOKEN", "GEMINI_API_KEY")
_TIER_PREFIX = f"{PREFIX}TIERS__"  # a tier as JSON: PLANTAIN_TIERS__ARTISTS={"daily_images": 50}
DEFAULT_FILE = "config.toml"
FILE_VARIABLE = f"{PREFIX}CONFIG"  # names another file, for every command: what containers mount
DOTENV_FILE = ".env"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")  # libraries read them, in small letters as well
CERTIFICATES = "SSL_CERT_FILE"
TIERS = "tiers"  # the one group of tables whose names the operator chooses

Sections = Mapping[str, type[BaseModel]]
"""The tables that settings have, by name."""

_WORDS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}

_TIER_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,23}")
_TOKEN = re.compile(r"[!#-&(-~]+")  # printable ASCII without spaces and quotes


@dataclass
class Given:
    """What an operator wrote."""

    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    origins: dict[tuple[str, str], str] = field(default_factory=dict)  # (section, key) → variable
    secrets: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read(sections: Sections, config: Path | None, environ: Mapping[str, str], directory: Path) -> Given:
    """Collect the values of all sources, the stronger over the weaker, and the secrets."""
    given = Given()
    dotenv = _read_dotenv(given, directory / DOTENV_FILE)
    named = environ.get(FILE_VARIABLE, "").strip() or dotenv.get(FILE_VARIABLE, "").strip()
    file = config or directory / (named or DEFAULT_FILE)
    if config is not None or named or file.exists():
        _read_file(given, sections, file)
    for source in (dotenv, environ):
        _read_variables(given, sections, source)
    _look_at_libraries(given, environ)
    for name in SECRETS:
        _read_secret(given, name, environ.get(name, "").strip() or dotenv.get(name, "").strip())
    return given


def describe(item: Mapping[str, Any]) -> str:
    """What is wrong, from one entry of pydantic's error list: "is text, not a whole number".

    A number is shown; text never is, because it may be a secret in the wrong place.
    """
    kind, value, limits = item["type"], item["input"], item.get("ctx", {})
    wanted = {
        "int_type": "a whole number",
        "float_type": "a number",
        "finite_number": "a number that ends",
        "bool_type": "true or false",
        "string_type": "text",
        "tuple_type": "a list",
        "path_type": "text",
        "model_type": "a table",
    }.get(kind)
    if kind == "value_error":
        return str(limits["error"])
    if wanted:
        return f"is {_kind(value)}, not {wanted}"
    if kind in {"greater_than", "greater_than_equal"}:
        return f"is too small: {_shown(value)}"
    if kind in {"less_than", "less_than_equal"}:
        return f"is too large: {_shown(value)}"
    if kind == "string_too_short":
        return "is empty"
    if kind == "string_pattern_mismatch":
        return "is not of that form"
    if kind == "literal_error":
        return "is none of the possible values"
    return "cannot be used"


def _shown(value: object) -> str:
    try:
        return f"{value!r:.40}"
    except ValueError:
        return "thousands of digits"  # Python refuses to write such numbers out


def _kind(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case int():
            return "a whole number"
        case float():
            return "a number with a fraction" if math.isfinite(value) else str(value)
        case str():
            return "text"
        case list():
            return "a list"
        case dict():
            return "a table"
        case None:
            return "null"
        case _:
            return "a date or time"


def _read_file(given: Given, sections: Sections, path: Path) -> None:
    def fault(problem: str, remedy: str) -> None:
        given.faults.append(Fault(str(path), problem, remedy))

    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        fault("does not exist", "Name an existing file, or copy config.example.toml")
    except OSError as error:
        fault(f"cannot be read ({error.strerror})", "Make it a file that Plantain may read")
    except UnicodeDecodeError:
        fault("is not UTF-8 text", "Save it as UTF-8")
    except (ValueError, RecursionError) as error:
        # Mostly TOMLDecodeError, which says where: "… (at line 3, column 5)"
        fault(f"is not valid TOML: {error}", "Correct that line")
    else:
        for section, table in content.items():
            _take_table(given, sections, section, table)


def _take_table(given: Given, sections: Sections, section: str, table: object) -> None:
    if section == TIERS and isinstance(table, dict):
        for name, tier in table.items():
            _take_tier(given, name, tier, f"{TIERS}.{name}")
    elif section == TIERS:
        given.faults.append(
            Fault(TIERS, f"is {_kind(table)}, not a table", f"Write [{TIERS}.NAME] and its settings below it")
        )
    elif section not in sections:
        given.faults.append(_unknown(sections, section))
    elif not isinstance(table, dict):
        given.faults.append(
            Fault(section, f"is {_kind(table)}, not a table", f"Write [{section}] and its settings below it")
        )
    else:
        for key, value in table.items():
            if key in sections[section].model_fields:
                given.values.setdefault(section, {})[key] = value
            else:
                given.faults.append(_unknown(sections, f"{section}.{key}"))


def _take_tier(given: Given, name: str, tier: object, origin: str) -> None:
    """Keep a tier under its name as it is compared: in small letters."""
    if not _TIER_NAME.fullmatch(name.lower()):
        given.faults.append(
            Fault(origin, "is no name for a tier", "Use up to 24 letters, digits, hyphens and underscores")
        )
        return
    given.values.setdefault(TIERS, {})[name.lower()] = tier


def _read_dotenv(given: Given, path: Path) -> dict[str, str]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        given.faults.append(
            Fault(str(path), f"cannot be read ({reason})", "Make it a text file with NAME=value")
        )
        return {}
    found: dict[str, str] = {}
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            # Never the line itself: it may well be the one with the token.
            line = f"line {binding.original.line}"
            given.faults.append(Fault(str(path), f"{line} cannot be read", "Write NAME=value"))
        elif binding.key and binding.value is not None:
            found[binding.key] = binding.value
    return found


def _read_variables(given: Given, sections: Sections, variables: Mapping[str, str]) -> None:
    known = {_variable(section, key): (section, key) for section, key in _keys(sections)}
    for name, text in variables.items():
        if name in known:
            section, key = known[name]
            annotation = sections[section].model_fields[key].annotation
            given.values.setdefault(section, {})[key] = _parse(text, annotation)
            given.origins[section, key] = name
        elif name.upper().startswith(_TIER_PREFIX):
            tier = name[len(_TIER_PREFIX) :]
            given.origins[TIERS, tier.lower()] = name
            _take_tier(given, tier, _parse(text, tuple[str]), name)
        elif name.upper().startswith(PREFIX) and name != FILE_VARIABLE:
            near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.7)
            remedy = f"Did you mean {near[0]}?" if near else "Remove it; config.example.toml has all settings"
            given.faults.append(Fault(name, "is not a setting of Plantain", remedy))


def _parse(text: str, annotation: object) -> object:
    """A variable's text as TOML would have given it. What cannot be read stays text, and fails as that."""
    if annotation is bool:
        return _WORDS.get(text.strip().lower(), text)
    optional: dict[object, object] = {int | None: int, float | None: float}
    annotation = optional.get(annotation, annotation)
    if annotation in {int, float} or get_origin(annotation) is tuple:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def _read_secret(given: Given, name: str, value: str) -> None:
    if not value:
        return
    given.secrets[name] = value
    if not _TOKEN.fullmatch(value):
        given.faults.append(
            Fault(
                name,
                "holds a space, a quotation mark or another character that cannot be in it",
                "Copy it again, alone: no quotation marks, no word before it",
            )
        )


def _look_at_libraries(given: Given, environ: Mapping[str, str]) -> None:
    """Find what is no setting of ours, and would break the libraries that read it at the start."""
    for name, value in environ.items():
        if name.upper() in PROXIES and value and not _is_proxy(value):
            # Not the value: it may well hold a password.
            given.faults.append(
                Fault(name, "is no address of a proxy", "Write http://host:port, or take the variable away")
            )
    if file := environ.get(CERTIFICATES):
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=file)
        except OSError:  # also what OpenSSL says of a file without certificates
            remedy = "Name one, such as /etc/ssl/certs/ca-certificates.crt, or take the variable away"
            given.faults.append(Fault(CERTIFICATES, "names no file with certificates", remedy))


def _is_proxy(value: str) -> bool:
    """Whether the libraries can make something of it: they take an address without http://, too."""
    try:
        url = urlsplit(value if "://" in value else f"http://{value}")
        return url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
    except ValueError:
        return False


def _unknown(sections: Sections, name: str) -> Fault:
    """The fault for a key that does not exist, with the one that was probably meant."""
    last = name.rpartition(".")[2]
    if any(word in last.lower() for word in ("token", "api_key", "apikey", "secret", "password")):
        remedy = f"Remove it: secrets are {' and '.join(SECRETS)}, only in the environment or in .env"
        return Fault(name, "is not a setting of Plantain", remedy)
    names = {f"{section}.{key}": f"{section}.{key}" for section, key in _keys(sections)}
    if "." not in name:
        names = {section: f"[{section}]" for section in sections} | {k.partition(".")[2]: k for k in names}
    near = [names[match] for match in difflib.get_close_matches(name, names, n=1, cutoff=0.7)]
    near += [f"{section}.{key}" for section, key in _keys(sections) if key == last]
    remedy = f"Did you mean {near[0]}?" if near else "Remove it; config.example.toml has all settings"
    return Fault(name, "is not a setting of Plantain", remedy)


def _keys(sections: Sections) -> Iterable[tuple[str, str]]:
    return ((section, key) for section, model in sections.items() for key in model.model_fields)


def _variable(section: str, key: str) -> str:
    return f"{PREFIX}{section}__{key}".upper()
