"""Commands are published everywhere or in the servers that are named, and never stand twice in one."""

from __future__ import annotations

from tests.fakes.discord import FakeDiscord
from tests.wire.plantain import Plantain


def about_commands(discord: FakeDiscord) -> list[tuple[str, str, int | None]]:
    """Requests since the last look, as method, scope and how many commands they carry."""
    found = []
    for request in discord.requests:
        if request.path.endswith("/commands") or "/commands/" in request.path:
            scope = "server" if "/guilds/" in request.path else "everywhere"
            count = len(request.payload) if isinstance(request.payload, list) else None
            found.append((request.method, scope, count))
    discord.requests.clear()
    return found


def published(discord: FakeDiscord, guild_id: int | None) -> set[str]:
    return {command["name"] for command in discord.world.commands.get(guild_id, {}).values()}


async def test_commands_move_between_everywhere_and_a_server(
    plantain: Plantain, discord: FakeDiscord
) -> None:
    here = discord.guild.id
    await plantain.start()
    everything = published(discord, None)
    count = len(discord.world.commands[None])
    assert "imagine" in everything
    assert about_commands(discord) == [("PUT", "everywhere", count)]

    plantain.sections["discord"]["guild_ids"] = [here]
    bot = await plantain.restart()
    await bot.wait_for_line(f"published everywhere earlier were taken back: {count}")
    assert (published(discord, None), published(discord, here)) == (set(), everything)
    assert about_commands(discord) == [
        ("PUT", "server", count),
        ("GET", "everywhere", None),
        ("PUT", "everywhere", 0),
    ]

    bot = await plantain.restart()
    await bot.wait_for_line("ready as")
    assert about_commands(discord) == [("PUT", "server", count), ("GET", "everywhere", None)]

    plantain.sections["discord"]["guild_ids"] = []
    bot = await plantain.restart()
    await bot.wait_for_line(f"commands in server {here} were taken back")
    assert (published(discord, None), published(discord, here)) == (everything, set())
    assert about_commands(discord) == [("PUT", "everywhere", count), ("PUT", "server", 0)]

    bot = await plantain.restart()
    await bot.wait_for_line("ready as")
    assert about_commands(discord) == [("PUT", "everywhere", count)]


async def test_a_server_that_is_not_named_any_more_loses_its_commands(
    plantain: Plantain, discord: FakeDiscord
) -> None:
    here, there = discord.guild.id, discord.world.add_guild("There", bot_permissions=0).id
    plantain.sections["discord"]["guild_ids"] = [here, there]
    await plantain.start()
    assert published(discord, here) == published(discord, there) != set()
    plantain.sections["discord"]["guild_ids"] = [here]
    refused = discord.fail("PUT", f"/applications/*/guilds/{there}/commands", 400)
    plantain.refused_by_discord += 1
    bot = await plantain.restart()
    await bot.wait_for_line(f"commands in server {there} were not taken back: Discord answered 400")
    assert (refused.hits, published(discord, there)) == (1, published(discord, here))
    bot = await plantain.restart()  # and remembers
    await bot.wait_for_line(f"commands in server {there} were taken back")
    assert (published(discord, there), published(discord, here)) == (set(), published(discord, here))


async def test_global_commands_stay_where_no_server_takes_any_and_those_of_others_always(
    plantain: Plantain, discord: FakeDiscord
) -> None:
    foreign = {"id": "77", "name": "weather", "type": 1, "description": "Somebody else's"}
    await plantain.start()
    everything = published(discord, None)
    plantain.sections["discord"]["guild_ids"] = [discord.world.foreign_guild.id]
    bot = await plantain.restart()
    await bot.wait_for_line("does not let me publish commands")
    await bot.wait_for_line("ready as")
    assert published(discord, None) == everything

    discord.world.commands[None][77] = foreign
    plantain.sections["discord"]["guild_ids"] = [discord.guild.id]
    bot = await plantain.restart()
    await bot.wait_for_line("published everywhere earlier were taken back", within=120)
    assert published(discord, None) == {"weather"}
    assert published(discord, discord.guild.id) == everything
