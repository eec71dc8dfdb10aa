"""What a job looks like in Discord: the card while it is made, the result, the failure.

Pure rendering, as Components V2. A layout is built anew for every message: discord.py's views hold state.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import discord
from discord import ui

from bot.domain.catalogue import Catalogue
from bot.domain.images import Image
from bot.domain.jobs import Job, JobState
from bot.domain.pricing import dollars
from bot.domain.progress import Stage
from bot.domain.prompts import alt_text, shorten
from bot.studio.ports import Attachment, Outcome
from cogs.buttons import action_row
from cogs.wording import escape, failure, images, quote

ACCENT = discord.Colour(0x5B8C3A)  # plantain green
ACCENT_FAILED = discord.Colour(0xB3541E)
NOTE_LIMIT = 500

_STAGES = {
    Stage.PREPARING: "**Preparing…**",
    Stage.GENERATING: "**Generating…**",
    Stage.FINALIZING: "**Finalizing…**",
}


@dataclass(frozen=True, slots=True)
class Card:
    """A message as it is sent or edited: its layout and its files."""

    view: ui.LayoutView
    files: list[discord.File]


class Cards:
    """Renders jobs. Needs the catalogue for the names of models."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def progress(self, job: Job, stage: Stage, ahead: int) -> ui.LayoutView:
        """Return the card of a job that is on its way."""
        head = _STAGES[stage]
        if stage is Stage.PREPARING and ahead:
            head += f" place {ahead + 1} in the queue"
        if job.started_at is not None and stage is not Stage.PREPARING:
            head += f" started <t:{job.started_at // 1000}:R>"
        return _layout(ACCENT, head, quote(job.request.prompt), f"-# {self._how(job)}")

    def outcome(self, outcome: Outcome, *, mention: bool) -> Card:
        """Return the final card of a job; `mention` names the member, where no reply shows who asked."""
        job = outcome.job
        named = f"<@{job.origin.member_id}> " if mention else ""
        if job.state is not JobState.SUCCEEDED:
            return Card(self._failed(job, named), [])
        if outcome.withdrawn:
            return Card(
                _layout(ACCENT_FAILED, f"{named}This picture was deleted.", f"-# {self._how(job)}"), []
            )
        return self._succeeded(outcome, named)

    def _failed(self, job: Job, named: str) -> ui.LayoutView:
        if job.failure is None:
            raise ValueError(f"job {job.id} is in state {job.state} without a failure")
        return _layout(
            ACCENT_FAILED,
            f"{named}**No picture this time.**\n{failure(job.failure)}",
            quote(job.request.prompt),
            f"-# {self._how(job)}",
        )

    def _succeeded(self, outcome: Outcome, named: str) -> Card:
        job = outcome.job
        files = [_file(item, job) for item in outcome.attachments]
        gallery: ui.MediaGallery[ui.LayoutView] = ui.MediaGallery(
            *(discord.MediaGalleryItem(file, description=file.description) for file in files)
        )
        container: ui.Container[ui.LayoutView] = ui.Container(
            gallery, ui.TextDisplay("\n".join(self._result_lines(outcome, named))), accent_colour=ACCENT
        )
        view = ui.LayoutView(timeout=None)
        view.add_item(container)
        view.add_item(action_row(job.id))
        return Card(view, files)

    def _result_lines(self, outcome: Outcome, named: str) -> list[str]:
        job = outcome.job
        lines = [f"{named}{quote(job.request.prompt)}"]
        lines += [escape(shorten(note, NOTE_LIMIT)) for note in outcome.notes if note.strip()]
        if outcome.short_of:
            lines.append(
                f"{images(outcome.short_of)} of {job.request.options.count} could not be made; not charged."
            )
        lines += [_smaller_note(item) for item in outcome.attachments if item.smaller]
        cost = "" if job.cost_micros is None else f" · {dollars(job.cost_micros)}"
        ids = " ".join(f"`{item.image.id}`" for item in outcome.attachments)
        lines.append(f"-# {self._how(job, outcome.attachments[0].image)}{cost} · {ids}")
        lines.append("-# AI-made image")
        return lines

    def _how(self, job: Job, image: Image | None = None) -> str:
        """Return ``model · ratio · size`` as far as they are known."""
        options = job.request.options
        model = self._catalogue.get(options.model)
        parts = [escape(model.label if model else options.model)]
        if options.ratio:
            parts.append(escape(options.ratio))
        size = options.size or (model.sizes[0].name if model else None)
        if size:
            parts.append(size)
        if image is not None:
            parts.append(f"{image.width}×{image.height}")
        if options.seed is not None:
            parts.append(f"seed {options.seed}")
        return " · ".join(parts)


def _layout(accent: discord.Colour, *texts: str) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*(ui.TextDisplay(text) for text in texts), accent_colour=accent))
    return view


def _file(item: Attachment, job: Job) -> discord.File:
    """Open the picture as it is posted. discord.py closes it after sending."""
    description = alt_text(job.request.prompt)
    if item.smaller is None:
        return discord.File(item.path, filename=item.image.filename, description=description)
    return discord.File(
        io.BytesIO(item.smaller.data),
        filename=item.image.filename_for(item.smaller.mime),
        description=description,
    )


def _smaller_note(item: Attachment) -> str:
    assert item.smaller is not None  # noqa: S101 - the caller chose only such items
    shown = f"{item.smaller.width}×{item.smaller.height}"
    return (
        f"-# The original of `{item.image.id}` ({item.image.size / 2**20:.1f} MiB) is larger than Discord "
        f"takes here: this is a copy with {shown} pixels. The original is kept."
    )
