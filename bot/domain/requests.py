"""What somebody asked for, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from bot.domain.images import Sender


class Kind(StrEnum):
    """What kind of work a request is."""

    GENERATE = "generate"
    EDIT = "edit"
    BLEND = "blend"
    VARY = "vary"
    FINISH = "finish"
    DESCRIBE = "describe"


@dataclass(frozen=True, slots=True)
class Reference:
    """A stored picture that goes to the provider as input."""

    sha256: str
    mime: str
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Source:
    """An attachment that somebody sent along, as Discord claims it to be; nothing of it is checked yet.

    The URL is signed and works for a day for whoever has it, so it never appears in a repr.
    """

    url: str = field(repr=False)
    filename: str
    size: int  # bytes
    content_type: str | None
    message_id: int | None = None  # that it was taken from, where it did not come with the request itself


@dataclass(frozen=True, slots=True)
class Options:
    """How a picture should be made. None means: what the model does by itself."""

    model: str
    ratio: str | None = None
    size: str | None = None
    count: int = 1
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked for. Serialised as it is with its job, so that a job can be done again."""

    kind: Kind
    prompt: str
    options: Options
    references: tuple[Reference, ...] = ()
    frame: tuple[str, ...] = ()  # texts that go to the provider before the prompt: style, server, defaults
    remarks: tuple[str, ...] = ()  # what was done to references that were sent along (`IntakeNote`)
    parent: str | None = None  # id of the image that this one was made from
    variation: int = 0  # 0: as asked; n: the n-th other take of the same request
    private: bool = False
    spoiler: bool = False  # posted so that it is seen only after a click
    consent: bool = False  # who brought pictures along says that the people in them agree
    better_with: str = ""  # a model that would letter this better, by its label
    pressed: bool = False  # asked for with a button, whose answer does not show who pressed it
    style: str = ""  # the style that was chosen, by its name; what it says is in `frame`
    unit: str = "dollars"  # in what its price is shown (`server_settings.Unit`), as it was when it was asked
    credit_micros: int = 10_000
    conversation: str | None = None  # it is a turn of this one
    turn: int = 0  # its number there: it waits for those with smaller ones
    earlier: int = 0  # about how many pictures of earlier turns go along
    age_restricted: bool = False  # the channel that it was asked in is
    safety: tuple[tuple[str, str], ...] = ()  # from what on the provider refuses: harm and threshold
    people: str | None = None  # who may be seen in it (`safety.People`), where the provider takes that
    brought_in: tuple[int, ...] = ()  # messages, perhaps of others, that pictures were taken from
    pictures_gone: bool = False  # one of those messages was deleted, and they with it
    fallback: str | None = None  # the model that makes it where the one asked for is out of reach

    @property
    def images(self) -> int:
        """How many images it asks for, which is what counts against a cap: a description is none."""
        return 0 if self.kind is Kind.DESCRIBE else self.options.count

    def evolve(self, **changes: Any) -> Request:
        """Return a copy with some fields changed."""
        return replace(self, **changes)

    def sender(self, origin: Origin) -> Sender:
        """Return who would have its pictures sent to a model."""
        return Sender(origin.guild_id, origin.member_id, self.parent)

    def without_words(self) -> Request:
        """Return what is left when its words are taken back: how it was to be made, and not what."""
        return self.evolve(prompt="", references=(), frame=(), remarks=(), better_with="", brought_in=())

    def without_pictures(self) -> Request:
        """Return what is left when the messages that its pictures were taken from are gone."""
        return self.evolve(references=(), remarks=(), brought_in=(), pictures_gone=True)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; `from_json` gives an equal request back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Request:
        """Read what `to_json` wrote, also before the latest fields were added."""
        values = dict(data)
        values["kind"] = Kind(values["kind"])
        values["options"] = Options(**values["options"])
        values["references"] = tuple(Reference(**item) for item in values["references"])
        for name in ("frame", "remarks", "brought_in"):
            values[name] = tuple(values.get(name, ()))
        values["safety"] = tuple((harm, threshold) for harm, threshold in values.get("safety", ()))
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from and where its answer goes.

    `key` makes the request unique: a second delivery of the same interaction has the same key. The token
    is a secret that lives 15 minutes from `token_at` (UTC milliseconds); it never appears in a repr.
    """

    key: str
    application_id: int
    member_id: int
    guild_id: int | None
    channel_id: int
    token: str | None = field(repr=False)
    token_at: int
    upload_limit: int  # bytes that one message may carry there
    direct: bool = False  # the channel is the member's direct messages with the bot
    locale: str = "en-US"  # the member's, for what only they see
    place_locale: str = "en-US"  # that of those who see what is public there
    message_id: int | None = None  # it came in as this message of the channel, and is answered by a reply
