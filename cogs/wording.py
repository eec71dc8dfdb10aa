"""What a person is told who may not have what they asked for, or whose entrance broke.

The sentences about requests, pictures, limits, rules and consequences are in modules of their own; `refusal`
knows them all.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.errors import (
    ChangedMeanwhile,
    ConversationRefused,
    ExportTooSoon,
    Gone,
    InputRefused,
    NoPicture,
    NotAllowed,
    QueueFull,
    QuotaUsedUp,
    Refusal,
    StorageDamaged,
    StorageError,
    TooFast,
)
from cogs import rule_words
from cogs.consequence_words import said
from cogs.conversation_words import hindrance
from cogs.intake_words import input_problem
from cogs.language import N_, _
from cogs.limit_words import limit_refusal
from cogs.request_words import refused_request
from cogs.text import moment
from cogs.too_much import too_much

_CHANGED: Mapping[str, str] = {
    "limits": N_("Another manager changed this a moment ago. Open the panel again and repeat your change."),
    "settings": N_("Another manager changed the settings a moment ago. Look at them and repeat your change."),
    "words": N_("Another moderator changed the list a moment ago. Look at it and repeat your change."),
    "style": N_(
        "Another manager changed or deleted this style meanwhile. Look at it and repeat your change."
    ),
    "case": N_("Somebody decided about this case, or claimed it, a moment ago. Look at it again."),
    "ban": N_("Somebody made or changed a ban of this member a moment ago. Look at `/mod member`."),
    "appeal": N_("Another moderator answered this appeal a moment ago."),
}

CANNOT_BE_DONE = N_("This cannot be done like this.")

GONE = N_("This picture is not there any more, so there is nothing to do with it.")

NOT_HERE = N_("You may not do this here.")

_NOT_ALLOWED = {
    "cancel": N_("Only the person who asked for this picture, or a moderator, can cancel it."),
    "no_post": N_("I may not write in that channel. Let me see it and send messages there, then try again."),
    "delete": N_("Only the person who made this picture, or a moderator, can delete it."),
    "show_private": N_("This picture is private: only you can see it, and it is never posted for others."),
    "moderate": N_("Only moderators of this server can do this."),
    "manage": N_("Only people with the permission Manage Server can do this."),
    "reload": N_(
        "Only the operators of this bot can do this: `moderation.operators` in its settings names them."
    ),
    "server_only": N_("This works in servers only."),
    "redo": N_("Only the person who wrote this message can have it made again."),
    "confirm": N_("Only the person who wrote this message can confirm its price."),
    "message_gone": N_("The message that asked for this was deleted, so nothing is made of it."),
    "age_restricted": N_("This server allows no pictures in age-restricted channels."),
    "out_of_place": N_(
        "This picture was made in an age-restricted channel. Others see it, and what is made from it, only "
        "in such channels."
    ),
}

_PLAIN: Mapping[type[Refusal], str] = {
    NoPicture: N_("There is no picture in this message that can be edited. Choose a message with a picture."),
    Gone: GONE,
}


def refusal(error: Refusal) -> str:
    """Return what the person is told, and only that person."""
    if (elsewhere := limit_refusal(error) or said(error) or refused_request(error)) is not None:
        return elsewhere
    if isinstance(error, InputRefused):
        return input_problem(error.problem, error.values)
    if isinstance(error, QueueFull | QuotaUsedUp | TooFast):
        return too_much(error)
    if isinstance(error, ChangedMeanwhile):
        return _(_CHANGED.get(error.what, CANNOT_BE_DONE))
    if isinstance(error, NotAllowed):
        return _(_NOT_ALLOWED.get(error.action, NOT_HERE))
    if isinstance(error, ConversationRefused):
        return hindrance(error)
    plain = next((_(text) for kind, text in _PLAIN.items() if isinstance(error, kind)), None)
    if isinstance(error, ExportTooSoon):
        plain = _("You have just taken your data. You can take it again {when}.", when=moment(error.again_at))
    return plain or rule_words.refused(error) or _(CANNOT_BE_DONE)


NOTHING_BEHIND = N_("This does not work any more. Use the command again to get fresh buttons.")

COMMAND_CHANGED = N_(
    "This command has changed since your Discord loaded it. Reload Discord (Ctrl+R, or restart the app) "
    "and try again."
)

STAYS = N_(
    "Discord does not let me change the message it was posted in. Its buttons do nothing any more; a "
    "moderator can remove the message."
)

STAYS_PRIVATE = N_(
    "Discord does not let me change a private message this long after. Only you see it: dismiss it yourself."
)

ALREADY_DONE = N_("This request was already carried out.")


def unexpected(reference: str, error: BaseException) -> str:
    """Return what somebody is told when an entrance broke because of `error`."""
    sentence = N_(
        "Something went wrong and your request was not carried out. Try again; if it happens again, tell the "
        "people who run this bot this reference: {reference}."
    )
    if isinstance(error, StorageDamaged):
        sentence = N_(
            "The bot's data is damaged, so it stops until the people who run it have put that right. Nothing "
            "was started or charged. Tell them this reference: {reference}."
        )
    elif isinstance(error, StorageError):
        sentence = N_(
            "The bot cannot reach its data right now. Nothing was started or charged. Try again in a minute; "
            "if it happens again, tell the people who run this bot this reference: {reference}."
        )
    return _(sentence, reference=f"`{reference}`")
