"""What Discord claims about an attachment, and what is kept of it with a request."""

from __future__ import annotations

import json

from bot.domain.images import IntakeNote
from bot.domain.requests import Kind, Options, Request, Source
from bot.errors import InputProblem, InputRefused


def test_the_address_is_not_shown() -> None:
    assert "hm=" not in repr(Source("https://cdn.discordapp.com/a?hm=ab", "a.png", 1, None))


def test_what_was_done_to_a_picture_is_kept_with_the_request() -> None:
    remarks = (IntakeNote.FIRST_FRAME, IntakeNote.TINY)
    request = Request(Kind.EDIT, "brighter", Options("model"), remarks=remarks)
    back = Request.from_json(json.loads(json.dumps(request.to_json())))
    assert back == request
    assert [IntakeNote(remark) for remark in back.remarks] == list(remarks)


def test_a_request_from_before_there_were_remarks_has_none() -> None:
    written = Request(Kind.EDIT, "brighter", Options("model")).to_json()
    del written["remarks"]
    assert Request.from_json(written).remarks == ()


def test_a_refusal_keeps_plain_values_and_can_name_its_file() -> None:
    error = InputRefused(InputProblem.TOO_MANY_PIXELS, width=1, height=2, limit=3)
    named = error.naming("a.png")
    assert named.problem is error.problem
    assert json.loads(json.dumps(named.values)) == {"width": 1, "height": 2, "limit": 3, "name": "a.png"}
    assert "name" not in error.values
