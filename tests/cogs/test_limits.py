"""/config caps, tiers, roles, models, channels, grant, revoke, reset: what managers set, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
import simcord

from bot.domain.audit import AuditEntry
from bot.domain.server_limits import ServerLimits
from cogs.limit_buttons import Act
from cogs.limit_menus import Choice
from tests.cogs import forged
from tests.cogs.limit_entrances import button, menu, press
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.cogs.test_prompts import nothing_was_done
from tests.cogs.using import force, manager, panel, said, use

PRO = "gemini-3-pro-image"
LITE = "gemini-3.1-flash-lite-image"
ROLE_SELECT = 6
NOT_A_MANAGER = "Only people with the permission Manage Server can do this."


async def kept(stage: Stage) -> ServerLimits:
    async with stage.app.store.reading() as tx:
        return (await tx.limits.of_server(stage.guild.id)).limits


async def audit(stage: Stage) -> list[AuditEntry]:
    async with stage.app.store.reading() as tx:
        return list(await tx.audit.of_server(stage.guild.id, limit=50))


def menu_of(seen: Seen, choice: Choice) -> str:
    """The custom_id of a menu as the panel shows it now."""
    ids = [str(item.get("custom_id", "")) for item in seen._walk()]
    (found,) = [custom_id for custom_id in ids if custom_id.startswith(f"plantain:limit:{choice}:")]
    return found


async def choose(
    who: simcord.MemberActor, seen: Seen, choice: Choice, *values: Any
) -> simcord.InteractionResult:
    return await who.select(seen.message, list(values), custom_id=menu_of(seen, choice))


async def fill(who: simcord.MemberActor, seen: Seen, label: str, **values: Any) -> simcord.InteractionResult:
    """Press a button of a panel and send the form that it shows."""
    return await who.submit_modal(await who.click(seen.message, label=label), values)


# --- panels -----------------------------------------------------------------------------------------------


async def test_caps_are_set_in_a_form_and_hold_at_once(stage: Stage) -> None:
    gina = manager(stage)
    seen = panel(stage, await use(stage, gina, "config caps"))
    assert "Each member may make 20 images a day." in seen.text
    assert "The server has no limit of its own." in seen.text
    await fill(gina, seen, "Daily caps", daily_images="2", daily_micros="2,50", carry_over="")
    assert "Each member may make 2 images a day, for at most $2.50." in seen.text
    await fill(gina, seen, "Caps of the month", monthly_images="3", monthly_micros="")
    assert "The server may make 3 images a month." in seen.text
    await stage.picture(count=2)
    refusal = stage.said(await stage.imagine())
    assert refusal.startswith("The daily limit is 2 images for each member. You have used 2, 0 images left.")
    refusal = stage.said(await stage.imagine(stage.ben, count=2))
    assert "This server's limit is 3 images a month for all of its members, and 1 image left." in refusal
    assert "It starts again at <t:" in refusal
    (everyone,) = (await kept(stage)).tiers
    assert (everyone.daily_images, everyone.daily_micros) == (2, 2_500_000)
    entries = {entry.target: entry for entry in await audit(stage)}
    assert set(entries) == {"monthly_images", "tier everyone"}
    assert {(entry.action, entry.actor_id) for entry in entries.values()} == {("limits.changed", gina.id)}
    assert entries["monthly_images"].data == {"monthly_images": [None, 3]}


async def test_a_budget_below_what_is_spent_is_said_to_be_used_up(stage: Stage) -> None:
    await stage.picture(count=2)
    gina = manager(stage)
    seen = panel(stage, await use(stage, gina, "config caps"))
    await fill(gina, seen, "Caps of the month", monthly_images="", monthly_micros="0.01")
    assert "**That is all of it: nothing more is made here until then.**" in seen.text
    refusal = stage.said(await stage.imagine())
    assert refusal.startswith("This server's limit is $0.01 a month: $0.000 left, and this costs about $0.03")


@pytest.mark.parametrize(
    "typed",
    ["-1", "2.5", "1e9", "NaN", "inf", "\uff19", "1000001", "9" * 20, "two", "0x10", "1_000", "\u0663"],
)
async def test_a_number_that_is_none_changes_nothing(stage: Stage, typed: str) -> None:
    gina = manager(stage)
    seen = panel(stage, await use(stage, gina, "config caps"))
    result = await fill(gina, seen, "Daily caps", daily_images=typed)
    assert "cannot be set here. Write a whole number from 0 to 1,000,000." in stage.said(result)
    assert await kept(stage) == ServerLimits()
    assert await audit(stage) == []


@pytest.mark.parametrize("typed", ["-0.01", "NaN", "1e3", "100000.01", "1.2.3", "1,000.5"])
async def test_an_amount_that_is_none_changes_nothing(stage: Stage, typed: str) -> None:
    gina = manager(stage)
    seen = panel(stage, await use(stage, gina, "config caps"))
    result = await fill(gina, seen, "Caps of the month", monthly_micros=typed)
    assert "cannot be set here. Write an amount from 0 to 100,000, such as 2.50." in stage.said(result)
    assert await kept(stage) == ServerLimits()


async def test_a_tier_is_made_filled_mapped_to_a_role_and_removed(stage: Stage) -> None:
    gina = manager(stage)
    artists = stage.guild.create_role("Artists")
    painter = stage.guild.add_member(stage.env.create_user("paula"), roles=[artists])
    await use(stage, gina, "config caps")
    seen = panel(stage, await use(stage, gina, "config tiers"))
    await fill(gina, seen, "New tier", name="Artists")
    assert "**artists** · as this server set it" in seen.text
    await fill(gina, seen, "Daily caps", daily_images="50")
    await fill(gina, seen, "Queue and conversations", concurrency="4", priority="5", thread_turns="30")
    await choose(gina, seen, Choice.TIER_SIZE, "4K")
    await choose(gina, seen, Choice.TIER_MODELS, PRO, LITE)
    await choose(gina, seen, Choice.TIER_FALLBACK, LITE)
    for said_ in (
        f"`{LITE}` in the place of a model that is out of reach",
        "50 images a day",
        "sizes up to `4K`",
        "4 at once",
        "priority 5",
        "30 turns",
    ):
        assert said_ in seen.text
    assert (await kept(stage)).tiers[0].fallback == LITE
    await choose(gina, seen, Choice.TIER_FALLBACK, "-")
    assert "out of reach" not in seen.text
    roles = panel(stage, await use(stage, gina, "config roles"))
    await choose(gina, roles, Choice.ROLES, artists)
    await choose(gina, roles, Choice.BOOSTERS, "True")
    assert f"It belongs to: <@&{artists.id}>, who boosts this server." in roles.text
    (tier,) = (await kept(stage)).tiers
    assert (tier.roles, tier.boosters, tier.models) == ((artists.id,), True, (PRO, LITE))

    card = await stage.picture(painter, model="draft")
    (job,) = await stage.done(1)
    assert (job.priority, job.max_running) == (5, 4)
    assert card.media
    refusal = stage.said(await stage.imagine(painter))
    assert refusal == f"Nano Banana 2.1 is not open to you here. You can use: `{PRO}`, `{LITE}`."

    seen = panel(stage, await use(stage, gina, "config tiers"))
    await choose(gina, seen, Choice.TIER, "artists")
    await gina.click(seen.message, label="Remove")
    assert "It is everybody's." in seen.text
    assert (await kept(stage)).tiers == ()
    assert (await stage.picture(painter)).media


async def test_a_role_that_was_deleted_is_left_out(stage: Stage) -> None:
    gina = manager(stage)
    artists, others = stage.guild.create_role("Artists"), stage.guild.create_role("Others")
    seen = panel(stage, await use(stage, gina, "config tiers"))
    await fill(gina, seen, "New tier", name="artists")
    seen = panel(stage, await use(stage, gina, "config roles"))
    await choose(gina, seen, Choice.ROLES, artists, others)
    stage.env.backend.delete_role(stage.guild.id, artists.id)
    await stage.env.settle()
    seen = panel(stage, await use(stage, gina, "config roles"))
    (chosen,) = [item["default_values"] for item in seen._walk() if item["type"] == ROLE_SELECT]
    assert [int(value["id"]) for value in chosen] == [others.id]
    await choose(gina, seen, Choice.BOOSTERS, "True")
    assert (await stage.picture()).media


async def test_a_tier_is_given_for_a_time_and_taken_back(stage: Stage) -> None:
    gina = manager(stage)
    seen = panel(stage, await use(stage, gina, "config tiers"))
    await fill(gina, seen, "New tier", name="guest")
    await fill(gina, seen, "Daily caps", daily_images="25")
    await fill(gina, seen, "Give it for a time", member=[stage.alice], days="7")
    assert f"<@{stage.alice.id}>: **guest** · until <t:" in seen.text
    async with stage.app.store.reading() as tx:
        names = await tx.limits.tiers_of(stage.guild.id, stage.alice.id, now=int(stage.env.now().timestamp()))
    assert list(names) == ["guest"]
    result = await fill(gina, seen, "Give it for a time", member=[stage.alice], days="0")
    assert "Write a whole number from 1 to 3,650." in stage.said(result)
    await choose(gina, seen, Choice.TAKE, f"{stage.alice.id}:guest")
    assert "until" not in seen.text
    actions = {entry.action: entry.target for entry in await audit(stage)}
    assert (actions["tier.taken"], actions["tier.given"]) == (str(stage.alice.id), str(stage.alice.id))


async def test_models_and_channels_of_a_server(stage: Stage) -> None:
    gina = manager(stage)
    seen = panel(stage, await use(stage, gina, "config models"))
    assert "All models are on offer." in seen.text
    await choose(gina, seen, Choice.MODELS, LITE)
    assert "On offer here: Nano Banana 2 Lite." in seen.text
    assert "is not open to you here" in stage.said(await stage.imagine())
    await choose(gina, seen, Choice.MODELS)
    seen = panel(stage, await use(stage, gina, "config channels"))
    other = stage.guild.create_text_channel("other")
    await choose(gina, seen, Choice.CHANNELS, other)
    await choose(gina, seen, Choice.RULE, "only")
    assert f"The bot may be used in these channels only: <#{other.id}>." in seen.text
    assert "may not be used in this channel" in stage.said(await stage.imagine())
    await choose(gina, seen, Choice.RULE, "except")
    await choose(gina, seen, Choice.AGE, "refused")
    await choose(gina, seen, Choice.DIRECT, "False")
    assert not (await kept(stage)).direct
    state = await stage.app.client.surface.settings.server(stage.guild.id)
    assert state.settings.age_restricted == "refused"
    assert (await stage.picture()).media


async def test_a_panel_works_after_a_restart(stage: Stage) -> None:
    gina = manager(stage)
    seen = panel(stage, await use(stage, gina, "config models"))
    await stage.restart()
    await choose(gina, seen, Choice.MODELS, PRO)
    assert (await kept(stage)).models == (PRO,)


# --- who may, and when ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["caps", "tiers", "roles", "models", "channels"])
async def test_a_member_is_refused_by_the_panels(stage: Stage, name: str) -> None:
    for who in (stage.alice, stage.mona):
        assert stage.said(await force(stage, who, f"config {name}", {})) == NOT_A_MANAGER


async def test_a_member_is_refused_by_the_buttons_and_menus_of_a_managers_panel(stage: Stage) -> None:
    card = await stage.picture()
    for choice in Choice:
        result = await press(stage, stage.mona, card, menu(choice), values=["1"])
        assert stage.said(result) == NOT_A_MANAGER
    for act in Act:
        assert stage.said(await press(stage, stage.mona, card, button(act))) == NOT_A_MANAGER
    assert await kept(stage) == ServerLimits()


async def test_a_form_is_refused_whose_sender_is_no_manager_any_more(stage: Stage) -> None:
    """The permission is checked when the form is sent, too."""
    gina = manager(stage)
    seen = panel(stage, await use(stage, gina, "config caps"))
    shown = await gina.click(seen.message, label="Daily caps")
    member = stage.env.backend.get_member(stage.guild.id, gina.id)
    for role in list(member.role_ids):
        stage.env.backend.remove_member_role(stage.guild.id, gina.id, role)
    assert stage.said(await gina.submit_modal(shown, {"daily_images": "1"})) == NOT_A_MANAGER
    assert await kept(stage) == ServerLimits()


async def test_of_two_managers_at_once_the_second_looks_again(stage: Stage) -> None:
    gina, hans = manager(stage), manager(stage, "hans")
    first = panel(stage, await use(stage, gina, "config models"))
    second = panel(stage, await use(stage, hans, "config models"))
    form = panel(stage, await use(stage, hans, "config caps"))
    shown = await hans.click(form.message, label="Daily caps")
    await choose(gina, first, Choice.MODELS, LITE)
    said_ = "Another manager changed this a moment ago. Open the panel again and repeat your change."
    assert stage.said(await choose(hans, second, Choice.MODELS, PRO)) == said_
    assert stage.said(await hans.submit_modal(shown, {"daily_images": "1"})) == said_
    assert (await kept(stage)).models == (LITE,)
    assert len(await audit(stage)) == 1


@pytest.mark.parametrize(
    ("choice", "value"),
    [
        (Choice.MODELS, "dall-e"),
        (Choice.TIER_FALLBACK, "dall-e"),
        (Choice.RULE, "nowhere"),
        (Choice.TIER_SIZE, "huge!"),
        (Choice.TIER, "none"),
    ],
)
async def test_a_value_that_no_menu_offers_is_refused(stage: Stage, choice: Choice, value: str) -> None:
    card = await stage.picture()
    result = await press(stage, manager(stage), card, menu(choice), values=[value])
    assert stage.said(result)
    assert await kept(stage) == ServerLimits()


# --- grants -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", [{"daily_images": 1}], indirect=True)
async def test_a_grant_is_given_used_and_revoked(stage: Stage) -> None:
    gina = manager(stage)
    answer = await said(stage, gina, "config grant", member=stage.alice, images=3, days=2, reason="*prize*")
    assert answer.startswith(f"**Granted.** <@{stage.alice.id}> may make 3 images more here")
    assert "Reason: “\\*prize\\*”" in answer
    await stage.picture(count=3)
    refusal = stage.said(await stage.imagine(count=2))
    assert refusal.startswith(
        "Your daily limit is 1 image, and you were given more beside it. You have used 1, 1 image left: ask "
        "for fewer at once."
    )
    assert f"<@{stage.alice.id}> had 1 image left." in await said(
        stage, gina, "config revoke", member=stage.alice, reason="enough"
    )
    assert "has nothing left" in await said(stage, gina, "config revoke", member=stage.alice)
    assert "The daily limit is 1 image" in stage.said(await stage.imagine())
    assert "3 images" in await said(stage, gina, "config reset", member=stage.alice)
    assert (await stage.picture()).media
    entries = {entry.action: entry for entry in await audit(stage)}
    assert set(entries) == {"member.reset", "grant.revoked", "grant.given"}
    assert {**entries["grant.given"].data, "grant": ""} == {
        "images": 3,
        "days": 2,
        "reason": "*prize*",
        "grant": "",
    }


@pytest.mark.parametrize(
    "values", [{"images": 0}, {"images": -5}, {"images": 10**9}, {"images": 2, "days": 0}]
)
async def test_a_grant_that_makes_no_sense_is_refused(stage: Stage, values: dict[str, int]) -> None:
    gina = manager(stage)
    inner = [{"name": "member", "type": 6, "value": str(stage.alice.id)}, *forged.options(**values)]
    data = {
        "id": "1", "name": "config", "type": 1,
        "options": [{"name": "grant", "type": 1, "options": inner}],
        "resolved": {"users": {str(stage.alice.id): {
            "id": str(stage.alice.id), "username": "alice", "discriminator": "0", "avatar": None,
        }}},
    }  # fmt: skip
    kind = simcord.enums.InteractionType.APPLICATION_COMMAND
    result = await forged.send(stage, gina, kind, data)
    assert stage.said(result)
    assert await audit(stage) == []
    await nothing_was_done(stage)


async def test_a_member_cannot_grant(stage: Stage) -> None:
    for command in ("grant", "revoke", "reset"):
        inner: list[dict[str, Any]] = [{"name": "member", "type": 6, "value": str(stage.alice.id)}]
        if command == "grant":
            inner += forged.options(images=5)
        data = {
            "id": "1", "name": "config", "type": 1,
            "options": [{"name": command, "type": 1, "options": inner}],
            "resolved": {"users": {str(stage.alice.id): {
                "id": str(stage.alice.id), "username": "alice", "discriminator": "0", "avatar": None,
            }}},
        }  # fmt: skip
        kind = simcord.enums.InteractionType.APPLICATION_COMMAND
        assert stage.said(await forged.send(stage, stage.alice, kind, data)) == NOT_A_MANAGER
    assert await audit(stage) == []
