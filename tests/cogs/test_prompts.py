"""Prompts of every kind: what is refused, what is shown, and that it does nothing where it is shown."""

from __future__ import annotations

import logging

import pytest

from tests.cogs import forged
from tests.cogs.stage import Stage

INJECTIONS = {
    "emphasis": "**bold** *it* _u_ ~~gone~~ ||spoiler|| `code` ```block```",
    "mentions": "@everyone @here <@{ben}> <@!{ben}> <@&{role}> <#{channel}>",
    "link": "[a bank](https://evil.example) https://evil.example/path",
    "emoji": "<:party:123456789012345678> <a:party:123456789012345678> :smile:",
    "timestamp": "<t:0:R> </imagine:1> <id:customize>",
    "heading": "# big\n## smaller\n-# small\n> quoted\n>>> all of it\n- a list\n1. numbered",
    "backslash": r"\*not\* \\\_even\_ this\\",
}


@pytest.mark.parametrize("kind", INJECTIONS)
async def test_a_prompt_shows_as_it_was_written_and_does_nothing(stage: Stage, kind: str) -> None:
    prompt = INJECTIONS[kind].format(
        ben=stage.ben.id, role=stage.guild.default_role.id, channel=stage.channel.id
    )
    result = await stage.imagine(prompt=prompt)
    card = stage.answer(result)
    assert card is not None
    states = [card.text]
    seen = await stage.finished(result)
    states.append(seen.text)
    plain = " ".join(prompt.split())
    for state in states:
        line = next(line for line in state.splitlines() if line.startswith("“"))
        assert shown(line) == f"“{plain}”"
        assert not set(unescaped(line)) & set("\\*_~`|[]<>:@#")
    assert seen.pings == set()
    assert [got.text for got in stage.gemini.history] == [prompt]
    assert seen.media[0].description == f"AI-made image: {plain}"


async def test_a_failure_shows_the_prompt_as_it_was_written_too(stage: Stage) -> None:
    from tests.fakes.gemini import refused

    stage.gemini.enqueue(refused(message="No **bold** <@1> @everyone"))
    seen = await stage.picture(prompt="<@1> *x*")
    assert "“\\<\\@1\\> \\*x\\*”" in seen.text
    assert "“No \\*\\*bold\\*\\* \\<\\@1\\> \\@everyone”" in seen.text
    assert seen.pings == set()


def shown(markdown: str) -> str:
    """What Discord shows for text in which everything special is escaped."""
    out, escaped = [], False
    for char in markdown:
        if char == "\\" and not escaped:
            escaped = True
            continue
        out.append(char)
        escaped = False
    return "".join(out)


def unescaped(markdown: str) -> str:
    """The characters that no backslash stands before."""
    out, escaped = [], False
    for char in markdown:
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        else:
            out.append(char)
    return "".join(out)


@pytest.mark.parametrize(
    "prompt",
    ["", " ", "\n\t ", "\u200b\u200d\ufeff", "\x00\x07\x1b", "\u3164\u2800", "\u2066\u2069"],
    ids=["empty", "space", "blank", "zero-width", "control", "filler", "directions"],
)
async def test_a_prompt_without_a_word_is_refused_privately(stage: Stage, prompt: str) -> None:
    result = await forged.command(stage, stage.alice, "imagine", {"prompt": prompt})
    assert result.ephemeral
    assert stage.said(result) == "The prompt is empty. Write what the picture should show."
    await nothing_was_done(stage)


async def test_a_prompt_of_ten_thousand_characters_is_refused_with_the_limit(stage: Stage) -> None:
    result = await forged.command(stage, stage.alice, "imagine", {"prompt": "é" * 10_000})
    assert result.ephemeral
    assert "10,000 characters and 4,000 are allowed" in stage.said(result)
    await nothing_was_done(stage)


async def test_control_characters_are_left_out_and_the_words_kept(stage: Stage) -> None:
    result = await forged.command(stage, stage.alice, "imagine", {"prompt": "a\x00 cat\x1b[31m 👩‍👩‍👧\n🇩🇪"})
    seen = await stage.finished(result)
    assert [got.text for got in stage.gemini.history] == ["a cat[31m 👩‍👩‍👧\n🇩🇪"]
    assert "“a cat\\[31m 👩‍👩‍👧 🇩🇪”" in seen.text


@pytest.mark.parametrize(
    "prompt", ["word " * 799, "*" * 4000, "👩‍👩‍👧" * 799], ids=["words", "stars", "families"]
)
async def test_a_long_prompt_is_shortened_on_the_card_and_nowhere_else(stage: Stage, prompt: str) -> None:
    result = await forged.command(stage, stage.alice, "imagine", {"prompt": prompt})
    seen = await stage.finished(result)
    assert len(seen.text) < 1100
    assert "…”" in seen.text
    assert [got.text for got in stage.gemini.history] == [prompt.strip()]
    assert len(seen.media[0].description or "") <= 1024


async def nothing_was_done(stage: Stage) -> None:
    assert await stage.jobs() == []
    assert await stage.ledger() == {"reserved": {}, "settled": {}}
    assert stage.gemini.history == []
    assert stage.messages() == []


async def test_no_prompt_is_logged(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """Neither of what was made, nor of what was refused by the service or by a rule."""
    from tests.fakes.gemini import refused

    caplog.set_level(logging.INFO)
    await stage.picture(prompt="a quiet zanzibarian harbour")
    stage.gemini.enqueue(refused(message="No zanzibarian ships"))
    await stage.picture(prompt="a zanzibarian ship that nobody draws")
    await stage.imagine(prompt="zanzibarian " * 1000)
    assert [record for record in caplog.records if "is job" in record.getMessage()]
    assert "zanzibarian" not in caplog.text.casefold()


@pytest.mark.parametrize(
    ("prompt", "rule"),
    [
        ("ha" * 30, "the same thing over and over"),
        ("xkcdqw zmnbvcx qwrtplk sdfghjk wrtzpqs", "letters that say nothing"),
    ],
)
async def test_a_prompt_that_says_nothing_is_refused(stage: Stage, prompt: str, rule: str) -> None:
    """Also where the server's own settings put sentences before it."""
    result = await stage.imagine(prompt=prompt)
    assert result.ephemeral and f"breaks a rule here: {rule}." in stage.said(result)
    await nothing_was_done(stage)
