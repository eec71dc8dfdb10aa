"""The scanner against the JSON parser: whatever the document and however it is cut."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import BadAnswer
from bot.providers.scanner import PictureData, PictureEnd, PictureStart, Scanner, Text

MARK = "picture-%d"


def scanned(pieces: Iterable[bytes]) -> tuple[bytes, list[bytes]]:
    """Return the text with numbered marks, and the pictures."""
    scanner, text, is_open = Scanner(), b"", False
    pictures: list[bytes] = []
    for piece in pieces:
        for event in scanner.feed(piece):
            match event:
                case Text(data):
                    assert data and not is_open
                    text += data
                case PictureStart():
                    assert not is_open
                    is_open = True
                    text += json.dumps(MARK % len(pictures)).encode()
                    pictures.append(b"")
                case PictureData(data):
                    assert data and is_open
                    pictures[-1] += data
                case PictureEnd():
                    assert is_open
                    is_open = False
    scanner.close()
    return text, pictures


def cut(body: bytes, places: Iterable[int]) -> list[bytes]:
    ends = sorted({place % (len(body) + 1) for place in places} | {0, len(body)})
    return [body[a:b] for a, b in pairwise(ends)]


# --- documents --------------------------------------------------------------------------------------------

KEYS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["data", "inlineData", "inline_data", "mimeType", "parts", "\\", '"']),
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.sampled_from(["data", "inlineData", '"inlineData":{"data":"', "\\", '\\"', "\\u0022"]),
)


@st.composite
def base64_text(draw: st.DrawFn) -> str:
    data = draw(st.binary(max_size=200))
    text = draw(st.sampled_from([base64.b64encode, base64.urlsafe_b64encode]))(data).decode()
    if draw(st.booleans()):
        text = text.rstrip("=")
    for place in draw(st.lists(st.integers(0, 300), max_size=3)):
        at = place % (len(text) + 1)
        text = text[:at] + draw(st.sampled_from([" ", "\n", "\r\n", "\t"])) + text[at:]
    return text


HOLDERS = st.one_of(
    st.fixed_dictionaries({"mimeType": st.text(max_size=10), "data": base64_text()}),
    st.fixed_dictionaries({"data": base64_text(), "mimeType": st.text(max_size=10)}),
    st.fixed_dictionaries({"data": st.one_of(st.none(), st.integers(), st.lists(st.text()))}),
)
WITH_PICTURE = st.builds(
    lambda name, holder, more: {**more, name: holder},
    st.sampled_from(["inlineData", "inline_data"]),
    HOLDERS,
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2),
)
# A holder is only ever made by WITH_PICTURE, so that each of its strings is base64.
OTHER_KEYS = KEYS.filter(lambda key: key not in {"inlineData", "inline_data"})
DOCUMENTS = st.one_of(
    st.lists(LEAVES, max_size=5),
    st.recursive(
        st.one_of(LEAVES, WITH_PICTURE),
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(OTHER_KEYS, inner, max_size=4)),
        max_leaves=12,
    ).filter(lambda value: isinstance(value, dict | list)),
)


def encoded(value: Any, draw: st.DrawFn) -> str:
    """Write JSON in one of the many ways that are allowed."""
    space = draw(st.sampled_from(["", " ", "\n  ", "\t"]))
    if isinstance(value, dict):
        items = (f"{written(key, draw)}{space}:{space}{encoded(item, draw)}" for key, item in value.items())
        return "{" + space + f",{space}".join(items) + space + "}"
    if isinstance(value, list):
        return "[" + space + f"{space},".join(encoded(item, draw) for item in value) + space + "]"
    return written(value, draw) if isinstance(value, str) else json.dumps(value)


def written(text: str, draw: st.DrawFn) -> str:
    how = draw(st.integers(0, 3))
    if how == 0:
        return json.dumps(text, ensure_ascii=False)
    if how == 1:
        return json.dumps(text).replace("/", "\\/")
    if how == 2:
        return '"' + "".join(f"\\u{unit:04x}" for unit in _utf16(text)) + '"'
    return json.dumps(text)


def _utf16(text: str) -> list[int]:
    data = text.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2)]


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    return encoded(draw(DOCUMENTS), draw).encode("utf-8", "surrogatepass")


def expected(value: Any, pictures: list[bytes]) -> Any:
    """Return what the parser makes of a document, with marks for the pictures that it collects."""
    if isinstance(value, list):
        return [expected(item, pictures) for item in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for key, item in value.items():
        if key in {"inlineData", "inline_data"} and isinstance(item, dict):
            holder = {}
            for name, part in item.items():
                if name == "data" and isinstance(part, str):
                    holder[name] = MARK % len(pictures)
                    pictures.append(decoded(part))
                else:
                    holder[name] = expected(part, pictures)
            result[key] = holder
        else:
            result[key] = expected(item, pictures)
    return result


def decoded(text: str) -> bytes:
    plain = "".join(text.split()).rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


@settings(max_examples=300, deadline=None)
@given(bodies(), st.lists(st.integers(0, 5000), max_size=12))
def test_any_document_cut_anywhere_gives_what_the_parser_sees(body: bytes, places: list[int]) -> None:
    text, pictures = scanned(cut(body, places))
    want_pictures: list[bytes] = []
    whole = body.decode("utf-8", "surrogatepass")
    want = expected(json.loads(whole), want_pictures)
    assert json.loads(text.decode("utf-8", "surrogatepass")) == want
    assert pictures == want_pictures


@settings(max_examples=100, deadline=None)
@given(bodies())
def test_byte_by_byte_is_the_same(body: bytes) -> None:
    assert scanned([body[i : i + 1] for i in range(len(body))]) == scanned([body])


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.lists(st.integers(0, 400), max_size=5))
def test_bytes_that_are_no_json_pass_unharmed(body: bytes, places: list[int]) -> None:
    assert b"inline" not in body
    assert scanned(cut(body, places)) == (body, [])


# --- by hand ----------------------------------------------------------------------------------------------


def test_everything_around_a_picture_stays_byte_for_byte() -> None:
    before = b' {"a" : [1e5 , "\\u0064ata"], "inlineData"\n:\t{ "mimeType":"image/png", "data" : '
    text, pictures = scanned([before + b'"QUJD"' + b' , "x":1 } , "thoughtSignature":"Q\\/=="}\n'])
    assert text == before + b'"picture-0"' + b' , "x":1 } , "thoughtSignature":"Q\\/=="}\n'
    assert pictures == [b"ABC"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"data":"no base64!"}',
        b'{"inlineData":{"more":{"data":"no base64!"}}}',
        b'{"inlineData":[{"data":"no base64!"}]}',
        b'{"inlineData":"data","data":"no base64!"}',
        b'{"inlineData":{"mimeType":"data","x":"no base64!"}}',
        b'{"text":"{\\"inlineData\\":{\\"data\\":\\"no base64!\\"}}"}',
        b'{"parts":[{"thoughtSignature":"no base64!","data":"no base64!"}]}',
        b'{"' + b"k" * 500 + b'":{"data":"no base64!"}}',
    ],
)
def test_data_elsewhere_is_left_alone(body: bytes) -> None:
    assert scanned([body]) == (body, [])


@pytest.mark.parametrize(
    "data",
    [
        "QUJ!",
        "QUJDR",
        "Q",
        "QUJD=",
        "QQ=",
        "QQ===",
        "QQ==QUJD",
        "=QUJ",
        "QUJ\\u00e4",
        'QUJ\\"',
        "QUJ\\\\",
        "QU\0J",
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_what_is_no_base64_is_refused(data: str, size: int) -> None:
    body = ('{"inlineData":{"data":"' + data + '"}}').encode()
    with pytest.raises(BadAnswer):
        scanned(body[i : i + size] for i in range(0, len(body), size))


def test_a_body_that_ends_within_a_picture_is_refused() -> None:
    with pytest.raises(BadAnswer):
        scanned([b'{"inlineData":{"data":"QUJD'])


def test_endless_nesting_is_refused() -> None:
    with pytest.raises(BadAnswer):
        scanned([b"[" * 100_000])


def test_brackets_that_close_nothing_are_no_json() -> None:
    body = b'{}}{"inlineData":{"data":"QUJD"}}'
    assert scanned([body]) == (body, [])
