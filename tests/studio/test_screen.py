"""What a request is held against before it is accepted, and what becomes of what breaks a rule."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image, ImageOps

from bot.domain.attempts import MINUTE, Attempt
from bot.domain.composition import NO_MORE_TEXT, NO_TEXT, wanted
from bot.domain.jobs import FailureCode, JobState
from bot.domain.privacy import DAY_MS
from bot.domain.requests import Reference
from bot.domain.rules.ruleset import Listed
from bot.domain.server_settings import ServerSettings, ServerState
from bot.domain.standing import Standing
from bot.errors import Gone, InvalidRequest, NotAllowed, RuleBroken, RulePause
from bot.studio.pictures import Person
from bot.studio.words import Words
from tests.fakes.provider import jpeg, pictures
from tests.studio.library import MANAGER, OTHER_GUILD, Shelf, audit_of, library_of, person, settings_of
from tests.studio.test_submit import NOTHING
from tests.studio.world import GUILD, MEMBER, World, make_origin, make_request

KEPT = 30 * DAY_MS

MODERATOR = person(MANAGER, moderator=True)
LIGHTHOUSE = jpeg(1, 320, 200)


async def settings(world: World, guild_id: int = GUILD, **changes: Any) -> None:
    async with world.store.transaction() as tx:
        seen = await tx.settings.of_server(guild_id)
        value = ServerState(guild_id, seen.settings.change(**changes), seen.version + 1)
        await tx.settings.save_server(value)


async def attempts(world: World, guild_id: int = GUILD) -> list[Attempt]:
    async with world.store.reading() as tx:
        return list(await tx.attempts.of_server(guild_id, limit=50))


async def refused(world: World, prompt: str, **origin: Any) -> RuleBroken:
    with pytest.raises(RuleBroken) as error:
        await world.process().submissions.submit(make_request(prompt), make_origin(**origin))
    return error.value


def words_of(world: World, shelf: Shelf | None = None) -> Words:
    return world.moderation(downloads=shelf or Shelf()).words


async def kept(world: World, data: bytes) -> Reference:
    """Keep a picture as intake does, and return how it goes to a provider."""
    async with world.blobs.spool() as spool:
        await spool.write(data)
        sha256, size = await spool.commit()
    return Reference(sha256, "image/jpeg", size)


def copy_of(data: bytes) -> bytes:
    """The same picture mirrored, smaller and encoded again."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        ImageOps.mirror(image).resize((160, 100)).save(out, "JPEG", quality=60)
    return out.getvalue()


# --- words ------------------------------------------------------------------------------------------------


async def test_a_prompt_that_breaks_a_rule_leaves_only_the_evidence(world: World) -> None:
    origin = make_origin()
    with pytest.raises(RuleBroken) as error:
        await world.process().submissions.submit(make_request("h3nt4i of a knight"), origin)
    assert (error.value.rule, error.value.what, error.value.until) == ("sexual", "prompt", None)
    assert "knight" not in str(error.value) and "hentai" not in str(error.value)
    assert await world.everything() == NOTHING
    assert world.provider.history == []
    now = world.clock.now()
    assert await attempts(world) == [
        Attempt(
            id=origin.key,
            guild_id=GUILD,
            channel_id=origin.channel_id,
            member_id=MEMBER,
            at=now,
            rule="sexual",
            entries=("hentai",),
            what="prompt",
            text="h3nt4i of a knight",
            kept_until=now + KEPT,
        )
    ]


async def test_the_frame_is_judged_but_not_what_it_leaves_out(world: World) -> None:
    submissions = world.process().submissions
    await submissions.submit(make_request("a knight", frame=("Leave out: hentai, gore.",)), make_origin())
    with pytest.raises(RuleBroken):
        await submissions.submit(make_request("a knight", frame=("In hentai style.",)), make_origin())
    with pytest.raises(RuleBroken) as error:
        await submissions.submit(make_request("a child", frame=("Everybody is naked.",)), make_origin())
    assert error.value.rule == "minors"


@pytest.mark.parametrize("frame", [NO_TEXT, NO_MORE_TEXT, "As a watercolour on rough paper."])
async def test_what_stands_before_it_gives_no_sense_to_a_prompt(world: World, frame: str) -> None:
    with pytest.raises(RuleBroken) as error:
        await world.process().submissions.submit(make_request("ha" * 30, frame=(frame,)), make_origin())
    assert error.value.rule == "repetition"


