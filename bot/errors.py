"""The tree of errors.

::

    PlantainError
    ├── ConfigurationError      the settings are wrong; starting is refused with exit code 2
    ├── Refusal                 somebody asked for what may not be; no provider call, no charge
    │   ├── InvalidRequest      the request itself is wrong (see Problem)
    │   ├── NoPicture           a message that should be edited has no picture
    │   ├── InputRefused        a picture that was sent along cannot be used (see InputProblem)
    │   ├── CapReached          the member has used up what a cap allows
    │   ├── QueueFull           more requests wait than are taken
    │   ├── QuotaUsedUp         the provider makes nothing more today
    │   ├── TooFast             this member comes too often (see `domain.throttle`)
    │   ├── NotAllowed          this person may not do this
    │   ├── Banned              this person may make and share nothing
    │   ├── CoolingDown         this person may make nothing for a while
    │   ├── TooManyReports      this person has reported as much as may be in an hour
    │   ├── RuleBroken          a text or picture breaks a rule; moderators can see what was tried
    │   ├── RulePause           the member broke rules too often and pauses
    │   ├── EmptyHanded         the member's latest requests all gave no picture, and they pause
    │   ├── ExportTooSoon       the member's last export was a short while ago
    │   ├── ChangedMeanwhile    somebody else changed it since this person looked
    │   ├── ConversationRefused a conversation does not take this (see Hindrance)
    │   └── Gone                the image or job is not there (any more)
    ├── ProviderError           a provider call gave no picture
    │   ├── Blocked             safety: the provider refused the prompt or the picture
    │   ├── NoImage             it answered, but without a picture
    │   ├── RequestRefused      it does not accept the request as sent (400-class)
    │   │   ├── SignatureRefused    because of what was said earlier in the conversation
    │   │   └── ModelGone           because the model was shut down
    │   ├── KeyRefused          it does not accept our key or project (401, 403)
    │   ├── Busy                overloaded, out of quota or out of reach: worth another try
    │   │   └── Throttled       called too often: the quota of a minute or a day is used up
    │   ├── CallLost            what makes the calls ended while this one was under way
    │   └── BadAnswer           the answer cannot be read
    ├── Cancelled               somebody wanted no more of a request before this call was made
    ├── StorageError            the database or the blob store failed
    │   ├── StaleState          a guarded change found another state than expected
    │   │   └── IdTaken           an id that was drawn is another's already
    │   ├── StorageBusy         locked for longer than the busy timeout
    │   ├── StorageReadOnly     database or folder cannot be written
    │   ├── StorageFull         no space left
    │   ├── StorageUnreachable  the database's server is out of reach, or not up yet
    │   ├── StorageDamaged      the database is no longer what was written: only a backup helps
    │   ├── StorageTooNew       written by a newer version of Plantain
    │   └── StorageInUse        another process works on the same SQLite data
    ├── ImageError              a picture cannot be decoded, or not be made small enough to be posted
    ├── LoginError              Discord does not let the bot in, or is out of reach
    └── DeliveryError           Discord did not take a message by one way; another may work

An error carries values, not sentences for people: `cogs.wording` turns it into one. Its own text is for
the log and for operators, and never holds a secret or a prompt.

It is one long file on purpose: whoever raises or catches something sees here what there is, and each class is
a few lines of values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class PlantainError(Exception):
    """Root of every error that Plantain raises on purpose."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with the settings."""

    key: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.key}: {self.problem}. {self.remedy}"


