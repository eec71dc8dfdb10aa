"""The same picture under several ids: what moderators decide about one holds for all of its server."""

from __future__ import annotations

from typing import Any

import pytest
import simcord

from bot.domain.images import Image, Withheld
from bot.domain.jobs import JobState
from tests.cogs import forged
from tests.cogs.galleries import gallery, offered, shown
from tests.cogs.reporting import (
    HIDDEN,
    REMOVED,
    card_at,
    cases_of,
    open_desk,
    report,
    reported,
    set_threshold,
    settled,
    told,
)
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.cogs.test_delete import GONE
from tests.cogs.test_show import UNKNOWN, show
from tests.cogs.using import said, use
from tests.fakes.gemini import Picture, make_jpeg

SAME = make_jpeg(96, 64, seed=7)
NOT_AGAIN = "A picture that this would be made from was removed, so it cannot be used."


async def made(stage: Stage, who: Any = None, place: Any = None, **options: Any) -> tuple[Seen, Image]:
    """Have the picture made once more; return its card and its image."""
    stage.gemini.enqueue(Picture(SAME))
    number = len(await stage.jobs())
    who = who or stage.alice
    result = await who.slash(place or stage.channel, "imagine", prompt="a lighthouse", **options)
    card = await stage.finished(result)
    (image,) = await stage.images((await stage.done(number + 1))[number])
    return card, image


async def resolve(stage: Stage, action: str, case: str = "#1") -> None:
    await said(stage, stage.mona, "mod resolve", case=case, action=action)
    await settled(stage)


def elsewhere(stage: Stage) -> tuple[simcord.ChannelHandle, simcord.MemberActor, simcord.MemberActor]:
    """Another server: a channel of it, Alice there, and somebody who is nowhere else."""
    guild = stage.env.create_guild("Elsewhere")
    channel = guild.create_text_channel("lobby")
    return channel, guild.add_member(stage.alice.user), guild.add_member(stage.env.create_user("carl"))


async def press(stage: Stage, card: Seen, custom_id: str) -> str:
    return stage.said(await forged.press(stage, stage.ben, card, custom_id))


@pytest.mark.parametrize("reason", ["spam", "minors"])
async def test_all_of_them_are_withheld_and_come_back(stage: Stage, reason: str) -> None:
    lobby, _alice, carl = elsewhere(stage)
    card, _image = await made(stage)
    (other, twin), (private, _own) = await made(stage, stage.ben), await made(stage, private=True)
    foreign, _theirs = await made(stage, carl, lobby)
    copy = shown(stage, await show(stage, twin))
    await stage.until(lambda: copy.media, "a copy")
    everywhere = (card, other, private, copy)
    assert (await reported(stage, stage.ben, card, reason)).startswith("Thank you")
    if reason == "spam":
        await resolve(stage, "remove")
    await settled(stage)
    notice = REMOVED if reason == "spam" else HIDDEN
    assert all(notice in seen.text and not seen.media and not seen.buttons for seen in everywhere)
    assert [item.data for item in foreign.media] == [SAME]
    assert offered(await gallery(stage, stage.ben)) == []
    assert stage.said(await show(stage, twin, stage.ben)) == UNKNOWN
    calls = len(stage.gemini.history)
    for action in ("vary", "edit", "thread", "finish"):
        assert await press(stage, other, f"plantain:{action}:image:{twin.id}") == GONE
    assert len(stage.gemini.history) == calls
    await resolve(stage, "restore" if reason == "spam" else "dismiss")
    assert [[item.data for item in seen.media] for seen in everywhere] == [[SAME]] * 4
    assert offered(await gallery(stage, stage.ben)) == [twin.id]


async def test_what_comes_back_unchanged_is_not_shown_and_is_paid(stage: Stage) -> None:
    """A model may give back what it was given, or what it made before."""
    card, image = await made(stage)
    await reported(stage, stage.ben, card)
    await resolve(stage, "remove")
    later, again = await made(stage, stage.ben)
    assert (REMOVED in later.text, later.media, later.buttons) == (True, [], {})
    assert again.sha256 == image.sha256
    job = (await stage.jobs())[-1]
    assert job.state is JobState.SUCCEEDED
    assert (await stage.ledger())["settled"] == {stage.alice.id: 1, stage.ben.id: 1}
    assert offered(await gallery(stage, stage.ben)) == []
    await resolve(stage, "restore")
    assert [item.data for item in later.media] == [SAME]


