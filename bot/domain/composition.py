"""From a member's words to what the provider is told: the words, and what stands before them.

The member's words are always the last text, exactly as they were written. What stands before them says how
the picture is to be made: the server's brand, the style that was chosen, who the characters are, and that a
picture shows no words unless somebody asks for them. Without a style that is one line or nothing: a frame
that nobody asked for must not make a picture worse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.catalogue import Catalogue, Model
from bot.domain.lettering import asks_for_text
from bot.domain.presets import Preset, checked_slots
from bot.domain.requests import Kind, Options
from bot.domain.server_settings import MemberSettings, ServerSettings
from bot.errors import InvalidRequest

# What hardly anybody wants in a styled picture. Short on purpose: models are better at what is described.
DEFAULT_AVOID = ("watermarks", "signatures", "random lettering")
LEAVE_OUT = "Leave out: "
_ABOUT_WORDS = frozenset({"random lettering"})

NO_TEXT = "Show no words, letters or watermarks in the picture, except what the text below asks for."
NO_MORE_TEXT = (
    "Add no words, letters or watermarks to the picture beyond what the given pictures show and the text "
    "below asks for."
)
_OPENING = "Make one picture of what the last text describes. This is how it should look:"
_SUBJECT = "Subject: what the last text describes. Where it contradicts the lines above, it is right."


@dataclass(frozen=True, slots=True)
class Cast:
    """A character that a prompt names, and which of the request's pictures show it, counted from 1."""

    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Composition:
    """What the provider is told, and what the style suggests beside it."""

    texts: tuple[str, ...]  # the last is the member's words
    suggests_pro: bool = False  # words are to be seen in the picture: the pro model letters best
    ratio: str | None = None
    model: str | None = None

    @property
    def frame(self) -> tuple[str, ...]:
        """The texts that stand before the member's words."""
        return self.texts[:-1]

    @property
    def shown(self) -> str:
        """The whole prompt as a person reads it."""
        return "\n\n".join(self.texts)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody chose in a command. None: nothing."""

    model: str | None = None
    ratio: str | None = None
    size: str | None = None
    count: int | None = None
    seed: int | None = None


def compose(
    words: str,
    preset: Preset | None = None,
    settings: ServerSettings | None = None,
    slots: Mapping[str, str] | None = None,
    *,
    kind: Kind = Kind.GENERATE,
    pictures: int = 0,
    cast: Sequence[Cast] = (),
) -> Composition:
    """Return the texts for a request; `pictures` is how many pictures go with it.

    Only a picture that is made anew (GENERATE, BLEND) gets the server's brand, and only from words alone or
    with pictures beside them (GENERATE) the line about lettering: an edit changes what it is told to, and
    nothing else. Raises InvalidRequest for a slot that the preset does not have.
    """
    settings = settings or ServerSettings()
    values = {} if preset is None else checked_slots(preset, slots or {})
    lettered = asks_for_text(words) or any(map(asks_for_text, values.values()))
    wordless = settings.no_text_default and not lettered and kind is Kind.GENERATE

    frame: list[str] = []
    if settings.brand_prefix and kind in (Kind.GENERATE, Kind.BLEND):
        frame.append(settings.brand_prefix)
    if preset is not None:
        wordless = wordless and not preset.lettering
        frame.append(_styled(preset, values, wordless=wordless))
        lettered = lettered or preset.lettering
    frame += introductions(cast)
    if wordless:
        frame.append(NO_MORE_TEXT if pictures else NO_TEXT)
    return Composition(
        texts=(*frame, words),
        suggests_pro=lettered and kind is not Kind.DESCRIBE,
        ratio=None if preset is None else preset.ratio,
        model=None if preset is None else preset.model,
    )


def _styled(preset: Preset, values: Mapping[str, str], *, wordless: bool) -> str:
    unwanted = [item for item in DEFAULT_AVOID if wordless or item not in _ABOUT_WORDS]
    avoid = dict.fromkeys([*unwanted, *preset.avoid])
    lines = preset.template.lines(values)
    return "\n".join([_OPENING, *lines, f"{LEAVE_OUT}{', '.join(avoid)}.", _SUBJECT])


def introductions(cast: Sequence[Cast]) -> list[str]:
    """Return the text that says which pictures show which characters; none where there are none."""
    if not cast:
        return []
    lines = [f"@{one.name} is who or what {_pictures(one)}." for one in cast]
    return ["\n".join([*lines, "Keep each recognisable: the same face, build, colours and marks."])]


def _pictures(one: Cast) -> str:
    if one.first == one.last:
        return f"picture {one.first} shows"
    return f"pictures {one.first} to {one.last} show"


def wanted(frame: Sequence[str]) -> list[str]:
    """Return what the texts before the words ask for: without the lines that say what to leave out."""
    lines = [line for text in frame for line in text.splitlines()]
    return [line for line in lines if not line.startswith(LEAVE_OUT) and line not in (NO_TEXT, NO_MORE_TEXT)]


def choose_options(
    chosen: Chosen,
    preset: Preset | None,
    member: MemberSettings,
    *,
    catalogue: Catalogue,
    default_model: str,
    kind: Kind = Kind.GENERATE,
) -> Options:
    """Return the options of a request: what was chosen, else what the style says, else the member's own.

    A model that was chosen and is not on offer raises InvalidRequest; other things that were chosen stay as
    they are, for `Catalogue.check` to refuse. What a style or the settings wish and the model does not take,
    or a model of theirs that is not on offer any more, is passed over without a word. A member's own ratio
    and count are for new pictures: an edit keeps the shape of its picture.
    """
    own = member if kind is Kind.GENERATE else replace(member, ratio=None, count=1)
    styled = (None, None) if preset is None else (preset.model, preset.ratio)
    name = chosen.model or _first_on_offer(catalogue, (styled[0], own.model)) or default_model
    model = catalogue.resolve(name).model
    return Options(
        model=model.id,
        ratio=chosen.ratio or _taken((styled[1], own.ratio), model.ratios),
        size=chosen.size or _taken((own.size,), model.size_names),
        count=own.count if chosen.count is None else chosen.count,
        seed=chosen.seed,
    )


def better_for_text(composition: Composition, options: Options, catalogue: Catalogue) -> Model | None:
    """Return the pro model where the request would be served better by it than by the one it has."""
    if not composition.suggests_pro:
        return None
    try:
        pro, own = catalogue.resolve("pro").model, catalogue.resolve(options.model).model
    except InvalidRequest:
        return None
    return None if own.id == pro.id else pro


def _first_on_offer(catalogue: Catalogue, names: Sequence[str | None]) -> str | None:
    for name in names:
        if name is not None:
            try:
                return catalogue.resolve(name).model.id
            except InvalidRequest:
                continue
    return None


def _taken(wishes: Sequence[str | None], allowed: Sequence[str]) -> str | None:
    return next((wish for wish in wishes if wish in allowed), None)
