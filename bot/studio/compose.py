"""From what somebody typed to a request: style, settings and characters have their say here, once.

What comes out is kept with the job, so that another take or a finished version of a picture is made from
the same words with the same frame, whatever the server has changed since.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.catalogue import Catalogue, Model
from bot.domain.composition import Chosen, Composition, better_for_text, choose_options, compose
from bot.domain.presets import Preset, StyleChoice, parse_choice
from bot.domain.pricing import estimate
from bot.domain.requests import Kind, Options, Reference, Request
from bot.domain.server_settings import InForce, MemberSettings, ServerSettings
from bot.errors import InvalidRequest, Problem
from bot.studio.characters import Characters
from bot.studio.pictures import Person
from bot.studio.store_ports import Store
from bot.studio.styles import Styles


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for, as they typed it. None: they chose nothing."""

    prompt: str
    kind: Kind = Kind.GENERATE
    chosen: Chosen = Chosen()
    style: str | None = None  # a name, with slots where they were given
    private: bool | None = None
    references: tuple[Reference, ...] = ()  # kept pictures that go first
    attachments: int = 0  # pictures that were uploaded with it, and go next; those of characters go last
    consent: bool = False  # who is shown in them agrees, says the person
    age_restricted: bool = False  # the channel is
    characters: bool = True  # an ``@name`` in the prompt brings a character in


@dataclass(frozen=True, slots=True)
class Composed:
    """What becomes of it: everything that a request needs beside its attachments.

    The pictures of a request go to the provider in this order: the kept ones of the wish, its attachments,
    and `brought`. What the frame says about characters counts on it.
    """

    composition: Composition
    options: Options
    brought: tuple[Reference, ...]  # the pictures of characters
    private: bool
    spoiler: bool
    micros: int  # what it costs about
    preset: Preset | None
    characters: tuple[str, ...]  # names
    server: ServerSettings
    member: MemberSettings
    better: Model | None  # a model that would letter this better

    @property
    def frame(self) -> tuple[str, ...]:
        """The texts that go to the provider before the prompt."""
        return self.composition.frame

    def request(self, wish: Wish, parent: str | None = None) -> Request:
        """Return the request, without attachments and characters: those go behind it, in this order."""
        return Request(
            kind=wish.kind,
            prompt=self.composition.texts[-1],
            options=self.options,
            references=wish.references,
            frame=self.frame,
            parent=parent,
            private=self.private,
            spoiler=self.spoiler,
            consent=wish.consent,
            better_with=self.better.label if self.better else "",
            style=self.preset.name if self.preset else "",
            unit=self.server.unit,
            credit_micros=self.server.credit_micros,
        )

    @property
    def needs_confirmation(self) -> bool:
        """Whether the server wants the price to be confirmed first."""
        return self.server.needs_confirmation(self.micros)


class Composer:
    """Puts requests together. Writes nothing."""

    def __init__(
        self,
        *,
        store: Store,
        catalogue: Catalogue,
        styles: Styles,
        characters: Characters,
        default_model: str,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._styles = styles
        self._characters = characters
        self._default_model = default_model

    async def compose(self, wish: Wish, person: Person, in_force: InForce | None = None) -> Composed:
        """Return what becomes of a wish. `in_force` is what was set, where the caller has looked that up.

        Raises InvalidRequest for a style, slot or model that there is not, for an ``@name`` that names no
        character of this person's, for more pictures than the model takes and for a consent that the
        server asks for; NotAllowed where the server wants no pictures in age-restricted channels.
        """
        choice = StyleChoice("") if wish.style is None else parse_choice(wish.style)
        if in_force is None:
            in_force = await self._store.read(lambda tx: tx.settings.in_force(person.id, person.guild_id))
        member, server = in_force.member, in_force.server
        preset = await self._styles.find(choice.name, person.guild_id) if choice.name else None
        server.check_channel(age_restricted=wish.age_restricted)
        server.check_consent(brought_along=wish.attachments > 0, given=wish.consent)
        options = choose_options(
            wish.chosen,
            preset,
            member,
            catalogue=self._catalogue,
            default_model=self._default_model,
            kind=wish.kind,
        )
        model = self._catalogue.resolve(options.model).model
        others = len(wish.references) + wish.attachments
        brought = await self._characters.bring_in(
            wish.prompt if wish.characters else "", person, model=model, others=others
        )
        # A character may have been saved where nobody asks.
        server.check_consent(brought_along=brought.unsaid, given=wish.consent)
        pictures = others + len(brought.references)
        if pictures > model.max_inputs:  # said before any of them is fetched
            raise InvalidRequest(
                Problem.TOO_MANY_REFERENCES, count=pictures, limit=model.max_inputs, model=model.label
            )
        composition = compose(
            wish.prompt,
            preset,
            server,
            choice.slots,
            kind=wish.kind,
            pictures=pictures,
            cast=brought.cast(others),
        )
        return Composed(
            composition=composition,
            options=options,
            brought=brought.references,
            private=member.private if wish.private is None else wish.private,
            spoiler=server.hides(age_restricted=wish.age_restricted, wanted=member.spoiler),
            micros=estimate(model, options, composition.shown, pictures, kind=wish.kind),
            preset=preset,
            characters=tuple(character.name for character in brought.characters),
            server=server,
            member=member,
            better=better_for_text(composition, options, self._catalogue),
        )
