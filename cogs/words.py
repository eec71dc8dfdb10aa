"""/mod words and /mod pictures: what a server refuses beside what is refused everywhere. For moderators.

Discord hides the commands from everybody else by default, but a server may show them to anybody: whoever
uses one is checked again by the service. Every answer is private.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.domain.attempts import Attempt
from bot.domain.ids import is_id
from bot.domain.rules.ruleset import Finding, Listed
from bot.domain.rules.words import LONGEST_ENTRY, ServerWords
from bot.errors import Gone
from bot.studio.blocked import REASON_LIMIT
from cogs.language import N_, NP_, _, ngettext
from cogs.mod_group import mod
from cogs.numbers import number
from cogs.offers import CHOICES_LIMIT, Choices, offers
from cogs.panels import answer_privately, fitted
from cogs.pictures_in import source_of
from cogs.rule_words import RULES, UNKNOWN_RULE
from cogs.staff import moderator_of
from cogs.surface import surface_of
from cogs.text import code, mention, moment, quote
from cogs.translator import choices

FILE_NAME = "words.txt"
SHOWN_TEXT = 200  # characters of what was refused
KINDS = choices({"block": NP_("words", "block"), "allow": NP_("words", "allow")}, "words")

words = app_commands.Group(
    name="words", description=locale_str(N_("The words that this server refuses")), parent=mod
)
pictures = app_commands.Group(
    name="pictures", description=locale_str(N_("The pictures that may not come back here")), parent=mod
)


# --- words ------------------------------------------------------------------------------------------------


@words.command(name="add", description="Refuse a word or phrase here, or allow one that is refused")
@app_commands.describe(
    entries="A word or phrase; several with semicolons between them",
    kind="Block refuses it; allow says it is harmless although a listed word is in it",
)
@app_commands.choices(kind=KINDS)
async def add(
    interaction: discord.Interaction[Any], entries: app_commands.Range[str, 1, 1000], kind: str = "block"
) -> None:
    """Add entries to the list."""
    kept, added = await surface_of(interaction).moderation.words.add(
        entries.split(";"), Listed(kind), await moderator_of(interaction)
    )
    listed = ", ".join(code(entry) for entry in kept[:10]) + (" …" if len(kept) > 10 else "")
    if not added:
        await answer_privately(interaction, _("Already on the list: {entries}", entries=listed))
    elif kind == "block":
        await answer_privately(interaction, _("Refused here from now on: {entries}", entries=listed))
    else:
        await answer_privately(interaction, _("Allowed here from now on: {entries}", entries=listed))


@words.command(name="remove", description="Take a word or phrase off this server's list")
@app_commands.describe(entry="The entry")
async def remove(
    interaction: discord.Interaction[Any], entry: app_commands.Range[str, 1, LONGEST_ENTRY]
) -> None:
    """Take an entry off the list."""
    _kind, gone = await surface_of(interaction).moderation.words.remove(
        entry, await moderator_of(interaction)
    )
    await answer_privately(interaction, _("{entry} is off the list.", entry=code(gone)))


@words.command(name="list", description="Show this server's own words")
@app_commands.describe(search="Only entries that hold this")
async def list_(
    interaction: discord.Interaction[Any], search: app_commands.Range[str, 1, LONGEST_ENTRY] | None = None
) -> None:
    """Show the list, or what of it holds a text."""
    found = await surface_of(interaction).moderation.words.of_server(await moderator_of(interaction))
    await answer_privately(interaction, *_overview(found, (search or "").casefold()))


@words.command(name="test", description="Try what the rules of this server say about a text")
@app_commands.describe(text="What somebody might write")
async def test(interaction: discord.Interaction[Any], text: app_commands.Range[str, 1, 4000]) -> None:
    """Judge a text without counting it."""
    finding = await surface_of(interaction).moderation.words.test(text, await moderator_of(interaction))
    await answer_privately(interaction, _verdict(finding))


@words.command(name="import", description="Add a file of entries: one a line, + before what is allowed")
@app_commands.describe(file="A text file, or a CSV file whose first column counts")
async def import_(interaction: discord.Interaction[Any], file: discord.Attachment) -> None:
    """Take a file in. Fetching and reading it may take longer than Discord waits."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    done = await surface_of(interaction).moderation.words.import_file(
        source_of(file), await moderator_of(interaction)
    )
    lines = [
        ngettext("{number} entry is new.", "{number} entries are new.", done.added),
        ngettext("The list has {number} entry now.", "The list has {number} entries now.", done.total),
    ]
    if done.known:
        lines.append(
            ngettext("{number} entry was on it already.", "{number} entries were on it already.", done.known)
        )
    if done.skipped:
        lines.append(
            ngettext(
                "{number} line was left out: it holds no word, or more than {limit} characters.",
                "{number} lines were left out: they hold no word, or more than {limit} characters.",
                done.skipped,
                limit=LONGEST_ENTRY,
            )
        )
    await answer_privately(interaction, "\n".join(lines))


@words.command(name="export", description="Get this server's own words as a file")
async def export(interaction: discord.Interaction[Any]) -> None:
    """Send the list as a file that the import takes."""
    data = await surface_of(interaction).moderation.words.export_file(await moderator_of(interaction))
    if not data:
        await answer_privately(interaction, _("This server has no words of its own yet."))
        return
    await interaction.response.send_message(
        _("This server's own words. The import takes this file again."),
        file=discord.File(io.BytesIO(data), FILE_NAME),
        ephemeral=True,
    )