class ConfigurationError(PlantainError):
    """Every fault of the settings at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


# --- refusals ---------------------------------------------------------------------------------------------


class Refusal(PlantainError):
    """Somebody asked for what may not be. Nothing was called and nothing is charged."""


class Problem(StrEnum):
    """What is wrong with a request. The values that belong to each stand beside it."""

    PROMPT_EMPTY = "prompt_empty"
    PROMPT_TOO_LONG = "prompt_too_long"  # length, limit
    MODEL_UNKNOWN = "model_unknown"  # model, allowed
    RATIO_NOT_TAKEN = "ratio_not_taken"  # ratio, model, allowed
    SIZE_NOT_TAKEN = "size_not_taken"  # size, model, allowed
    SEED_NOT_TAKEN = "seed_not_taken"  # model, allowed (labels of models that take one)
    SEED_OUT_OF_RANGE = "seed_out_of_range"  # seed, lowest, highest
    COUNT_OUT_OF_RANGE = "count_out_of_range"  # count, limit
    TOO_MANY_REFERENCES = "too_many_references"  # count, limit, model
    DAY_UNREADABLE = "day_unreadable"  # text
    SETTING_NOT_TAKEN = "setting_not_taken"  # setting, value, allowed
    DURATION_UNREADABLE = "duration_unreadable"  # text
    RULES_UNREADABLE = "rules_unreadable"  # text
    CASE_UNKNOWN = "case_unknown"  # case (what was typed)
    TEXT_TOO_LONG = "text_too_long"  # what, length, limit
    NAME_NOT_TAKEN = "name_not_taken"  # what (style or character), name, limit
    NAME_IN_USE = "name_in_use"  # what, name
    TOO_MANY_KEPT = "too_many_kept"  # what (styles, characters or shared characters), limit
    STYLE_UNKNOWN = "style_unknown"  # style, near (names like it)
    STYLE_EMPTY = "style_empty"
    SLOT_BROKEN = "slot_broken"  # near (what stands around the brace)
    SLOT_EMPTY = "slot_empty"  # slot
    SLOT_UNKNOWN = "slot_unknown"  # slot, style, allowed
    TOO_MANY_SLOTS = "too_many_slots"  # count, limit
    CHARACTER_UNKNOWN = "character_unknown"  # names
    CHARACTER_PICTURES = "character_pictures"  # count, limit
    CONSENT_MISSING = "consent_missing"
    NUMBER_NOT_TAKEN = "number_not_taken"  # setting, value, low, high, fraction (whether it may have one)
    TIER_UNKNOWN = "tier_unknown"  # tier, allowed
    MODEL_NOT_OPEN = "model_not_open"  # model, allowed (ids)
    MODEL_UNPRICED = "model_unpriced"  # model, allowed (ids of those with a price)
    SIZE_NOT_OPEN = "size_not_open"  # size, largest
    THREAD_TOO_LONG = "thread_too_long"  # turns, limit
    PEOPLE_NOT_TAKEN = "people_not_taken"  # the provider takes no wish about people
    WORD_EMPTY = "word_empty"
    WORD_TOO_LONG = "word_too_long"  # length, limit
    WORD_UNKNOWN = "word_unknown"  # word
    WORDS_UNREADABLE = "words_unreadable"
    WORDS_TOO_LARGE = "words_too_large"  # limit (bytes)
    TOO_MANY_WORDS = "too_many_words"  # count, limit
    TOO_MANY_BLOCKED = "too_many_blocked"  # limit
    BLOCKED_UNKNOWN = "blocked_unknown"  # id
    WORDS_DELETED = "words_deleted"  # the message that asked for the picture is gone
    PICTURES_DELETED = "pictures_deleted"  # the message with the pictures that it was made from is gone
    PICTURE_UNKNOWN = "picture_unknown"  # it is not there, or not for this person


class InvalidRequest(Refusal):
    """The request cannot be made like this; `values` fill the sentence."""

    def __init__(self, problem: Problem, **values: object) -> None:
        self.problem = problem
        self.values = values
        super().__init__(problem.value)


class InputProblem(StrEnum):
    """Why a picture that somebody sent cannot be used. The values that belong to each stand beside it."""

    NOT_A_PICTURE = "not_a_picture"  # kind: what it began as where it is cut off or damaged, else ""
    KIND_NOT_TAKEN = "kind_not_taken"  # kind, allowed
    TOO_MANY_BYTES = "too_many_bytes"  # limit
    TOO_MANY_PIXELS = "too_many_pixels"  # width, height, limit
    TOO_MANY_FRAMES = "too_many_frames"  # limit
    TOO_FEW_PIXELS = "too_few_pixels"  # width, height
    EXPIRED = "expired"
    WRONG_HOST = "wrong_host"
    NOT_REACHABLE = "not_reachable"


class InputRefused(Refusal):
    """A picture that somebody sent along cannot be used; `values` fill the sentence.

    They are plain JSON values, so that they can be kept with a job. `name` among them is the file's name as
    its sender wrote it: somebody's text.
    """

    def __init__(self, problem: InputProblem, **values: str | int | list[str]) -> None:
        self.problem = problem
        self.values = values
        super().__init__(problem.value)

    def naming(self, filename: str) -> InputRefused:
        """Return the same refusal, saying which file it is about."""
        return InputRefused(self.problem, **{**self.values, "name": filename})


class NoPicture(Refusal):
    """The message that somebody pointed at has no picture that can be edited."""


class CapRule(StrEnum):
    """Which cap does not allow something. Those about dollars count in micro-dollars."""

    MEMBER_IMAGES = "member_images"  # of a member and day
    MEMBER_DOLLARS = "member_dollars"
    SERVER_IMAGES = "server_images"  # of a server and month
    SERVER_DOLLARS = "server_dollars"
    BOT_IMAGES = "bot_images"  # of everybody together and day
    BOT_DOLLARS = "bot_dollars"
    STRANGER_IMAGES = "stranger_images"  # of all who share no server with the bot, together and day
    STRANGER_DOLLARS = "stranger_dollars"
    DESCRIPTIONS = "descriptions"  # of a member and day
    STRIKES = "strikes"  # images of a member and day, in a server where strikes lower them


DOLLARS = frozenset(
    {CapRule.MEMBER_DOLLARS, CapRule.SERVER_DOLLARS, CapRule.BOT_DOLLARS, CapRule.STRANGER_DOLLARS}
)


class CapReached(Refusal):
    """A cap does not allow this many more images, or what they cost."""

    def __init__(
        self,
        *,
        limit: int,
        used: int,
        wanted: int,
        resets_at: int,
        rule: CapRule = CapRule.MEMBER_IMAGES,
        extra: int = 0,
        until: int | None = None,
    ) -> None:
        self.limit = limit
        self.used = used
        self.wanted = wanted
        self.resets_at = resets_at  # UTC milliseconds
        self.rule = rule
        self.extra = extra  # granted beside the cap, and not used yet
        self.until = until  # UTC milliseconds: when strikes have expired that lower the cap
        super().__init__(f"cap {rule} of {limit}: {used} used, {wanted} wanted, {extra} beside it")

    @property
    def left(self) -> int:
        """How much the cap still allows, with what is granted beside it."""
        return max(0, self.limit - self.used) + self.extra


class QueueFull(Refusal):
    """So many requests wait already that another would wait too long."""

    def __init__(self, *, waiting: int, limit: int) -> None:
        self.waiting = waiting
        self.limit = limit
        super().__init__(f"{waiting} requests wait, {limit} may")


class QuotaUsedUp(Refusal):
    """The provider's quota of the day for a model is used up, or what waits already will use it up."""

    def __init__(self, *, model: str, resets_at: int, others: Sequence[str]) -> None:
        self.model = model  # labels
        self.others = tuple(others)  # that this person may use until then
        self.resets_at = resets_at  # UTC milliseconds
        super().__init__(f"the day's quota of {model} is used up")