def test_sentences_of_ours_are_no_words_of_anybody() -> None:
    assert wanted(("Misty.\nLeave out: fog.", NO_TEXT, NO_MORE_TEXT)) == ["Misty."]


async def test_the_same_interaction_refused_twice_counts_once(world: World) -> None:
    origin = make_origin()
    for _ in range(2):
        with pytest.raises(RuleBroken):
            await world.process().submissions.submit(make_request("hentai"), origin)
    assert len(await attempts(world)) == 1


async def test_what_was_accepted_once_is_not_refused_when_it_is_delivered_again(world: World) -> None:
    submissions, origin = world.process().submissions, make_origin()
    first = await submissions.submit(make_request("pineapple pizza"), origin)
    await words_of(world).add(["pineapple"], Listed.BLOCK, MODERATOR)
    again = await submissions.submit(make_request("pineapple pizza"), origin)
    assert again.repeated and again.job.id == first.job.id
    assert await attempts(world) == []


async def test_a_servers_list_holds_at_once_and_only_there(world: World) -> None:
    submissions, words = world.process().submissions, words_of(world)
    await submissions.submit(make_request("pineapple"), make_origin())
    await words.add(["pine apple", "pineapple"], Listed.BLOCK, MODERATOR)
    with pytest.raises(RuleBroken) as error:
        await submissions.submit(make_request("a p1neapple " + "and more " * 100), make_origin())
    assert error.value.rule == "server_list"
    await submissions.submit(make_request("pineapple"), make_origin(guild_id=OTHER_GUILD))
    await submissions.submit(make_request("pineapple"), make_origin(guild_id=None))
    await words.remove("PINEAPPLE", MODERATOR)
    await submissions.submit(make_request("pineapple"), make_origin())


@pytest.mark.parametrize("guild_id", [GUILD, None])
async def test_what_no_server_allows_is_refused_everywhere(world: World, guild_id: int | None) -> None:
    if guild_id is not None:
        await settings(world, strictness="relaxed", relax_age_restricted=True)
    error = await refused(world, "a nаked сhild", guild_id=guild_id)  # noqa: RUF001 - Cyrillic, on purpose
    assert error.rule == "minors"


async def test_age_restricted_channels_are_relaxed_where_the_server_says_so(world: World) -> None:
    submissions = world.process().submissions
    request = make_request("hentai of a knight", age_restricted=True)
    with pytest.raises(RuleBroken):
        await submissions.submit(request, make_origin())
    await settings(world, relax_age_restricted=True)
    await submissions.submit(request, make_origin())
    with pytest.raises(RuleBroken):
        await submissions.submit(request.evolve(age_restricted=False), make_origin())


async def test_a_server_takes_only_prompts_of_a_length(world: World) -> None:
    await settings(world, longest_prompt=10)
    submissions = world.process().submissions
    await submissions.submit(make_request("x" * 10), make_origin())
    with pytest.raises(InvalidRequest) as error:
        await submissions.submit(make_request("x" * 11), make_origin())
    assert error.value.values == {"length": 11, "limit": 10}


async def test_what_was_looked_up_when_somebody_asked_counts(world: World) -> None:
    await settings(world, longest_prompt=10)
    submissions, long = world.process().submissions, make_request("x" * 11)
    seen = await world.store.read(lambda tx: tx.settings.in_force(MEMBER, GUILD))
    await settings(world, longest_prompt=20)
    with pytest.raises(InvalidRequest):
        await submissions.submit(long, make_origin(), Standing(in_force=seen))
    await submissions.submit(long, make_origin(), Standing())


# --- pauses -----------------------------------------------------------------------------------------------


async def test_repeated_attempts_lead_to_a_pause_that_ends(world: World) -> None:
    await settings(world, pause_after=3, pause_minutes=20)
    untils = [(await refused(world, "hentai")).until for _ in range(3)]
    end = world.clock.now() + 20 * MINUTE
    assert untils == [None, None, end]
    submissions = world.process().submissions
    for prompt in ("a lighthouse", "hentai"):
        with pytest.raises(RulePause) as error:
            await submissions.submit(make_request(prompt), make_origin())
        assert error.value.until == end
    assert len(await attempts(world)) == 3  # what is tried while pausing is not counted
    await submissions.submit(make_request(), make_origin(member_id=MEMBER + 1))
    await submissions.submit(make_request(), make_origin(guild_id=OTHER_GUILD))
    assert (await world.everything())["jobs"] == 2

    await world.clock.sleep(20 * 60)
    await submissions.submit(make_request(), make_origin())


