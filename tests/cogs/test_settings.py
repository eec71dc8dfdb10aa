"""/settings: a member's own defaults, in a panel of menus."""

from __future__ import annotations

from simcord.backend import serializers
from simcord.enums import InteractionType

from bot.domain.server_settings import MemberSettings
from tests.cogs import forged
from tests.cogs.stage import Stage
from tests.cogs.using import SELECT, chosen, manager, menus, panel, said, use

LITE = "gemini-3.1-flash-lite-image"
MENU = "plantain:setting:"


async def kept(stage: Stage) -> MemberSettings:
    return await stage.app.client.surface.settings.member(stage.alice.id)


async def test_the_panel_shows_what_is_set_and_changes_it(stage: Stage) -> None:
    seen = panel(stage, await use(stage, stage.alice, "settings"))
    assert chosen(seen) == {
        "model": "Model: The bot's own (Nano Banana 2.1)",
        "ratio": "Ratio: What the model does by itself",
        "size": "Size: What the model does by itself (1K)",
        "count": "How many at once: 1 image",
        "private": "Who sees them: Pictures are posted for everybody",
        "spoiler": "Spoiler: Pictures are shown openly",
        "locale": "Language: As in my Discord",
    }
    for name, value in (
        ("model", LITE), ("ratio", "16:9"), ("count", "3"), ("private", "True"), ("spoiler", "True"),
    ):  # fmt: skip
        await stage.alice.select(seen.message, [value], custom_id=MENU + name)
    assert await kept(stage) == MemberSettings(LITE, "16:9", None, 3, True, True)
    shown = chosen(seen)
    assert shown["model"] == "Model: Nano Banana 2 Lite · draft · $0.034"
    assert [option["value"] for option in menus(seen)[MENU + "size"]["options"]] == ["-", "1K"]
    await stage.alice.select(seen.message, ["-"], custom_id=MENU + "model")
    assert (await kept(stage)).model is None
    assert stage.messages() == []


async def test_what_the_new_model_does_not_make_falls_away(stage: Stage) -> None:
    seen = panel(stage, await use(stage, stage.alice, "settings"))
    await stage.alice.select(seen.message, ["1:8"], custom_id=MENU + "ratio")
    await stage.alice.select(seen.message, ["4K"], custom_id=MENU + "size")
    await stage.alice.select(seen.message, [LITE], custom_id=MENU + "model")
    assert await kept(stage) == MemberSettings(model=LITE)
    assert chosen(seen)["ratio"] == "Ratio: What the model does by itself"


async def test_the_panel_works_after_a_restart_and_goes_back_to_the_defaults(stage: Stage) -> None:
    seen = panel(stage, await use(stage, stage.alice, "settings"))
    await stage.restart()
    await stage.alice.select(seen.message, ["4"], custom_id=MENU + "count")
    assert (await kept(stage)).count == 4
    await stage.alice.click(seen.message, label="Back to the defaults")
    assert await kept(stage) == MemberSettings()
    assert chosen(seen)["count"] == "How many at once: 1 image"


async def test_prices_are_in_the_servers_unit(stage: Stage) -> None:
    await said(stage, manager(stage), "config unit", unit="credits", credit=0.01)
    seen = panel(stage, await use(stage, stage.alice, "settings"))
    labels = [option["label"] for option in menus(seen)[MENU + "model"]["options"]]
    assert labels[1:] == [
        "Model: Nano Banana 2.1 · standard · 3.4 credits",
        "Model: Nano Banana 2 Lite · draft · 3.4 credits",
        "Model: Nano Banana Pro · pro · 13.5 credits",
    ]


async def test_in_direct_messages(stage: Stage) -> None:
    dora = stage.env.create_user("dora")
    seen = panel(stage, await use(stage, dora, "settings"))
    await dora.select(seen.message, ["2"], custom_id=MENU + "count")
    settings = await stage.app.client.surface.settings.member(dora.id)
    assert settings.count == 2


async def test_a_value_that_the_menu_does_not_offer_is_refused(stage: Stage) -> None:
    seen = panel(stage, await use(stage, stage.alice, "settings"))
    stored = stage.env.backend.get_message(seen.channel_id, seen.id)
    message = dict(serializers.message_payload(stage.env.backend, stored))
    for name, value, expected in (
        ("count", "a lot", "cannot be set here"),
        ("count", "99", "cannot be set here"),
        ("model", "dall-e", "There is no model called `dall-e`"),
        ("ratio", "5:6", "No model makes the ratio `5:6`"),
    ):
        data = {"custom_id": MENU + name, "component_type": SELECT, "values": [value]}
        result = await forged.send(
            stage, stage.alice, InteractionType.MESSAGE_COMPONENT, data, message=message
        )
        assert expected in stage.said(result)
    assert await kept(stage) == MemberSettings()