class TooFast(Refusal):
    """This member has come so often within a minute that everything waits for a while."""

    def __init__(self, *, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"too often, {seconds:.0f} s to wait")


class NotAllowed(Refusal):
    """This person may not do this. `action` names what: it picks the sentence."""

    def __init__(self, action: str) -> None:
        self.action = action
        super().__init__(action)


class Banned(Refusal):
    """This person may make and share nothing, here or everywhere."""

    def __init__(self, *, reason: str, until: int | None, everywhere: bool, may_appeal: bool) -> None:
        self.reason = reason  # somebody's text
        self.until = until  # UTC milliseconds; None: for good
        self.everywhere = everywhere
        self.may_appeal = may_appeal
        super().__init__("banned everywhere" if everywhere else "banned in this server")


class CoolingDown(Refusal):
    """Strikes keep this person from making anything until a moment (UTC milliseconds)."""

    def __init__(self, until: int, strikes: int) -> None:
        self.until = until
        self.strikes = strikes
        super().__init__(f"cooling down after {strikes} strikes")


class TooManyReports(Refusal):
    """This person has reported as much as may be within an hour."""

    def __init__(self, *, limit: int, next_at: int) -> None:
        self.limit = limit
        self.next_at = next_at  # UTC milliseconds
        super().__init__(f"more than {limit} reports within an hour")


