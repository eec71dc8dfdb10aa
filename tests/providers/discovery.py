"""Google's own descriptions of its requests, as JSON schemas, where they lie beside the repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "spec"


def check_request(body: Any, *, file: str) -> None:
    """Check a body against `GenerateContentRequest`; skip where the description is not there."""
    path = FOLDER / file
    if not path.is_file():
        pytest.skip(f"{path} is not there: request bodies are not checked against it")
    schemas = json.loads(path.read_text())["schemas"]
    schema = {
        "$ref": "#/$defs/GenerateContentRequest",
        "$defs": {name: _as_json_schema(value) for name, value in schemas.items()},
    }
    jsonschema.Draft202012Validator(schema).validate(body)


def _as_json_schema(value: Any) -> Any:
    """Translate a schema of a discovery document: its own "$ref" and "any", and no unknown fields."""
    if isinstance(value, list):
        return [_as_json_schema(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return {"$ref": f"#/$defs/{value['$ref']}"}
    kept = {key: value[key] for key in ("type", "enum", "items", "additionalProperties") if key in value}
    if kept.get("type") == "any":
        del kept["type"]
    for key in ("items", "additionalProperties"):
        if key in kept:
            kept[key] = _as_json_schema(kept[key])
    if "properties" in value:
        kept["properties"] = {name: _as_json_schema(item) for name, item in value["properties"].items()}
        kept.setdefault("additionalProperties", False)
    return kept
