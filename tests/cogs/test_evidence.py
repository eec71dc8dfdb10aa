"""/mod evidence: what is kept of a request, for the moderators of its server alone."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
import simcord
from simcord.enums import InteractionType

from tests.cogs import forged
from tests.cogs.matrix import Who, people
from tests.cogs.reporting import report, settled, the_image
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.cogs.test_delete import GONE
from tests.cogs.using import said, use
from tests.fakes.gemini import make_jpeg


async def look(stage: Stage, who: simcord.MemberActor, id_: str) -> tuple[Seen, dict[str, Any], list[bytes]]:
    """Use the command; return its answer, what the file says, and the pictures."""
    result = await use(stage, who, "mod evidence", id=id_)
    answer = stage.seen(result.followups[-1] if result.followups else result.response)
    assert answer.flags.ephemeral
    files = {each["filename"]: stage.env.backend.cdn.get(each["url"]) or b"" for each in answer.attachments}
    (told,) = [data for name, data in files.items() if name.endswith(".json")]
    pictures = {name: data for name, data in files.items() if not name.endswith(".json")}
    assert all(name.startswith("SPOILER_") for name in pictures)
    return answer, json.loads(told), list(pictures.values())


async def test_everything_of_a_request_is_there(stage: Stage) -> None:
    sent = ("a.jpg", make_jpeg(64, 64))
    result = await use(stage, stage.alice, "edit", image=sent, instruction="a *hat* for @everyone", size="1K")
    card = await stage.finished(result)
    image = await the_image(stage)
    (job,) = await stage.done(1)
    await report(stage, stage.ben, card, "spam", text="x" * 4000)
    for id_ in (image.id, f" {image.id.upper()} ", job.id):
        answer, data, pictures = await look(stage, stage.mona, id_)
        assert answer.pings == set()
        assert (data["prompt"], data["request"]) == ("a *hat* for @everyone", job.id)
        assert (data["member"], data["channel"]) == (str(stage.alice.id), str(stage.channel.id))
        assert data["server"] == str(stage.guild.id) and data["message"] == str(card.id)
        assert data["settings"]["size"] == "1K" and data["asked_at"] and data["finished_at"]
        assert [item["sha256"] for item in data["references"]] == [job.request.references[0].sha256]
        (made,) = data["pictures"]
        assert made["sha256"] == image.sha256 == hashlib.sha256(card.media[0].data).hexdigest()
        (answered,) = data["answers"]
        assert answered["response_id"] and answered["outputs"][0]["sha256"] == image.sha256
        assert data["cases"][0]["reports"][0]["text"] == "x" * 4000
        assert len(pictures) == 1
    log = await said(stage, stage.mona, "mod log", about="evidence")
    assert log.count("evidence.seen") == 3 and f"<@{stage.alice.id}>" in log


@pytest.mark.parametrize("how", ["removed", "deleted", "failed"])
async def test_what_is_not_shown_any_more_is_evidence(stage: Stage, how: str) -> None:
    if how == "failed":
        from tests.fakes.gemini import refused

        stage.gemini.enqueue(refused(message="No"))
        await stage.picture(prompt="a boat")
        (job,) = await stage.done(1)
        _answer, data, pictures = await look(stage, stage.mona, job.id)
        assert data["failure"]["code"] and pictures == []
    else:
        card = await stage.picture(prompt="a boat")
        image = await the_image(stage)
        if how == "removed":
            await report(stage, stage.ben, card)
            await said(stage, stage.mona, "mod resolve", case="#1", action="remove")
        else:
            await forged.press(stage, stage.alice, card, f"plantain:confirm:image:{image.id}")
        _answer, data, pictures = await look(stage, stage.mona, image.id)
        assert data["pictures"][0]["withheld" if how == "removed" else "deleted_at"]
        assert len(pictures) == 1
    assert data["prompt"] == "a boat"


async def test_what_was_private_is_shown_to_nobody(stage: Stage) -> None:
    await stage.picture(private=True, prompt="my secret boat")
    assert await said(stage, stage.mona, "mod evidence", id=(await the_image(stage)).id) == GONE


@pytest.mark.parametrize("who", [Who.MEMBER, Who.OWNER, Who.STRANGER, Who.DIRECT])
async def test_nobody_else_sees_evidence(stage: Stage, who: Who) -> None:
    """Not those of its server, and not the moderators of another one."""
    await stage.picture(prompt="a boat that nobody else knows")
    image = await the_image(stage)
    place = await people(stage, who)
    inner = {"name": "evidence", "type": 1, "options": forged.options(id=image.id)}
    data = {"id": "1", "name": "mod", "type": 1, "options": [inner]}
    result = await forged.send(
        stage,
        place.person,
        InteractionType.APPLICATION_COMMAND,
        data,
        channel=place.channel,
        guild_id=place.guild_id,
    )
    answer = stage.said(result)
    assert answer == GONE if who is Who.STRANGER else "boat" not in answer
    shown = [message for message in (result.response, *result.followups) if message is not None]
    assert all(not stage.seen(message).attachments for message in shown)


async def test_evidence_of_a_removed_picture_ends_with_its_time(stage: Stage) -> None:
    """However long pictures are kept that nobody removed; what was removed does not come back then either."""
    card = await stage.picture(prompt="a boat")
    image = await the_image(stage)
    await report(stage, stage.ben, card)
    await said(stage, stage.mona, "mod resolve", case="#1", action="remove")
    await settled(stage)
    purges = stage.app.client.surface.privacy.purges
    await purges.now()
    assert (await look(stage, stage.mona, image.id))[2]
    ago = (
        "UPDATE cases SET updated_at = updated_at - 181 * 86400000, decided_at = decided_at - 181 * 86400000"
    )
    async with stage.app.store.engine.transaction() as connection:
        await connection.execute(ago)
    await purges.now()
    assert not stage.app.store.blobs.path(image.sha256).is_file()
    assert await said(stage, stage.mona, "mod evidence", id=image.id) == GONE
    shown = stage.seen((await use(stage, stage.mona, "mod case", case="1")).response)
    assert "its time as evidence is over" in shown.text and "boat" not in shown.text
    assert await said(stage, stage.mona, "mod resolve", case="1", action="restore") == GONE
    async with stage.app.store.reading() as tx:
        assert await tx.images.is_withheld(image.sha256)
