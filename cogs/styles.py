"""/style: looking at styles is for everybody, making them for the managers of a server."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.domain.catalogue import Catalogue
from bot.domain.presets import DESCRIPTION_LIMIT, NAME_LIMIT, Preset, ServerPreset
from bot.domain.templates import TEMPLATE_LIMIT, Template, one_line
from bot.errors import Refusal
from bot.studio.styles import Preview
from cogs.form import Form
from cogs.items import OwnItem
from cogs.language import N_, _
from cogs.panels import Part, answer_privately, fenced, replace_panel, short
from cogs.people import person_of
from cogs.prices import tier
from cogs.style_picker import own_style_choices, style_as_typed, style_choices
from cogs.style_words import CATEGORIES, category, described, description, title
from cogs.surface import Surface, surface_of
from cogs.text import code, escape, quote
from cogs.wording import refusal

log = logging.getLogger(__name__)

NONE = "-"  # Discord allows no empty value
PER_PAGE = 12
SUFFIX_LIMIT = 300
SHOWN_NAME = 25  # characters of a name in a modal's title, which holds 45

LIST_TITLE = N_("**Styles**\nChoose one in `/imagine` as `style`. `/style preview` shows what it does.")
SLOTS_HINT = N_("-# Parts that you can replace: {slots}\n-# Write them behind the name, like {example}")
PREVIEW_INTRO = N_("This is what the model is told. The last paragraph is your prompt, word for word.")
WRITTEN = N_("What you wrote:")
SAVED = N_("The style {name} is saved. `/style preview` shows what it does.")
DELETED = N_("The style {name} is deleted. Pictures that were made with it stay.")

CREATE_TITLE = N_("New style: {name}")
EDIT_TITLE = N_("Style: {name}")
DESCRIPTION_LABEL = N_("What it is for")
DESCRIPTION_HINT = N_("One line for lists")
INSTRUCTIONS_LABEL = N_("Instructions before the prompt")
INSTRUCTIONS_HINT = N_("Headings are optional. {slot=text} can be replaced by members.")
# Read back by `Template.from_text`: the headings are the same in every language.
INSTRUCTIONS_EXAMPLE = "Goal: …\nScene: …\nCamera and lighting: …\nStyle: …\nConstraints: …\nAvoid: …"
SUFFIX_LABEL = N_("Last instruction")
SUFFIX_HINT = N_("Stands right before the prompt, for example: Use our green and cream.")
RATIO_LABEL = N_("Ratio, where a member chooses none")
MODEL_LABEL = N_("Model, where a member chooses none")
MEMBERS_OWN = N_("What the member has set")

_AVOID = re.compile(r"^\s*avoid\s*:(.*)$", re.IGNORECASE | re.MULTILINE)


# --- the form ---------------------------------------------------------------------------------------------


class StyleForm(Form):
    """The form for a new style, or for one that is there: `kept` fills it in."""

    def __init__(self, name: str, catalogue: Catalogue, kept: ServerPreset | None = None) -> None:
        title = CREATE_TITLE if kept is None else EDIT_TITLE
        super().__init__(title=_(title, name=short(name, SHOWN_NAME)))
        self._name = name
        self._kept = kept
        preset = kept.preset if kept else Preset(name, name, "", Template())
        self._description: ui.TextInput[Any] = ui.TextInput(
            custom_id="description",
            default=preset.description or None,
            max_length=DESCRIPTION_LIMIT,
            required=False,
        )
        self._instructions: ui.TextInput[Any] = ui.TextInput(
            custom_id="instructions",
            style=discord.TextStyle.paragraph,
            placeholder=INSTRUCTIONS_EXAMPLE,
            default=_written(preset) or None,
            max_length=TEMPLATE_LIMIT * 2,  # headings and things to avoid are not counted
            required=False,
        )
        self._suffix: ui.TextInput[Any] = ui.TextInput(
            custom_id="suffix",
            default=preset.template.suffix or None,
            max_length=SUFFIX_LIMIT,
            required=False,
        )
        self._ratio = _select("ratio", _ratios(catalogue), preset.ratio)
        self._model = _select("model", _models(catalogue), preset.model)
        for label, hint, component in (
            (DESCRIPTION_LABEL, DESCRIPTION_HINT, self._description),
            (INSTRUCTIONS_LABEL, INSTRUCTIONS_HINT, self._instructions),
            (SUFFIX_LABEL, SUFFIX_HINT, self._suffix),
            (RATIO_LABEL, None, self._ratio),
            (MODEL_LABEL, None, self._model),
        ):
            self.add_item(ui.Label(text=_(label), description=hint and _(hint), component=component))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Keep the style; the guard says what is wrong with it."""
        await surface_of(interaction).guard.run(interaction, self._submitted(interaction))

    async def _submitted(self, interaction: discord.Interaction[Any]) -> None:
        styles, person = surface_of(interaction).library.styles, person_of(interaction)
        await surface_of(interaction).casework.bans.check(person)
        preset = self._filled_in()
        try:
            if self._kept is None:
                kept = await styles.create(preset, person)
            else:
                kept = await styles.change(preset, self._kept.version, person)
        except Refusal as refused:  # what somebody took the time to write is given back
            log.info("interaction %s refused: %s", interaction.id, refused)
            written = self._instructions.value.strip()
            again = [_(WRITTEN), fenced(written)] if written else []
            await answer_privately(interaction, refusal(refused), *again)
            return
        await answer_privately(interaction, _(SAVED, name=code(kept.preset.name)))

    def _filled_in(self) -> Preset:
        written = self._instructions.value
        avoid = [item for line in _AVOID.findall(written) for item in line.split(",")]
        name = self._kept.preset.name if self._kept else self._name
        base = self._kept.preset if self._kept else Preset(name, name, "", Template())
        return replace(
            base,
            description=self._description.value,
            template=Template.from_text(_AVOID.sub("", written), self._suffix.value),
            avoid=tuple(item.strip(" .") for item in avoid if item.strip(" .")),
            ratio=_chosen(self._ratio),
            model=_chosen(self._model),
        )