@words.command(name="refused", description="Show what the rules refused lately, and why")
@app_commands.describe(member="Only what this member tried")
async def refused(interaction: discord.Interaction[Any], member: discord.User | None = None) -> None:
    """Show the latest attempts: evidence, for moderators only."""
    found = await surface_of(interaction).moderation.words.attempts(
        await moderator_of(interaction), None if member is None else member.id
    )
    lines = [_attempt(item) for item in found]
    title = _("**What the rules refused lately**")
    await answer_privately(interaction, title, fitted(lines, 3_500) or _("Nothing was refused."))


@remove.autocomplete("entry")
async def _entries(interaction: discord.Interaction[Any], current: str) -> Choices:
    return await offers(interaction, _matching(interaction, current.casefold()))


async def _matching(interaction: discord.Interaction[Any], typed: str) -> Choices:
    found = await surface_of(interaction).moderation.words.of_server(await moderator_of(interaction))
    texts = [text for _kind, text in found.entries if typed in text.casefold()]
    return [app_commands.Choice(name=text, value=text) for text in sorted(texts)[:CHOICES_LIMIT]]


def _overview(found: ServerWords, search: str) -> list[str]:
    parts = [_("**Words of this server**\nWhat is refused everywhere is not on this list.")]
    for kind, name in ((Listed.BLOCK, _("Refused")), (Listed.ALLOW, _("Allowed"))):
        entries = [text for text in found.of(kind) if search in text.casefold()]
        if entries:
            parts.append(fitted([f"{name} ({number(len(entries))}):", *map(code, entries)], 1_500))
    if len(parts) == 1:
        parts.append(_("Nothing is listed.") if not search else _("Nothing like that is listed."))
    if found.version:
        changed = _("Last changed by {person}", person=mention(found.updated_by))
        parts.append(f"-# {changed}, {moment(found.updated_at)}")
    return parts


def _verdict(finding: Finding | None) -> str:
    if finding is None:
        return _("Nothing in it breaks a rule of this server.")
    text = _("It would be refused: {rule}", rule=_(RULES.get(finding.rule, UNKNOWN_RULE)))
    return f"{text}\n{_found(finding.entries)}" if finding.entries else text


def _found(entries: Sequence[str]) -> str:
    return _("Found: {entries}", entries=", ".join(f"||{code(entry)}||" for entry in entries))


def _attempt(item: Attempt) -> str:
    rule = _(RULES.get(item.rule, UNKNOWN_RULE))
    lines = [f"{mention(item.member_id)}, {moment(item.at)} · {rule}", f"||{quote(item.text, SHOWN_TEXT)}||"]
    if item.entries:
        lines.append(f"-# {_found(item.entries)}")
    return "\n".join(lines)


# --- pictures ---------------------------------------------------------------------------------------------


@pictures.command(name="block", description="Refuse a picture and what looks like it in this server")
@app_commands.describe(image_id="The id of a picture made here", reason="Why, for other moderators")
async def block(
    interaction: discord.Interaction[Any],
    image_id: app_commands.Range[str, 1, 40],
    reason: app_commands.Range[str, 1, REASON_LIMIT] | None = None,
) -> None:
    """Block a picture of this server by what it looks like."""
    typed = image_id.strip().lower()
    if not is_id(typed):
        raise Gone(typed)
    await interaction.response.defer(ephemeral=True, thinking=True)
    blocked = await surface_of(interaction).moderation.blocked.block(
        typed, await moderator_of(interaction), reason or ""
    )
    text = _(
        "{image} is blocked here as number {id}: copies of it are refused as uploads, and not shown when a "
        "model makes them. The picture itself stays where it is: delete it if it should go.",
        image=code(typed),
        id=code(blocked.id),
    )
    await answer_privately(interaction, text)


@pictures.command(name="list", description="Show the pictures that are blocked in this server")
async def list_blocked(interaction: discord.Interaction[Any]) -> None:
    """Show the numbers, reasons and who blocked them; the pictures themselves are not shown again."""
    found = await surface_of(interaction).moderation.blocked.listed(await moderator_of(interaction))
    lines = [
        f"{code(item.id)} · {quote(item.reason, 100) if item.reason else _('no reason given')} · "
        f"{mention(item.by)}, {moment(item.at)}"
        for item in found
    ]
    title = _("**Blocked pictures**")
    await answer_privately(interaction, title, fitted(lines, 3_500) or _("None are blocked."))


@pictures.command(name="unblock", description="Allow a blocked picture in this server again")
@app_commands.describe(number="The number of the blocked picture")
async def unblock(interaction: discord.Interaction[Any], number: app_commands.Range[str, 1, 40]) -> None:
    """Take a picture off the list."""
    gone = await surface_of(interaction).moderation.blocked.unblock(
        number.strip(), await moderator_of(interaction)
    )
    await answer_privately(interaction, _("Number {id} is not blocked any more.", id=code(gone.id)))


@unblock.autocomplete("number")
async def _numbers(interaction: discord.Interaction[Any], current: str) -> Choices:
    return await offers(interaction, _matching_numbers(interaction, current.casefold()))


async def _matching_numbers(interaction: discord.Interaction[Any], typed: str) -> Choices:
    found = await surface_of(interaction).moderation.blocked.listed(await moderator_of(interaction))
    named = [(f"{item.id} · {item.reason}".rstrip(" ·")[:100], item.id) for item in found]
    return [app_commands.Choice(name=name, value=value) for name, value in named if typed in name.casefold()][
        :CHOICES_LIMIT
    ]
