"""What stands on a page of the gallery, in its pickers, and on the details of a picture."""

from __future__ import annotations

from datetime import date, timedelta

from bot.domain.catalogue import Catalogue
from bot.domain.gallery import Days, Filter, Found, Page
from bot.domain.images import Image
from bot.domain.prompts import ALT_TEXT_LIMIT, shorten
from bot.domain.requests import Kind, Request
from bot.studio.gallery import Details
from cogs.came import nearest_ratio, nearest_size
from cogs.card_words import asked
from cogs.language import N_, _, ngettext, pgettext
from cogs.numbers import day, mebibytes, number
from cogs.text import code, escape_within, quote

PRIVATE = N_("private")
NAME_LIMIT = 60
FILTER_LIMIT = 100
# A message has 4,000 characters of text in all (Discord): these, fifteen relatives, and about 600 of ours.
PROMPT_LIMIT = 1200
FRAME_LIMIT = 700
RELATIVE_LIMIT = 70
CHOICE_LIMIT = 100  # Discord: the name of a choice

KINDS = {
    Kind.GENERATE: N_("from words"),
    Kind.EDIT: N_("edits"),
    Kind.BLEND: N_("blends"),
    Kind.VARY: N_("other takes"),
    Kind.FINISH: N_("finished"),
}

KIND_OF_ONE = {
    Kind.GENERATE: N_("from words"),
    Kind.EDIT: N_("an edit"),
    Kind.BLEND: N_("a blend"),
    Kind.VARY: N_("another take"),
    Kind.FINISH: N_("finished"),
}
NOT_ASKED = N_("the model's choice")

NO_PICTURES = N_("You have no pictures yet. `/imagine` makes one.")
NONE_MATCH = N_("None of your pictures match.")
NEITHER = N_("{typed} is neither a page number nor the id of a picture. An id looks like `k7f3q9z`.")
NOT_TAKEN = N_("Discord does not take this right now. Try again in a minute.")


def head(page: Page) -> str:
    """Return what stands over a contact sheet."""
    filters = _filters(page.wanted)
    if not page.found:
        return f"{_(NONE_MATCH)}\n-# {filters}" if filters else _(NO_PICTURES)
    total = ngettext("{number} picture", "{number} pictures", page.total)
    place = _("page {page} of {pages}", page=number(page.number), pages=number(page.pages))
    line = f"{_('**Your pictures**')} · {place} · {total}"
    return f"{line}\n-# {filters}" if filters else line


def _filters(wanted: Filter) -> str:
    parts = [quote(wanted.text, FILTER_LIMIT)] if wanted.text else []
    if wanted.kind is not None:
        parts.append(_(KINDS.get(wanted.kind, wanted.kind.value)))
    if wanted.days is not None:
        parts.append(_days(wanted.days))
    if wanted.channel_id is not None:
        parts.append(f"<#{wanted.channel_id}>")
    return " · ".join(parts)


def _days(days: Days) -> str:
    if days.first == days.last:
        return day(days.first)
    return _("{first} to {last}", first=day(days.first), last=day(days.last))


def sheet_alt(page: Page) -> str:
    """Return the alternative text of a contact sheet: every picture has its share of the room."""
    room = ALT_TEXT_LIMIT // len(page.found) - 20
    named = [f"{found.image.id}: {shorten(found.request.prompt, room)}" for found in page.found]
    return shorten(_("Contact sheet. {pictures}", pictures="; ".join(named)), ALT_TEXT_LIMIT)


def suggestion(found: Found) -> str:
    """Return a picture in one line of an autocompletion, which only who types sees."""
    return shorten(f"{found.image.id} · {' '.join(found.request.prompt.split())}", CHOICE_LIMIT)


def day_word(typed: str) -> str:
    """Return what somebody typed for a day, as it is called in the code where it is a word of theirs."""
    own = {_("today"): "today", _("yesterday"): "yesterday"}
    return own.get(typed.strip().casefold(), typed)


def day_offers(typed: str, today: date) -> list[tuple[str, str]]:
    """Return the days that may be meant, as (name, value)."""
    month = today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    offers = [
        (_("today"), str(Days(today, today))),
        (_("yesterday"), str(Days(today - timedelta(days=1), today - timedelta(days=1)))),
        (_("last 7 days"), str(Days(today - timedelta(days=6), today))),
        (_("this month"), month.isoformat()[:7]),
        (_("last month"), before.isoformat()[:7]),
    ]
    named = [(f"{name} ({value.replace('..', ' – ')})", value) for name, value in offers]
    wanted = typed.strip().casefold()
    return [(name, value) for name, value in named if wanted in name.casefold()]


# --- details ----------------------------------------------------------------------------------------------


def details(found: Details, catalogue: Catalogue) -> str:
    """Return how a picture was made, and its relatives."""
    image, request = found.shown.images[0], found.shown.job.request
    return "\n".join(
        [
            _("**Settings of {image}**", image=f"`{image.id}`"),
            asked(request, PROMPT_LIMIT),
            _settings(request, image, found.seed, catalogue),
            *_frame(request),
            _file(image),
            *_relatives(_("Made from"), found.lineage.parents),
            *_relatives(_("Made from it"), found.lineage.children),
        ]
    )


def _frame(request: Request) -> list[str]:
    """What went to the model before the prompt: style, server, defaults."""
    if not request.frame:
        return []
    texts = quote(" ".join(request.frame), FRAME_LIMIT)
    return [_("-# Sent before the prompt: {texts}", texts=texts)]


def _settings(request: Request, image: Image, seed: int | None, catalogue: Catalogue) -> str:
    options = request.options
    model = catalogue.get(options.model)
    ratio, size = options.ratio or "", options.size or ""
    if model is not None:
        ratio = ratio or f"{nearest_ratio(model, image)}, {_(NOT_ASKED)}"
        size = size or f"{nearest_size(model, image)}, {_(NOT_ASKED)}"
    parts = {
        _("Kind"): _(KIND_OF_ONE.get(request.kind, request.kind.value)),
        _("Model"): model.label if model else options.model,
        _("Ratio"): ratio or _(NOT_ASKED),
        _("Size"): size or _(NOT_ASKED),
        _("Seed"): pgettext("seed", "none") if seed is None else str(seed),
    }
    if request.style:
        parts["Style"] = request.style
    if request.references:
        parts[_("Input pictures")] = str(len(request.references))
    return " · ".join(f"**{name}** {escape_within(value, NAME_LIMIT)}" for name, value in parts.items())


def _file(image: Image) -> str:
    kind = image.mime.removeprefix("image/").upper()
    parts = [f"{image.width}×{image.height}", kind, mebibytes(image.size)]
    parts.append(_("made {when}", when=f"<t:{image.created_at // 1000}:f>"))
    if image.private:
        parts.append(_(PRIVATE))
    return f"-# {' · '.join(parts)}"


def _relatives(title: str, found: tuple[Found, ...]) -> list[str]:
    if not found:
        return []
    lines = [f"- {code(item.image.id)} {asked(item.request, RELATIVE_LIMIT)}" for item in found]
    return [f"**{title}**", *lines]