class RuleBroken(Refusal):
    """Something breaks a rule. `rule` names its kind, `what` where it stood (a prompt, a name, a picture).

    What was found is kept for moderators and never told to the person: it would teach them the list. `until`
    is when a pause ends that begins with this (UTC milliseconds).
    """

    def __init__(self, rule: str, what: str, until: int | None = None) -> None:
        self.rule = rule
        self.what = what
        self.until = until
        super().__init__(f"{what}: {rule}")


class RulePause(Refusal):
    """A member broke rules so often that nothing is made for them until a time (UTC milliseconds)."""

    def __init__(self, until: int) -> None:
        self.until = until
        super().__init__("pausing after broken rules")


class EmptyHanded(Refusal):
    """A member's latest requests gave no picture: they pause until a time (UTC milliseconds)."""

    def __init__(self, until: int) -> None:
        self.until = until
        super().__init__("pausing after nothing but answers without a picture")


class ChangedMeanwhile(Refusal):
    """Somebody else changed the same thing since this person looked at it. `what` picks the sentence."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(what)


class Hindrance(StrEnum):
    """Why a conversation does not take something. The values that belong to each stand beside it."""

    NONE_HERE = "none_here"  # there is no conversation in this place
    ENDED = "ended"
    LIMIT = "limit"  # ending (which limit), head (id of a turn, or None)
    NOTHING_TO_UNDO = "nothing_to_undo"
    NOT_IN_IT = "not_in_it"  # the picture or number is no turn of this conversation; typed
    NO_PICTURES = "no_pictures"  # nothing was made yet
    OWNER_ONLY = "owner_only"
    NOT_A_PARTICIPANT = "not_a_participant"
    HEAD_MOVED = "head_moved"  # somebody else was first
    ONE_TO_COMPARE = "one_to_compare"  # two are needed
    PERMISSION = "permission"  # names (what the bot lacks, as Discord calls it)
    NO_THREADS_HERE = "no_threads_here"
    PLACE_CLOSED = "place_closed"  # Discord does not let the bot open one
    NO_PICTURE_GIVEN = "no_picture_given"


class ConversationRefused(Refusal):
    """A conversation does not take what somebody wants of it; `values` fill the sentence."""

    def __init__(self, hindrance: Hindrance, **values: object) -> None:
        self.hindrance = hindrance
        self.values = values
        super().__init__(hindrance.value)


class ExportTooSoon(Refusal):
    """A member has taken what is kept of them a short while ago."""

    def __init__(self, *, again_at: int) -> None:
        self.again_at = again_at  # UTC milliseconds
        super().__init__(f"the next export is at {again_at}")


class Gone(Refusal):
    """What a button or an id points at was deleted, or never existed for this person."""


# --- provider ---------------------------------------------------------------------------------------------


class ProviderError(PlantainError):
    """A provider call gave no picture.

    `message` is the provider's own sentence, where it sent one that helps a person (a refusal's reason);
    it is somebody else's text and is escaped before it is shown.
    """

    transient = False

    def __init__(self, detail: str, *, message: str = "", retry_after: float | None = None) -> None:
        self.detail = detail
        self.message = message
        self.retry_after = retry_after  # seconds that the provider asked us to wait
        super().__init__(detail)


class Blocked(ProviderError):
    """Safety: the prompt or the picture was refused."""


class NoImage(ProviderError):
    """The provider answered without a picture and without a refusal."""


class RequestRefused(ProviderError):
    """The provider does not accept the request as it was sent."""


class SignatureRefused(RequestRefused):
    """It does not accept what was said earlier in the conversation: a signature is missing or not its own."""


class ModelGone(RequestRefused):
    """The model is not there any more: the provider has shut it down, or the operator took it away."""


class KeyRefused(ProviderError):
    """The provider does not accept our key, project or country. An operator has to act."""


class Busy(ProviderError):
    """Overloaded, out of quota or out of reach for now."""

    transient = True


class Throttled(Busy):
    """Called too often: the provider's quota is used up, of a minute or of the day.

    `limit` is how many calls it allows in a minute (where it is `daily`, in a day), if it says so.
    """

    def __init__(
        self,
        detail: str,
        *,
        message: str = "",
        retry_after: float | None = None,
        daily: bool = False,
        limit: int | None = None,
    ) -> None:
        self.daily = daily
        self.limit = limit
        super().__init__(detail, message=message, retry_after=retry_after)


class CallLost(ProviderError):
    """What makes the calls ended, or hung, before this one was answered: perhaps it is paid for, perhaps not.

    It says nothing about the provider. It may be tried again, but not again and again.
    """

    transient = True


class BadAnswer(ProviderError):
    """The answer cannot be read: truncated, not JSON, not base64, no picture's bytes."""


