"""The parts of the fake Discord that have rules of their own: the form reader and the limits of messages."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.discord.errors import ApiError
from tests.fakes.discord.multipart import BadForm, Blobs, read_form
from tests.fakes.discord.rules import check_body

BOUNDARY = "b0undary"
# Bytes that look like the beginning of a boundary are what a reader in pieces gets wrong.
pieces = st.sampled_from(
    [b"\r", b"\n", b"\r\n", b"\r\n--", b"\r\n--b0undar", b"--b0undary", b"x", b"\0" * 90]
)
bodies = st.lists(pieces, max_size=12).map(b"".join).filter(lambda body: b"\r\n--b0undary" not in body)


def form(files: list[bytes]) -> bytes:
    parts = [b'--b0undary\r\nContent-Disposition: form-data; name="payload_json"\r\n\r\n{"a": 1}\r\n']
    for number, body in enumerate(files):
        head = (
            f'--b0undary\r\nContent-Disposition: form-data; name="files[{number}]"; filename="f {number}.png"'
        )
        parts.append(head.encode() + b"\r\nContent-Type: image/png\r\n\r\n" + body + b"\r\n")
    return b"".join([*parts, b"--b0undary--\r\n"])


async def chunks(raw: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(raw), size):
        yield raw[start : start + size]


@given(st.lists(bodies, max_size=4), st.integers(1, 200))
async def test_a_form_is_read_the_same_in_pieces_of_any_size(files: list[bytes], size: int) -> None:
    read = await read_form(chunks(form(files), size), BOUNDARY, Blobs(keep=True))
    assert read.fields == {"payload_json": b'{"a": 1}'}
    assert [file.data for file in read.files] == files
    assert [(file.name, file.filename) for file in read.files] == [
        (f"files[{number}]", f"f {number}.png") for number in range(len(files))
    ]
    assert [file.digest for file in read.files] == [hashlib.sha256(body).hexdigest() for body in files]


async def test_a_form_that_ends_early_is_refused() -> None:
    with pytest.raises(BadForm):
        await read_form(chunks(form([b"abc"])[:-12], 64), BOUNDARY, Blobs(keep=False))


def button(custom_id: str) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "x", "custom_id": custom_id}


def words(size: int) -> dict[str, Any]:
    return {"type": 10, "content": "x" * size}


def row(*items: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(items)}


@pytest.mark.parametrize(
    ("content", "embeds", "components", "v2", "fault"),
    [
        ("x" * 2001, [], [], False, "BASE_TYPE_MAX_LENGTH"),
        ("x", [], [words(1)], True, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"),
        ("", [{"title": "x"}], [words(1)], True, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"),
        ("", [], [words(1)], False, "UNION_TYPE_CHOICES"),
        ("", [], [words(4000), words(1)], True, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"),
        ("", [], [words(1)] * 41, True, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"),
        ("", [], [row(button("a")), row(button("a"))], True, "COMPONENT_CUSTOM_ID_DUPLICATED"),
        ("", [], [row(button("a" * 101))], False, "BASE_TYPE_BAD_LENGTH"),
        ("", [], [row(*(button(str(n)) for n in range(6)))], False, "BASE_TYPE_BAD_LENGTH"),
        ("", [{"description": "x" * 3001}] * 2, [], False, "MAX_EMBED_SIZE_EXCEEDED"),
    ],
)
def test_a_message_over_a_limit_is_refused(
    content: str, embeds: list[Any], components: list[Any], v2: bool, fault: str
) -> None:
    with pytest.raises(ApiError) as refused:
        check_body(content, embeds, components, v2=v2)
    assert (refused.value.status, refused.value.code) == (400, 50035)
    assert fault in str(refused.value.errors)


def test_a_message_within_the_limits_passes() -> None:
    gallery = {"type": 12, "items": [{"media": {"url": "attachment://a.png"}}]}
    inner = [words(4000), gallery, row(*(button(str(n)) for n in range(5)))]
    check_body("", [], [{"type": 17, "components": inner}], v2=True)
    check_body("x" * 2000, [{"description": "x" * 4000}], [row(button("a"))], v2=False)