def _written(preset: Preset) -> str:
    """Return a preset's instructions as a person edits them."""
    avoid = [f"Avoid: {', '.join(preset.avoid)}"] if preset.avoid else []
    return "\n".join([*filter(None, [preset.template.to_text()]), *avoid])


def _select(custom_id: str, values: Sequence[tuple[str, str]], now: str | None) -> ui.Select[Any]:
    chosen = now if now in dict(values) else NONE
    options = [
        discord.SelectOption(label=label[:100], value=value, default=value == chosen)
        for value, label in values
    ]
    return ui.Select(custom_id=custom_id, options=options, required=False)


def _chosen(select: ui.Select[Any]) -> str | None:
    value = select.values[0] if select.values else NONE
    return None if value == NONE else value


def _ratios(catalogue: Catalogue) -> list[tuple[str, str]]:
    ratios = dict.fromkeys(ratio for model in catalogue.models for ratio in model.ratios)
    return [(NONE, _(MEMBERS_OWN)), *((ratio, ratio) for ratio in list(ratios)[:24])]


def _models(catalogue: Catalogue) -> list[tuple[str, str]]:
    """A tier stays when its model is replaced, so it is offered where a model has one."""
    models = [
        (model.tier or model.id, " · ".join([model.label, *filter(None, [tier(model)])]))
        for model in catalogue.models
    ]
    return [(NONE, _(MEMBERS_OWN)), *models[:24]]


# --- the list ---------------------------------------------------------------------------------------------


class StylesPage(OwnItem[ui.Button[Any]], template=r"plantain:styles:(?P<page>\d{1,4})"):
    """A button that turns to a page of the list."""

    def __init__(self, page: int, label: str = "…") -> None:
        self.page = page
        super().__init__(ui.Button(label=label, custom_id=f"plantain:styles:{page}"))

    @classmethod
    def read(cls, match: re.Match[str], item: ui.Item[Any]) -> Self:
        """Read a custom_id."""
        return cls(int(match["page"]))

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        presets = await surface_of(interaction).library.styles.all(interaction.guild_id)
        await replace_panel(interaction, *_list(presets, self.page))


