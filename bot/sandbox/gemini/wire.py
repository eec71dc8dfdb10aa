"""Reading protobuf-flavoured JSON: known names, the right types, base64 in either alphabet.

Every fault is the 400 that Google's front end answers, with the path of the field in snake case.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection
from typing import Any

from bot.sandbox.gemini.errors import bad_request

_URL_SAFE = str.maketrans("-_", "+/")
_UNDERSCORE = re.compile(r"(?<=[a-z0-9])_([a-z0-9])")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def read_object(raw: bytes) -> dict[str, Any]:
    """The JSON object of a request body, its names in camel case.

    Protobuf takes both spellings of a name, and google-genai sends both.
    """
    try:
        body = json.loads(raw, object_pairs_hook=_with_camel_names)
    except RecursionError:
        raise bad_request("Invalid JSON payload received. Nesting is too deep.") from None
    except ValueError as exc:
        raise bad_request(f"Invalid JSON payload received. {exc}") from None
    if not isinstance(body, dict):
        raise bad_request('Invalid JSON payload received. Unknown name "": Root element must be a message.')
    return body


def snake(name: str) -> str:
    """`imageConfig` → `image_config`, as Google names fields in its errors."""
    return _HUMP.sub("_", name).lower()


def _with_camel_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {_UNDERSCORE.sub(lambda match: match[1].upper(), name): value for name, value in pairs}


def only_known(value: dict[str, Any], known: Collection[str], path: str) -> None:
    """Refuse a field that the message at `path` does not have."""
    for name in value:
        if name not in known:
            where = f" at '{path}'" if path else ""
            raise bad_request(
                f'Invalid JSON payload received. Unknown name "{name[:80]}"{where}: Cannot find field.', path
            )


def message(parent: dict[str, Any], name: str, known: Collection[str], path: str = "") -> dict[str, Any]:
    """The message in field `name` ({} where it is absent), with only known fields."""
    value = parent.get(name)
    if value is None:
        return {}
    where = f"{path}.{snake(name)}" if path else snake(name)
    if not isinstance(value, dict):
        raise bad_request(f"Invalid value at '{where}' (oneof), expected a message", where)
    only_known(value, known, where)
    return value


def items(parent: dict[str, Any], name: str, path: str = "") -> list[Any]:
    """The repeated field `name` ([] where it is absent)."""
    value = parent.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        where = f"{path}.{snake(name)}" if path else snake(name)
        raise bad_request(f"Invalid value at '{where}', expected a list", where)
    return value


def text(parent: dict[str, Any], name: str, path: str) -> str | None:
    """The string in field `name`; None where it is absent."""
    value = parent.get(name)
    if value is None:
        return None
    where = f"{path}.{snake(name)}"
    if not isinstance(value, str):
        raise bad_request(f"Invalid value at '{where}' (TYPE_STRING), {json.dumps(value)[:80]}", where)
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        raise bad_request(f"Invalid value at '{where}' (TYPE_STRING), not valid UTF-8", where) from None
    return value


def data(parent: dict[str, Any], name: str, path: str) -> bytes | None:
    """The bytes in field `name`; None where it is absent. Both base64 alphabets, padding optional."""
    value = text(parent, name, path)
    if value is None:
        return None
    plain = value.translate(_URL_SAFE) if "-" in value or "_" in value else value
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        where = f"{path}.{snake(name)}"
        problem = f"Invalid value at '{where}' (TYPE_BYTES), Base64 decoding failed for \"{value[:40]}\""
        raise bad_request(problem, where) from None