async def test_a_pause_that_ends_in_this_moment_lets_nothing_bad_through(world: World) -> None:
    """The screen refuses it by itself: the gate looks a moment later."""
    await settings(world, pause_after=1)
    await refused(world, "hentai")
    in_force = await world.store.read(lambda tx: tx.settings.in_force(MEMBER, GUILD))
    with pytest.raises(RulePause):
        await world.moderation().screen.screen(make_request("hentai"), make_origin(), in_force)
    assert len(await attempts(world)) == 1


async def test_attempts_that_are_far_apart_do_not_add_up(world: World) -> None:
    await settings(world, pause_after=2)
    for _ in range(3):
        assert (await refused(world, "hentai")).until is None
        await world.clock.sleep(61 * 60)


async def test_a_server_can_do_without_pauses(world: World) -> None:
    await settings(world, pause_after=0)
    for _ in range(8):
        assert (await refused(world, "hentai")).until is None
    await world.process().submissions.submit(make_request(), make_origin())


async def test_evidence_is_forgotten_when_its_time_has_come(world: World) -> None:
    await refused(world, "hentai")
    await world.clock.sleep(KEPT / 1000 + 1)
    await refused(world, "hentai")
    assert len(await attempts(world)) == 1


# --- names ------------------------------------------------------------------------------------------------


async def test_names_are_held_to_the_same_rules(world: World) -> None:
    shelf = Shelf()
    for name in ("hentai", "p0rn"):
        with pytest.raises(RuleBroken) as error:
            await library_of(world, shelf).characters.save(name, person(), sources=[shelf.put(LIGHTHOUSE)])
        assert error.value.what == "character"
    assert shelf.fetched == []
    settings = settings_of(world)
    state = await settings.server(GUILD)
    boss = person(MANAGER, manager=True)
    with pytest.raises(RuleBroken) as error:
        await settings.change_server(boss, state, brand_prefix="Always hentai")
    assert error.value.what == "brand_prefix"
    whats = sorted(attempt.what for attempt in await attempts(world))
    assert whats == ["brand_prefix", "character", "character"]


# --- pictures ---------------------------------------------------------------------------------------------


async def blocked_picture(world: World, guild_id: int | None = GUILD) -> str:
    """Have a picture made and block it; return its job."""
    world.provider.enqueue(pictures(LIGHTHOUSE))
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin(guild_id=GUILD))
    [image] = await world.images(ticket.job.id)
    await world.moderation().blocked.add(image, guild_id, reason="spam", by=MANAGER)
    return ticket.job.id


async def test_references_that_look_like_a_blocked_picture_are_refused(world: World) -> None:
    await blocked_picture(world)
    submissions = world.process().submissions
    copy = await kept(world, copy_of(LIGHTHOUSE))
    with pytest.raises(RuleBroken) as error:
        await submissions.submit(make_request(references=(copy,)), make_origin())
    assert (error.value.rule, error.value.what) == ("blocked_picture", "picture")
    [attempt] = await attempts(world)
    assert attempt.rule == "blocked_picture"
    await submissions.submit(make_request(references=(copy,)), make_origin(guild_id=OTHER_GUILD))
    other = await kept(world, jpeg(2, 320, 200))
    await submissions.submit(make_request(references=(other,)), make_origin())


async def test_what_is_made_from_a_blocked_picture_is_refused(world: World) -> None:
    job_id = await blocked_picture(world)
    [image] = await world.images(job_id)
    with pytest.raises(RuleBroken):
        await world.process().submissions.submit(make_request(parent=image.id), make_origin())


async def test_what_the_operator_blocks_is_blocked_everywhere(world: World) -> None:
    await blocked_picture(world, None)
    copy = await kept(world, copy_of(LIGHTHOUSE))
    for guild_id in (GUILD, OTHER_GUILD, None):
        with pytest.raises(RuleBroken):
            await world.process().submissions.submit(
                make_request(references=(copy,)), make_origin(guild_id=guild_id)
            )


