"""/mod queue, case and resolve: what was reported, and deciding about it."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord import app_commands, ui

from bot.domain.cases import REASON_LIMIT, Action, CaseState, Reason
from bot.domain.ids import ALPHABET, LENGTH
from bot.domain.records import QueueFilter, QueuePage
from bot.studio.cases import Terms
from bot.studio.members import checked_length
from cogs import desk_words as words
from cogs.desk_cards import case_card, decide
from cogs.guard import say_privately
from cogs.items import OwnItem
from cogs.language import _, ngettext
from cogs.mod_group import mod
from cogs.offers import CHOICES_LIMIT, Choices, offers
from cogs.panels import Part, answer_privately, panel
from cogs.people import person_of
from cogs.record_words import STATES
from cogs.surface import surface_of

PER_ROW = 4
APPEALS_SHOWN = 5

_STATES = [app_commands.Choice(name=name, value=state.value) for state, name in STATES.items()]
_REASONS = [app_commands.Choice(name=name, value=reason.value) for reason, name in words.REASONS.items()]
_ACTIONS = [app_commands.Choice(name=name, value=action.value) for action, name in words.ACTIONS.items()]


async def _offer_cases(interaction: discord.Interaction[Any], typed: str) -> Choices:
    return await offers(interaction, _cases(interaction, typed))


async def _cases(interaction: discord.Interaction[Any], typed: str) -> Choices:
    cases = surface_of(interaction).casework.cases
    found = await cases.suggestions(person_of(interaction), typed, CHOICES_LIMIT)
    return [
        app_commands.Choice(
            name=f"#{case.number} · {_(words.REASONS[case.reason])} · {_(STATES[case.state])}",
            value=f"#{case.number}",
        )
        for case in found
    ]


@mod.command(name="queue", description="The cases that wait for a decision, gravest first")
@app_commands.describe(
    state="Which cases; open ones if you say nothing",
    reason="Only cases with this gravest reason",
    unclaimed="Only cases that nobody has claimed",
)
@app_commands.choices(state=_STATES, reason=_REASONS)
async def queue(
    interaction: discord.Interaction[Any],
    state: str = CaseState.OPEN.value,
    reason: str | None = None,
    unclaimed: bool = False,
) -> None:
    """Show the first page, to the moderator alone."""
    wanted = QueueFilter(CaseState(state), Reason(reason) if reason else None, unclaimed)
    page = await surface_of(interaction).casework.cases.queue(person_of(interaction), wanted)
    await answer_privately(interaction, *_page_parts(page))


@mod.command(name="case", description="Show a case with everything that belongs to it")
@app_commands.describe(case="The case, like #7")
@app_commands.autocomplete(case=_offer_cases)
async def case(interaction: discord.Interaction[Any], case: str) -> None:
    """Show a case to the moderator alone, with its buttons."""
    cases = surface_of(interaction).casework.cases
    file = await cases.numbered(person_of(interaction), case)
    await _show(interaction, file.case.id)


@mod.command(name="resolve", description="Decide about a case")
@app_commands.describe(
    case="The case, like #7",
    action="What you decide",
    reason="Why; the picture's maker reads it",
    duration="How long a ban lasts: 12h, 7d, 2 weeks, or permanent",
)
@app_commands.choices(action=_ACTIONS)
@app_commands.autocomplete(case=_offer_cases)
async def resolve(
    interaction: discord.Interaction[Any],
    case: str,
    action: str,
    reason: app_commands.Range[str, 1, REASON_LIMIT] | None = None,
    duration: app_commands.Range[str, 1, 20] = "7d",
) -> None:
    """Do what a button of the card does."""
    wanted = Action(action)
    terms = Terms(reason or "", checked_length(duration) if wanted is Action.BAN else None)
    file = await surface_of(interaction).casework.cases.numbered(person_of(interaction), case)
    await interaction.response.defer(ephemeral=True, thinking=True)
    decided = await decide(interaction, file.case, wanted, file.case.turn, terms)
    await say_privately(
        interaction,
        _("Case {case}: {decision}.", case=f"#{decided.number}", decision=_(words.DONE[wanted])),
    )


# --- the pages --------------------------------------------------------------------------------------------


class QueueButton(
    OwnItem[ui.Button[Any]],
    template=rf"plantain:queue:(?P<state>{'|'.join(CaseState)}):(?P<reason>{'|'.join(Reason)}|-)"
    r":(?P<unclaimed>[01]):(?P<page>\d{1,4})",
):
    """Turns to a page of the queue."""

    def __init__(self, wanted: QueueFilter, page: int, label: str = "…") -> None:
        self._wanted, self._page = wanted, page
        custom_id = f"plantain:queue:{wanted.state}:{wanted.reason or '-'}:{int(wanted.unclaimed)}:{page}"
        super().__init__(ui.Button(label=label, custom_id=custom_id))

    @classmethod
    def read(cls, match: re.Match[str], item: ui.Item[Any]) -> Self:
        """Read a custom_id."""
        reason = None if match["reason"] == "-" else Reason(match["reason"])
        wanted = QueueFilter(CaseState(match["state"]), reason, match["unclaimed"] == "1")
        return cls(wanted, int(match["page"]))

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        cases = surface_of(interaction).casework.cases
        page = await cases.queue(person_of(interaction), self._wanted, self._page)
        await interaction.response.edit_message(view=panel(*_page_parts(page)))


class OpenCase(OwnItem[ui.Button[Any]], template=rf"plantain:opencase:(?P<id>[{ALPHABET}]{{{LENGTH}}})"):
    """Shows a case to the moderator alone."""

    def __init__(self, case_id: str, label: str = "…") -> None:
        self._case_id = case_id
        super().__init__(ui.Button(label=label, custom_id=f"plantain:opencase:{case_id}"))

    @classmethod
    def read(cls, match: re.Match[str], item: ui.Item[Any]) -> Self:
        """Read a custom_id."""
        return cls(match["id"])

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        await _show(interaction, self._case_id)


async def _show(interaction: discord.Interaction[Any], case_id: str) -> None:
    cases = surface_of(interaction).casework.cases
    file = await cases.file(person_of(interaction), case_id)
    await interaction.response.defer(ephemeral=True, thinking=True)
    card = case_card(file, await cases.picture(file), names=True)
    await interaction.followup.send(
        view=card.view, files=card.files, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
    )


def _page_parts(page: QueuePage) -> list[Part]:
    wanted = page.wanted
    title = ngettext("{number} case", "{number} cases", page.total)
    parts = [_(STATES[wanted.state]), _(words.REASONS[wanted.reason]) if wanted.reason else ""]
    if wanted.unclaimed:
        parts.append(_("unclaimed"))
    head = f"**{title}** · {' · '.join(filter(None, parts))}"
    if page.pages > 1:
        head += " · " + _("page {page} of {pages}", page=page.page + 1, pages=page.pages)
    lines = [words.case_line(case) for case in page.cases] or [_("Nothing waits here.")]
    if wanted.state is CaseState.OPEN:
        lines += [words.appeal_line(ban) for ban in page.appeals[:APPEALS_SHOWN]]
    shown: list[Part] = ["\n".join([head, *lines])]
    opening = [OpenCase(case.id, f"#{case.number}") for case in page.cases]
    for start in range(0, len(opening), PER_ROW):
        shown.append(ui.ActionRow(*opening[start : start + PER_ROW]))
    turning = []
    if page.page > 0:
        turning.append(QueueButton(wanted, page.page - 1, _("Back")))
    if page.page + 1 < page.pages:
        turning.append(QueueButton(wanted, page.page + 1, _("Next")))
    if turning:
        shown.append(ui.ActionRow(*turning))
    return shown
