"""What a job looks like in Discord: the card while it is made, the result, the failure.

Pure rendering, as Components V2. A layout is built anew for every message: discord.py's views hold state.
A card has at most 4,000 characters of text in all (Discord), whatever people and models write: every text
that is not ours has its own share of that.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from bot.domain.catalogue import Catalogue
from bot.domain.images import Image, Withheld
from bot.domain.jobs import Job, JobState
from bot.domain.outlook import NOTHING_KNOWN, Outlook
from bot.domain.progress import Stage
from bot.domain.prompts import ALT_TEXT_LIMIT, shorten
from bot.studio.notifier_ports import Attachment, Outcome, Showing
from bot.studio.originals import Link
from cogs import card_words as words
from cogs.audience import locale_of
from cogs.buttons import action_rows, original_row
from cogs.cancel import cancel_row
from cogs.conversation_words import turn_lines
from cogs.describe import description_row
from cogs.gallery_items import rows_for_one
from cogs.language import N_, Languages, _, ngettext, speaking
from cogs.originals import link_line, original_lines
from cogs.queue_words import waiting
from cogs.text import escape_within, quote
from cogs.turn_buttons import turn_row
from cogs.uploads import PictureFile

ACCENT = discord.Colour(0x5B8C3A)  # plantain green
ACCENT_FAILED = discord.Colour(0xB3541E)
DESCRIPTION_LIMIT = 3000
NOTES_LIMIT = 1000  # of all notes together
WITHHELD = {
    Withheld.HIDDEN: N_("This picture is hidden while moderators look at it."),
    Withheld.REMOVED: N_("Moderators removed this picture."),
}
SOME_WITHHELD = {
    Withheld.HIDDEN: N_("Pictures of this answer are hidden while moderators look at them."),
    Withheld.REMOVED: N_("Moderators removed pictures of this answer."),
}
_STAGES = {
    Stage.PREPARING: N_("**Preparing…**"),
    Stage.GENERATING: N_("**Generating…**"),
    Stage.FINALIZING: N_("**Finalizing…**"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """A message as it is sent or edited: its layout and its files."""

    view: ui.LayoutView
    files: list[discord.File]


class Cards:
    """Renders jobs, in the language of whoever sees them.

    Needs the catalogue for the names of models, and to know of links to originals.
    """

    def __init__(
        self, catalogue: Catalogue, languages: Languages, link: Callable[[Image, int], Link | None]
    ) -> None:
        self._catalogue = catalogue
        self._languages = languages
        self._link = link

    def progress(self, job: Job, stage: Stage, ahead: int, outlook: Outlook = NOTHING_KNOWN) -> ui.LayoutView:
        """Return the card of a job that is on its way.

        `ahead`: how many jobs go first; `outlook`: what is known about how long it takes.
        """
        with speaking(self._languages.of(locale_of(job.origin, alone=job.request.private))):
            head = [_(_STAGES[stage])]
            if stage is Stage.PREPARING and ahead:
                head.append(_("place {place} in the queue", place=ahead + 1))
            if job.started_at is not None and stage is not Stage.PREPARING:
                head.append(_("started {when}", when=f"<t:{job.started_at // 1000}:R>"))
            texts = [
                " · ".join(head),
                words.prompt(job),
                *words.lineage(job),
                words.small_print(job, self._catalogue),
            ]
            if stage is Stage.PREPARING:
                texts += waiting(outlook, self._catalogue)
            view = _layout(ACCENT, "\n".join(texts))
            if stage is not Stage.FINALIZING:
                view.add_item(cancel_row(job.id))
            return view

    def outcome(
        self, outcome: Outcome, *, mention: bool, late: bool = False, locale: str | None = None
    ) -> Card:
        """Return the final card of a job.

        `mention` names the member, where nothing else shows who asked; `late` says that it could not be
        delivered when it was made; `locale` is that of who sees it (without one, that of the request).
        Raises OSError where a picture's file cannot be opened.
        """
        job = outcome.job
        locale = locale or locale_of(job.origin, alone=job.request.private)
        with speaking(self._languages.of(locale)):
            return self._outcome(outcome, mention=mention, late=late)

    def _outcome(self, outcome: Outcome, *, mention: bool, late: bool) -> Card:
        job = outcome.job
        # Who brings a picture back, or opens it, need not be who made it.
        mention = mention or outcome.showing is not Showing.RESULT
        named = f"<@{job.origin.member_id}> " if mention else ""
        after = [_("-# Made earlier, when it could not be posted.")] if late else []
        if job.state is JobState.SUCCEEDED and outcome.withheld and not outcome.attachments:
            # Neither picture nor prompt nor buttons: what is left says what became of it.
            return Card(_layout(ACCENT_FAILED, f"{named}{_(WITHHELD[outcome.withheld])}"), [])
        if job.state is JobState.SUCCEEDED and not outcome.withdrawn:
            return self._succeeded(outcome, named, after)
        if outcome.withdrawn:
            what, asked = _("This picture was deleted."), []
        elif job.failure is None:
            raise ValueError(f"job {job.id} is in state {job.state} without a failure")
        else:
            nothing = (
                _("**No description this time.**") if words.describes(job) else _("**No picture this time.**")
            )
            what = "\n".join([nothing, words.why(job, job.failure, self._catalogue), *_notes(outcome)])
            asked = [words.prompt(job), *words.lineage(job, named=bool(named))]
        about = "\n".join([*asked, *after, words.small_print(job, self._catalogue)])
        return Card(_layout(ACCENT_FAILED, f"{named}{what}", about), [])

    def _described(self, outcome: Outcome, named: str, after: list[str]) -> Card:
        """Return the card of a description: the words, and the button that makes a picture from them."""
        job = outcome.job
        said = escape_within(" ".join(outcome.notes), DESCRIPTION_LIMIT)
        text = "\n".join([f"{named}**{_('What the picture shows')}**", said, *words.remarks(job)])
        small = "\n".join([*after, words.small_print(job, self._catalogue), "-# " + _("AI-made description")])
        view = _layout(ACCENT, text, small)
        view.add_item(description_row(job.id))
        return Card(view, [])

    def _succeeded(self, outcome: Outcome, named: str, after: list[str]) -> Card:
        job = outcome.job
        if words.describes(job):
            return self._described(outcome, named, after)
        files = [_file(item, job) for item in outcome.attachments]
        gallery: ui.MediaGallery[ui.LayoutView] = ui.MediaGallery(
            *(
                discord.MediaGalleryItem(file, description=file.description, spoiler=job.request.spoiler)
                for file in files
            )
        )
        lineage = words.lineage(job, outcome.parent_at, named=bool(named))
        text = "\n".join([f"{named}{words.prompt(job)}", *lineage, *after, *self._result_lines(outcome)])
        container: ui.Container[ui.LayoutView] = ui.Container(
            gallery, ui.TextDisplay(text), accent_colour=ACCENT
        )
        view = ui.LayoutView(timeout=None)
        view.add_item(container)
        for row in _rows(outcome):
            view.add_item(row)
        return Card(view, files)

    def _result_lines(self, outcome: Outcome) -> list[str]:
        job = outcome.job
        lines = _notes(outcome)
        if outcome.short_of:
            lines.append(words.short_of(outcome.short_of, job.request.options.count))
        if outcome.withheld is not None:
            lines.append(f"-# {_(SOME_WITHHELD[outcome.withheld])}")
        lines += words.remarks(job)
        if job.request.better_with:
            better = escape_within(job.request.better_with, words.NAME_LIMIT)
            lines.append(_("-# Words in a picture come out best with {model}: press Finish.", model=better))
        lines += words.surprises(outcome)
        lines += words.stand_in(job, self._catalogue)
        smaller = [item for item in outcome.attachments if item.smaller]
        if outcome.showing is Showing.ORIGINAL:
            return original_lines(outcome.attachments[0].image, whole=not smaller)
        if smaller:
            lines.append(words.smaller_copies(smaller))
            # Who sees the card may see the picture; a private card is seen by its owner alone.
            links = [(item.image, self._link(item.image, item.image.owner_id)) for item in smaller]
            lines += [link_line(image, link) for image, link in links if link is not None]
        ids = " ".join(f"`{item.image.id}`" for item in outcome.attachments)
        lines.append(f"{words.small_print(job, self._catalogue, outcome.attachments[0].image)} · {ids}")
        if outcome.turn is not None and outcome.showing is Showing.RESULT:
            lines += turn_lines(outcome.turn)
        lines.append(ngettext("-# AI-made image", "-# AI-made images", len(outcome.attachments)))
        return lines


def _rows(outcome: Outcome) -> list[ui.ActionRow[Any]]:
    if outcome.showing is Showing.ORIGINAL:
        return []
    smaller = [item.image for item in outcome.attachments if item.smaller is not None]
    more = [original_row(smaller)] if smaller else []
    if outcome.showing is Showing.RESULT:
        turn = [] if outcome.turn is None else [turn_row(outcome.turn.id)]
        return [*action_rows(outcome.job.id), *turn, *more]
    image = outcome.attachments[0].image
    return [*rows_for_one(image, outcome.showing, outcome.posted_at), *more]


def _layout(accent: discord.Colour, *texts: str) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*(ui.TextDisplay(text) for text in texts), accent_colour=accent))
    return view


def _notes(outcome: Outcome) -> list[str]:
    """Quote what the models said."""
    notes = [note for note in outcome.notes if note.strip()]
    return [_("The model says: {note}", note=quote(note, NOTES_LIMIT // len(notes))) for note in notes]


def _file(item: Attachment, job: Job) -> discord.File:
    """Open the picture as it is posted. discord.py closes it after sending."""
    prompt = job.request.prompt or _("The message with the words was deleted.")
    description = shorten(_("AI-made image: {prompt}", prompt=prompt), ALT_TEXT_LIMIT)
    if item.smaller is None:
        once = job.request.conversation is None  # the next turn of a conversation sends it to the provider
        return PictureFile(
            item.path,
            size=item.image.size,
            filename=item.image.filename,
            description=description,
            once=once,
        )
    return discord.File(
        io.BytesIO(item.smaller.data),
        filename=item.image.filename_for(item.smaller.mime),
        description=description,
    )