async def test_a_result_that_looks_like_a_blocked_picture_is_paid_kept_and_not_shown(world: World) -> None:
    await blocked_picture(world)
    world.provider.enqueue(pictures(copy_of(LIGHTHOUSE)))
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
    job = await world.job(ticket.job.id)
    assert job.state is JobState.FAILED
    assert job.failure is not None and job.failure.code is FailureCode.WITHHELD
    assert (await world.rows("SELECT SUM(settled_micros) FROM ledger WHERE job_id = :id", id=job.id)) > [(0,)]
    assert await world.ledger(job.id) == [("reserve", 1, 0), ("settle", -1, 1)]
    assert await world.open_reservations() == []
    assert await world.images(job.id) == []
    [answer] = (await world.answers(job.id)).values()
    assert answer.result is not None and world.blobs.path(answer.result.sha256).is_file()
    assert world.notifier.deliveries[-1].files == ()
    assert world.answer_files() == []


async def test_of_several_results_only_the_blocked_one_is_withheld(world: World) -> None:
    await blocked_picture(world)
    world.provider.enqueue(pictures(jpeg(5, 320, 200)), pictures(copy_of(LIGHTHOUSE)))
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(count=2), make_origin())
    job = await world.job(ticket.job.id)
    assert job.state is JobState.SUCCEEDED
    assert await world.ledger(job.id) == [("reserve", 2, 0), ("settle", -2, 2)]
    assert len(await world.images(job.id)) == 1
    assert world.notifier.deliveries[-1].outcome.short_of == 1


async def test_characters_are_not_made_of_blocked_pictures(world: World) -> None:
    await blocked_picture(world)
    shelf = Shelf()
    with pytest.raises(RuleBroken):
        await library_of(world, shelf).characters.save(
            "Mia", person(), sources=[shelf.put(copy_of(LIGHTHOUSE))]
        )


async def test_moderators_block_and_unblock_what_is_in_their_server(world: World) -> None:
    world.provider.enqueue(pictures(LIGHTHOUSE))
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
    [image] = await world.images(ticket.job.id)
    blocked = world.moderation().blocked
    stranger = Person(MANAGER, OTHER_GUILD, 1, moderator=True)
    for who, error in ((person(), NotAllowed), (person(guild_id=None), NotAllowed), (stranger, Gone)):
        with pytest.raises(error):
            await blocked.block(image.id, who, "spam")
    first = await blocked.block(image.id, MODERATOR, "spam " * 100)
    assert await blocked.block(image.id, MODERATOR, "again") == first
    assert len(first.reason) == 300
    assert [item.id for item in await blocked.listed(MODERATOR)] == [first.id]
    assert await blocked.which([image.sha256], GUILD) == {image.sha256: first}
    for who, refusal in ((person(), NotAllowed), (stranger, InvalidRequest)):
        with pytest.raises(refusal):
            await blocked.unblock(first.id, who)
    await blocked.unblock(first.id, MODERATOR)
    assert await blocked.which([image.sha256], GUILD) == {}
    assert [entry.action for entry in await audit_of(world)] == ["picture.blocked", "picture.unblocked"]


# --- the provider's own rules -----------------------------------------------------------------------------


async def test_a_servers_thresholds_go_to_the_provider(world: World) -> None:
    await settings(world, harassment="low", sexually_explicit="off", people="none")
    async with world.running() as process:
        await process.submissions.submit(make_request(), make_origin())
        await process.submissions.submit(make_request(), make_origin(guild_id=None))
    chosen, default = (made.call for made in world.provider.history)
    # More than the operator allows is the loosest that is allowed; the Gemini API takes no wish about people.
    assert chosen.safety == (("harassment", "low"), ("sexually_explicit", "high"))
    assert (chosen.people, default.safety, default.people) == (None, (), None)


async def test_more_than_the_operator_allows_cannot_be_set(world: World) -> None:
    boss = person(MANAGER, manager=True)
    settings = settings_of(world)
    state = await settings.server(GUILD)
    for change in ({"harassment": "off"}, {"people": "adults"}, {"hate_speech": "none"}):
        with pytest.raises(InvalidRequest):
            await settings.change_server(boss, state, **change)
    state = await settings.change_server(boss, state, harassment="low", hate_speech="high")
    assert state.settings == ServerSettings().change(harassment="low", hate_speech="high")