def _list(presets: Sequence[Preset], page: int) -> list[Part]:
    """Return a page of the list; a page that is not there any more is the last one."""
    order = {category: place for place, category in enumerate(CATEGORIES)}
    presets = sorted(presets, key=lambda preset: order.get(preset.category, len(order)))
    pages = max(1, -(-len(presets) // PER_PAGE))
    page = min(page, pages - 1)
    lines, under = [], None
    for preset in presets[page * PER_PAGE : (page + 1) * PER_PAGE]:
        if preset.category != under:
            under = preset.category
            lines.append(f"**{category(under)}**")
        lines.append(_line(preset))
    parts: list[Part] = [_(LIST_TITLE), "\n".join(lines) or _("There are none.")]
    turns = [(page - 1, "◀"), (page + 1, "▶")]
    buttons = [StylesPage(to, label) for to, label in turns if 0 <= to < pages]
    if buttons:
        parts += [_("-# Page {page} of {pages}", page=page + 1, pages=pages), ui.ActionRow(*buttons)]
    return parts


def _line(preset: Preset) -> str:
    """Return a style's name, as it can be typed, and what the picker shows of it."""
    same = title(preset) == preset.name  # a server's own style
    said = description(preset) if same and preset.description else described(preset)
    return f"{code(preset.name)} · {escape(said)}"


# --- the commands -----------------------------------------------------------------------------------------


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class StyleCommands(commands.GroupCog, group_name="style", group_description="Styles for /imagine"):
    """The commands. Who may change something is checked by the service."""

    @app_commands.command(name="list", description="Show the styles that you can use here")
    async def list_(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page."""
        presets = await surface_of(interaction).library.styles.all(interaction.guild_id)
        await answer_privately(interaction, *_list(presets, 0))

    @app_commands.command(name="preview", description="Show the prompt that a style makes of your words")
    @app_commands.describe(style="The style", prompt="Your words; an example when you leave it out")
    @app_commands.autocomplete(style=style_choices)
    async def preview(
        self, interaction: discord.Interaction[Any], style: str, prompt: str | None = None
    ) -> None:
        """Show what the provider would be told. Nothing is made and nothing charged."""
        surface = surface_of(interaction)
        style = await style_as_typed(interaction, style)
        preview = await surface.library.styles.preview(style, prompt, interaction.guild_id)
        await answer_privately(interaction, *_preview(preview, surface))

    @app_commands.command(name="create", description="Make a style for this server (Manage Server)")
    @app_commands.describe(name="What people type to use it")
    async def create(
        self, interaction: discord.Interaction[Any], name: app_commands.Range[str, 1, NAME_LIMIT]
    ) -> None:
        """Show the form."""
        surface = surface_of(interaction)
        name = one_line(name)
        await surface.library.styles.check_new(name, person_of(interaction))
        form = StyleForm(name, surface.studio.catalogue)
        await form.show(interaction)

    @app_commands.command(name="edit", description="Change a style of this server (Manage Server)")
    @app_commands.describe(name="The style")
    @app_commands.autocomplete(name=own_style_choices)
    async def edit(self, interaction: discord.Interaction[Any], name: str) -> None:
        """Show the form, filled in."""
        surface = surface_of(interaction)
        kept = await surface.library.styles.kept(name, person_of(interaction))
        form = StyleForm(kept.preset.name, surface.studio.catalogue, kept)
        await form.show(interaction)

    @app_commands.command(name="delete", description="Delete a style of this server (Manage Server)")
    @app_commands.describe(name="The style")
    @app_commands.autocomplete(name=own_style_choices)
    async def delete(self, interaction: discord.Interaction[Any], name: str) -> None:
        """Delete a style."""
        gone = await surface_of(interaction).library.styles.delete(name, person_of(interaction))
        await answer_privately(interaction, _(DELETED, name=code(gone.name)))


def _preview(preview: Preview, surface: Surface) -> list[Part]:
    preset, composition = preview.preset, preview.composition
    facts = [escape(description(preset))] if preset.description else []
    if preset.ratio:
        facts.append(_("ratio {ratio}", ratio=code(preset.ratio)))
    model = surface.studio.catalogue.get(preset.model or "") if preset.model else None
    if preset.model:
        facts.append(_("model {model}", model=code(model.label if model else preset.model)))
    parts: list[Part] = [
        f"**{escape(title(preset))}** · {code(preset.name)}\n{' · '.join(facts)}".strip(),
        _(PREVIEW_INTRO),
        fenced(composition.shown),
    ]
    if slots := preset.template.slots:
        name, default = next(iter(slots.items()))
        parts.append(
            _(
                SLOTS_HINT,
                slots=", ".join(
                    f"{code(slot)} ({quote(text, 60)})" for slot, text in list(slots.items())[:8]
                ),
                example=code(f"{preset.name}; {name}: {default}"),
            )
        )
    return parts
