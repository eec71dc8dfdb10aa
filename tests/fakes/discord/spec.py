"""Request bodies checked against Discord's own OpenAPI description, which lies beside the project, not in it.

Its schemas leave room for unknown keys; here every object is closed, so that a misspelt key is a problem.
What it is too strict about is relaxed: discord.py sends attachment ids as integers, `nsfw` with commands,
`tts` with edits and media channels (16) among channel types; the real service accepts all of these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from .rest import Recorded
from .values import Json

PATH = Path(__file__).parents[4] / "shared" / "spec" / "discord-openapi.json"
_URI = "urn:discord"
_TOLERATED = {"nsfw": re.compile(r"^ApplicationCommand"), "tts": re.compile(r"Update|Edit|Interaction")}


class Specification:
    """Discord's description, ready to check with."""

    def __init__(self, document: Json) -> None:
        self._document = document
        _relax(document["components"]["schemas"])
        self._registry: Registry[Any] = Registry().with_resource(_URI, DRAFT202012.create_resource(document))
        self._validators: dict[str, Draft202012Validator] = {}

    @classmethod
    def load(cls, path: Path = PATH) -> Self | None:
        """Read the description; None where the file is absent."""
        return cls(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None

    def problems(self, requests: Iterable[Recorded]) -> list[str]:
        """What is wrong with the requests, a line each: unknown paths, bodies that do not fit."""
        # A bot that starts two hundred times publishes the same commands two hundred times.
        different = {f"{each.host} {each.method} {each.path} {each.payload!r}": each for each in requests}
        return [problem for request in different.values() for problem in self._check(request)]

    @cached_property
    def _paths(self) -> list[tuple[re.Pattern[str], str]]:
        # Fixed words before variables: /webhooks/…/messages/@original before /messages/{message_id}.
        ordered = sorted(self._document["paths"], key=lambda template: template.count("{"))
        return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", template)), template) for template in ordered]

    def _check(self, request: Recorded) -> Iterator[str]:
        if request.host != "discord.com":
            return
        template = next((t for pattern, t in self._paths if pattern.fullmatch(request.path)), None)
        operation = self._document["paths"].get(template, {}).get(request.method.lower())
        if template is None or operation is None:
            yield f"{request.method} {request.path}: Discord has no such operation"
            return
        if request.payload is None:
            return
        pointer = "/".join(
            part.replace("~", "~0").replace("/", "~1")
            for part in (
                "paths",
                template,
                request.method.lower(),
                "requestBody",
                "content",
                "application/json",
            )
        )
        if "requestBody" not in operation:
            yield f"{request.method} {template}: takes no body, got {request.payload!r}"
            return
        for error in self._validator(f"{_URI}#/{pointer}/schema").iter_errors(request.payload):
            deepest = _deepest(error)
            yield f"{request.method} {template}: {deepest.json_path}: {deepest.message[:400]}"

    def _validator(self, reference: str) -> Draft202012Validator:
        if reference not in self._validators:
            schema = {"$ref": reference.replace("{", "%7B").replace("}", "%7D")}
            self._validators[reference] = Draft202012Validator(schema, registry=self._registry)
        return self._validators[reference]


def _deepest(error: ValidationError) -> ValidationError:
    """The fault itself instead of "fits none of these": follow the alternative of the right `type`."""
    branches: dict[Any, list[ValidationError]] = {}
    for each in error.context or ():
        branches.setdefault(each.schema_path[0], []).append(each)
    for errors in branches.values():
        if not any(list(each.path) == ["type"] or each.validator == "type" for each in errors):
            return _deepest(errors[0])
    return error


def _relax(schemas: Json) -> None:
    schemas["SnowflakeType"] = {"type": ["string", "integer"], "pattern": r"^(0|[1-9][0-9]*)$"}
    for name, schema in schemas.items():
        if isinstance(schema, dict) and "properties" in schema and "additionalProperties" not in schema:
            schema["additionalProperties"] = False
            for key, where in _TOLERATED.items():
                if where.search(name):
                    schema["properties"].setdefault(key, {})
    schemas["ChannelTypes"]["oneOf"].append({"title": "GUILD_MEDIA", "const": 16})
    nonce = schemas["MessageCreateRequest"]["properties"]["nonce"]
    nonce["anyOf"] = nonce.pop("oneOf")