class Cancelled(PlantainError):
    """Somebody wanted no more of a request before this call was made."""


# --- storage, pictures, delivery --------------------------------------------------------------------------


class StorageError(PlantainError):
    """The database or the blob store failed."""


class StaleState(StorageError):
    """A guarded change found another state than it expected: somebody else was first."""


class IdTaken(StaleState):
    """An id that was drawn is another's already: it takes another one."""


class StorageBusy(StorageError):
    """The database stayed locked for longer than the busy timeout."""


class StorageReadOnly(StorageError):
    """The database or its folder cannot be written."""


class StorageFull(StorageError):
    """No space is left on the disk."""


class StorageUnreachable(StorageError):
    """The database's server is out of reach, or does not take anybody yet."""


class StorageDamaged(StorageError):
    """The database cannot be read as what it was written: every further attempt may make it worse."""


class StorageTooNew(StorageError):
    """The database was written by a newer version of Plantain."""


class StorageInUse(StorageError):
    """Another process works on the same SQLite data."""


class ImageError(PlantainError):
    """A kept picture cannot be decoded, or no copy of it with half of its pixels fits the upload limit."""


class LoginError(PlantainError):
    """The bot could not log in, or lost its login. The text is a sentence for the operator.

    `theirs` says that the operator has to change something; otherwise starting again later may help.
    """

    def __init__(self, sentence: str, *, theirs: bool) -> None:
        self.theirs = theirs
        super().__init__(sentence)


class DeliveryError(PlantainError):
    """Discord did not take a message by one way.

    `passing` says that the same way may work later (Discord is down); otherwise it never will (the token
    expired, the channel is gone, permission is missing). `gone` says that the message that was to be changed
    is not there any more.
    """

    def __init__(
        self, detail: str, *, passing: bool = False, too_large: bool = False, gone: bool = False
    ) -> None:
        self.passing = passing
        self.too_large = too_large
        self.gone = gone
        super().__init__(detail)
