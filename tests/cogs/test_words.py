"""/mod words, /mod pictures and /config rules: for whom they are, what they do, and what members are told."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
import simcord
from PIL import Image as Pillow
from PIL import ImageOps
from simcord.enums import InteractionType

from bot.domain.jobs import JobState
from tests.cogs import forged
from tests.cogs.stage import Stage
from tests.cogs.test_prompts import nothing_was_done
from tests.cogs.using import manager, said, use
from tests.fakes.gemini import Picture, Pictures
from tests.fakes.provider import jpeg

NOBODY = "Only moderators of this server can do this."
LIGHTHOUSE = jpeg(1, 320, 200)
DEEP: dict[str, dict[str, Any]] = {
    "mod words add": {"entries": "kiwi"},
    "mod words remove": {"entry": "pineapple"},
    "mod words list": {},
    "mod words test": {"text": "kiwi"},
    "mod words export": {},
    "mod words refused": {},
    "mod pictures block": {"image_id": "k7f3q9z"},
    "mod pictures list": {},
    "mod pictures unblock": {"number": "k7f3q9z"},
}


async def force(stage: Stage, who: simcord.MemberActor, command: str, **values: Any) -> str:
    """Use a command in a group within a group that Discord would not let this person see."""
    group, within, name = command.split()
    inner = {"name": name, "type": 1, "options": forged.options(**values)}
    data = {
        "id": "1",
        "name": group,
        "type": 1,
        "options": [{"name": within, "type": 2, "options": [inner]}],
    }
    return stage.said(await forged.send(stage, who, InteractionType.APPLICATION_COMMAND, data))


async def refused(stage: Stage, prompt: str, who: Any = None) -> str:
    return stage.said(await stage.imagine(who, prompt=prompt))


async def test_a_member_is_told_the_kind_of_rule_and_nothing_is_done(stage: Stage) -> None:
    answer = await refused(stage, "an еrоtiс p1cture of a sсhооlgirl")  # noqa: RUF001 - Cyrillic, on purpose
    assert answer == (
        "This prompt breaks a rule here: sexual content with minors. No server allows this. "
        "Nothing was made or charged."
    )
    await nothing_was_done(stage)
    assert stage.messages() == []


async def test_in_direct_messages_the_same_is_refused(stage: Stage) -> None:
    user = stage.env.create_user("dana")
    assert "No server allows this." in await refused(stage, "a naked child", user)


async def test_a_moderator_edits_the_list_and_members_meet_it(stage: Stage) -> None:
    added = await said(stage, stage.mona, "mod words add", entries="pineapple pizza; Kiwi")
    assert added == "Refused here from now on: `pineapple pizza`, `Kiwi`"
    assert "Already on the list" in await said(stage, stage.mona, "mod words add", entries="kiwi")
    answer = await refused(stage, "a p1neapple-pizza at dusk")
    assert answer == (
        "This prompt breaks a rule here: words that the moderators of this server do not want. "
        "Nothing was made or charged."
    )
    assert "pineapple" not in answer

    allowed = await said(stage, stage.mona, "mod words add", entries="kiwi bird", kind="allow")
    assert allowed == "Allowed here from now on: `kiwi bird`"
    assert (await stage.picture(prompt="a kiwi bird")).media

    shown = await said(stage, stage.mona, "mod words list")
    assert "Refused (2):\n`Kiwi`\n`pineapple pizza`" in shown and "Allowed (1):\n`kiwi bird`" in shown
    assert f"Last changed by <@{stage.mona.id}>" in shown
    found = await said(stage, stage.mona, "mod words list", search="pizza")
    assert "pineapple pizza" in found and "Kiwi" not in found

    tested = await said(stage, stage.mona, "mod words test", text="K I W I")
    assert tested.startswith("It would be refused: words that the moderators") and "||`Kiwi`||" in tested
    assert "Nothing in it breaks" in await said(stage, stage.mona, "mod words test", text="a lime")

    evidence = await said(stage, stage.mona, "mod words refused")
    assert f"<@{stage.alice.id}>" in evidence and "||“a p1neapple-pizza at dusk”||" in evidence

    assert await said(stage, stage.mona, "mod words remove", entry="PINEAPPLE PIZZA") == (
        "`pineapple pizza` is off the list."
    )
    assert (await stage.picture(prompt="pineapple pizza")).media


@pytest.mark.parametrize("command", DEEP)
async def test_members_get_nowhere_even_where_the_commands_are_shown(stage: Stage, command: str) -> None:
    await use(stage, stage.mona, "mod words add", entries="pineapple")
    assert await force(stage, stage.alice, command, **DEEP[command]) == NOBODY
    async with stage.app.store.reading() as tx:
        assert (await tx.words.of_server(stage.guild.id)).version == 1


@pytest.mark.parametrize(("command", "option"), [("words remove", "entry"), ("pictures unblock", "number")])
async def test_pickers_offer_members_nothing(stage: Stage, command: str, option: str) -> None:
    await use(stage, stage.mona, "mod words add", entries="pineapple")
    within, name = command.split()
    focused = {"name": option, "type": forged.STRING, "value": "", "focused": True}
    inner = {"name": name, "type": 1, "options": [focused]}
    data = {"id": "1", "name": "mod", "type": 1, "options": [{"name": within, "type": 2, "options": [inner]}]}
    kind = InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE
    for who, expected in ((stage.alice, []), (stage.mona, ["pineapple"] if within == "words" else [])):
        result = await forged.send(stage, who, kind, data)
        assert [choice["name"] for choice in result.autocomplete_choices or []] == expected


async def test_a_file_goes_in_and_comes_out(stage: Stage) -> None:
    lines = b"pine apple\n\n(ab+)+$\n.*\n+pine apple king\n"
    answer = await said(stage, stage.mona, "mod words import", file=("words.txt", lines))
    assert answer == (
        "3 entries are new.\nThe list has 3 entries now.\n"
        "1 line was left out: it holds no word, or more than 80 characters."
    )
    result = await use(stage, stage.mona, "mod words export")
    assert result.response is not None and result.response.ephemeral
    (file,) = result.response.attachments
    assert file.filename == "words.txt"
    assert await file.read() == b"(ab+)+$\npine apple\n+pine apple king\n"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"word\n" * 100_000, "room for 20,000 entries, and this would be 100,000"),
        (b"\x89PNG\0\0", "This file is not text."),
        (b"\n" * 1000, "The list has 0 entries now."),
    ],
    ids=["long", "binary", "empty"],
)
async def test_a_bad_file_changes_nothing(stage: Stage, data: bytes, expected: str) -> None:
    assert expected in await said(stage, stage.mona, "mod words import", file=("words.txt", data))
    assert (await stage.picture(prompt="a lighthouse, whatever it says")).media


async def test_repeated_attempts_lead_to_a_pause_with_an_end(stage: Stage) -> None:
    gina = manager(stage)
    saved = await said(stage, gina, "config rules", pause_after=2, pause_minutes=45)
    assert "who breaks rules 2 times within an hour pauses for 45 minutes" in saved
    assert "pause" not in await refused(stage, "hentai")
    second = await refused(stage, "h e n t a i")
    assert re.search(r"you pause: nothing is made for you here until <t:\d+:t> \(<t:\d+:R>\)\.$", second)
    assert "you pause" in await refused(stage, "a lighthouse")
    assert (await stage.picture(stage.ben, prompt="a lighthouse")).media


async def test_managers_decide_how_strict_a_server_is(stage: Stage) -> None:
    gina = manager(stage)
    before = await stage.app.client.surface.settings.server(stage.guild.id)
    answer = await said(stage, gina, "config rules")
    assert answer.startswith("Nothing was changed: what the operator of this bot sets is refused")
    assert await stage.app.client.surface.settings.server(stage.guild.id) == before
    await said(stage, gina, "config rules", strictness="strict", longest_prompt=40)
    assert "breaks a rule here: nudity." in await refused(stage, "a nude statue")
    assert "40 are allowed" in await refused(stage, "x" * 41)
    assert "over and over" in await refused(stage, "x" * 35)
    await said(stage, gina, "config rules", strictness="default", longest_prompt=0)
    assert (await stage.picture(prompt="a nude statue" + " x" * 40)).media
    shown = await said(stage, gina, "config show")
    assert "`/config rules` · what the operator of this bot sets is refused" in shown
    assert "`/config safety` · what the image service refuses by itself: harassment: the operator" in shown


async def test_a_servers_thresholds_reach_the_provider(stage: Stage) -> None:
    gina = manager(stage)
    saved = await said(stage, gina, "config safety", harm="hate_speech", threshold="low")
    assert "hate speech: refused when it is a little likely" in saved
    too_loose = await said(stage, gina, "config safety", harm="hate_speech", threshold="off")
    assert too_loose == ("`off` cannot be set here. It takes: `low`, `medium`, `high`, `default`.")
    people = await said(stage, gina, "config rules", people="adults")
    assert people == "The image service of this bot takes no wish about people. Nothing was changed."
    await stage.picture()
    (request,) = stage.gemini.history
    assert request.body["safetySettings"] == [
        {"category": "HARM_CATEGORY_HATE_SPEECH", "threshold": "BLOCK_LOW_AND_ABOVE"}
    ]


async def test_a_blocked_picture_comes_back_by_no_way(stage: Stage) -> None:
    stage.gemini.enqueue(Pictures([Picture(LIGHTHOUSE)]))
    await stage.picture()
    [job] = await stage.jobs()
    [image] = await stage.images(job)
    answer = await said(stage, stage.mona, "mod pictures block", image_id=image.id, reason="an advert")
    number = re.search(r"as number `(\w+)`", answer)
    assert number is not None
    assert "“an advert”" in await said(stage, stage.mona, "mod pictures list")

    copy = io.BytesIO()
    with Pillow.open(io.BytesIO(LIGHTHOUSE)) as original:
        ImageOps.mirror(original).resize((200, 125)).save(copy, "JPEG", quality=70)
    upload = {"image": ("copy.jpg", copy.getvalue()), "instruction": "make it night"}
    result = await stage.ben.slash(stage.channel, "edit", **upload)
    assert stage.said(result).startswith("This picture breaks a rule here: a picture that looks like one")

    stage.gemini.enqueue(Pictures([Picture(copy.getvalue())]))
    seen = await stage.finished(await stage.imagine(stage.ben, prompt="an advert"))
    assert "looks like a picture that moderators have blocked" in seen.text and not seen.media
    [_, withheld] = await stage.jobs()
    assert withheld.state is JobState.FAILED
    assert (await stage.ledger())["settled"] == {stage.alice.id: 1, stage.ben.id: 1}

    gone = await said(stage, stage.mona, "mod pictures unblock", number=number[1])
    assert gone == f"Number `{number[1]}` is not blocked any more."
    stage.gemini.enqueue(Pictures([Picture(copy.getvalue())]))
    assert (await stage.picture(stage.ben, prompt="an advert")).media


async def test_a_picture_that_is_not_there_cannot_be_blocked(stage: Stage) -> None:
    for image_id in ("k7f3q9z", "../../x", "%"):
        answer = await said(stage, stage.mona, "mod pictures block", image_id=image_id)
        assert answer.startswith("This picture is not there any more")
    answer = await said(stage, stage.mona, "mod pictures unblock", number="k7f3q9z")
    assert answer.startswith("No blocked picture of this server has the number `k7f3q9z`.")