async def test_its_file_is_not_sent_to_the_model_again(stage: Stage) -> None:
    """By nobody where it was removed, nor by its maker anywhere; elsewhere nobody learns of it."""
    lobby, alice_there, carl = elsewhere(stage)
    card, _image = await made(stage)
    posted = card.media[0].data
    await reported(stage, stage.ben, card)
    await resolve(stage, "remove")
    calls = len(stage.gemini.history)

    async def edit(who: Any, place: Any = None) -> simcord.InteractionResult:
        wanted: dict[str, Any] = {"image": ("x.jpg", posted), "instruction": "brighter"}
        if isinstance(who, simcord.UserHandle):
            direct: simcord.InteractionResult = await who.slash("edit", **wanted)
            return direct
        there: simcord.InteractionResult = await who.slash(place or stage.channel, "edit", **wanted)
        return there

    for who, place in (
        (stage.alice, None),
        (stage.ben, None),
        (alice_there, lobby),
        (stage.alice.user, None),
    ):
        assert stage.said(await edit(who, place)) == NOT_AGAIN
    character = await use(stage, stage.ben, "character save", name="Mia", image1=("x.jpg", posted))
    assert stage.said(character) == NOT_AGAIN
    assert len(stage.gemini.history) == calls
    for who, place in ((carl, lobby), (stage.ben.user, None)):
        assert (await stage.finished(await edit(who, place))).media
    assert len(stage.gemini.history) == calls + 2
    await resolve(stage, "restore")
    assert (await stage.finished(await edit(stage.ben))).media


async def test_what_was_made_of_it_in_another_server_does_not_send_it_again(stage: Stage) -> None:
    lobby, alice_there, carl = elsewhere(stage)
    card, image = await made(stage)
    copy = shown(stage, await show(stage, image, alice_there, lobby))
    await stage.until(lambda: copy.media, "a copy there")
    form = await alice_there.click(copy.message, label="Edit")
    child = await stage.finished(await alice_there.submit_modal(form, {"instruction": "brighter"}))
    await reported(stage, stage.ben, card)
    await resolve(stage, "remove")
    calls = len(stage.gemini.history)
    assert stage.said(await carl.click(child.message, label="Vary")) == NOT_AGAIN
    assert len(stage.gemini.history) == calls
    assert child.media  # what was made of it was not removed
    assert REMOVED in copy.text


async def test_the_desk_is_told_and_the_strictest_decision_counts(stage: Stage) -> None:
    desk = await open_desk(stage)
    (card, _image), (other, _twin) = await made(stage), await made(stage, stage.ben)
    await reported(stage, stage.ben, card)
    first = await card_at(stage, desk, "Case #1")
    assert "The same picture is here in 1 other image: what you decide holds for it, too." in first.text
    await report(stage, stage.alice, other)
    second = await card_at(stage, desk, "Case #2")
    assert "Cases about the same picture: #1 (open). The strictest decision counts." in second.text
    await resolve(stage, "remove")
    assert "Cases about the same picture: #1 (removed)" in second.text
    await resolve(stage, "dismiss", "#2")
    assert "Cases about the same picture: #2 (dismissed)" in first.text
    assert REMOVED in card.text and REMOVED in other.text
    await resolve(stage, "restore")
    assert [len(seen.media) for seen in (card, other)] == [1, 1]


async def test_reports_of_one_do_not_end_with_the_case_of_another(stage: Stage) -> None:
    (card, _image), (other, twin) = await made(stage), await made(stage, stage.ben)
    await reported(stage, stage.mona, card)
    await report(stage, stage.mona, other)
    form = await stage.alice.click(other.message, label="Report")
    await set_threshold(stage, 2)
    await reported(stage, stage.ben, card)
    await settled(stage)
    assert HIDDEN in card.text and HIDDEN in other.text
    # Hidden by the first case, and then for its own reports: those wait for an answer of their own.
    async with stage.app.store.reading() as tx:
        before = await tx.images.get(twin.id)
    assert before is not None and (before.withheld, before.judged) == (Withheld.HIDDEN, None)
    await stage.alice.submit_modal(form, {"reason": "hate"})
    await resolve(stage, "dismiss", "#1")
    assert HIDDEN in card.text and HIDDEN in other.text
    await resolve(stage, "dismiss", "#2")
    assert card.media and other.media


async def test_what_moderators_found_may_stay_is_not_hidden_by_reports_under_another_id(stage: Stage) -> None:
    (card, _image), (other, _twin) = await made(stage), await made(stage, stage.ben)
    await reported(stage, stage.ben, card)
    await resolve(stage, "dismiss")
    assert "hidden" not in await reported(stage, stage.alice, other, "minors")
    await settled(stage)
    assert card.media and other.media
    assert [case.number for case in await cases_of(stage)] == [2]
    assert told(stage, stage.alice) == []
