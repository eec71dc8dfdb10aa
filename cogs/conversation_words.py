"""Every sentence about conversations: what they do, why they do not take something, and how they end."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.conversations import Conversation, Ending, Participants, Turn, TurnNote
from bot.domain.prompts import shorten
from bot.errors import ConversationRefused, Hindrance
from bot.studio.heads import Headed
from cogs.language import N_, _
from cogs.text import mention

UNDO, USE, REDO = N_("Undo"), N_("Use this"), N_("Redo")
THREAD = N_("Thread")
FORM_TITLE = N_("Start a thread")

_HINDRANCES = {
    Hindrance.NONE_HERE: N_(
        "There is no conversation here. Start one with /thread, or with the button Thread under a picture."
    ),
    Hindrance.ENDED: N_("This conversation has ended. Start a new one with /thread."),
    Hindrance.NOTHING_TO_UNDO: N_("Nothing to undo here: this is where the conversation begins."),
    Hindrance.NO_PICTURES: N_("Nothing has been made in this conversation yet."),
    Hindrance.OWNER_ONLY: N_("Only the person who started this conversation, or a moderator, can do this."),
    Hindrance.NOT_A_PARTICIPANT: N_(
        "You do not take part in this conversation. Ask the person who started it to invite you with "
        "/participants, or start your own with the button Thread."
    ),
    Hindrance.HEAD_MOVED: N_(
        "Somebody else was first, so nothing was changed. /head shows where it goes on."
    ),
    Hindrance.ONE_TO_COMPARE: N_("Name two pictures to compare, by their numbers or ids."),
    Hindrance.NO_THREADS_HERE: N_(
        "A thread cannot be opened here. Use /thread in a text channel of a server that I am in, or in my "
        "direct messages."
    ),
    Hindrance.PLACE_CLOSED: N_(
        "This picture is private, and Discord does not let me write to you directly. Allow direct messages "
        "from this server, then press Thread again."
    ),
    Hindrance.NO_PICTURE_GIVEN: N_(
        "Choose a picture to change. In a conversation you can leave it out: I take the latest one then."
    ),
}

_LIMITS = {
    Ending.TURNS: N_("This conversation has reached its last turn, so it ends here."),
    Ending.AGE: N_("This conversation has become too old, so it ends here."),
    Ending.SPEND: N_("This conversation has used up what one may cost, so it ends here."),
}
GO_ON = N_("Its pictures stay. Go on from the latest one in a fresh thread:")

_NOTES = {
    TurnNote.LEFT_OUT: N_(
        "The conversation has outgrown what the model takes: some earlier pictures were left out."
    ),
    TurnNote.OTHER_MODEL: N_("Another model made earlier pictures: this one got them as plain pictures."),
    TurnNote.RETRACTED: N_("Earlier messages were deleted: this one got their pictures, without the words."),
    TurnNote.FROM_HEAD_ALONE: N_(
        "The service did not accept the earlier turns, so this was made from the last picture alone."
    ),
}

_PARTICIPANTS = {
    Participants.OWNER: N_("Only {owner} takes part."),
    Participants.INVITED: N_("{owner} and whom they invite take part."),
    Participants.EVERYBODY: N_("Everybody who can write here takes part."),
}

_INTRO = N_(
    "**Every message here is the next change** of the picture; attach pictures to use them as well.\n"
    "· Reply to an earlier picture to go on from it.\n"
    "· Begin a message with `//` to talk without changing anything, and with `+` to add to your own message "
    "that still waits.\n"
    "· `/tree`, `/undo`, `/head` and `/end` work in here."
)
_INTRO_WITHOUT_CONTENT = N_(
    "**I cannot read messages here by myself.** Mention me, or reply to one of my messages, and say what "
    "should change: that is the next change of the picture. `/edit` works as well (without a picture it "
    "takes the latest one), and so does the button Edit.\n"
    "· Reply to an earlier picture to go on from it.\n"
    "· `/tree`, `/undo`, `/head` and `/end` work in here."
)

ENDED = N_(
    "**The conversation has ended.** Its pictures stay. The button Thread under any of them starts anew."
)
REDO_ASKED = N_("You changed your message. Shall I make this turn again with the new words?")


def hindrance(error: ConversationRefused) -> str:
    """Return why a conversation does not take something."""
    if error.hindrance is Hindrance.LIMIT:
        return _(_LIMITS[Ending(str(error.values["ending"]))])
    if error.hindrance is Hindrance.NOT_IN_IT:
        name = " ".join(shorten(str(error.values["typed"]), 40).replace("`", "'").split())
        typed = f"`{name}`"
        return _(
            "{typed} is no picture of this conversation. `/tree` shows those that there are.",
            typed=typed,
        )
    if error.hindrance is Hindrance.PERMISSION:
        names = error.values["names"]
        listed = ", ".join(f"**{name}**" for name in names) if isinstance(names, list | tuple) else ""
        return _(
            "I may not open a thread here. Ask somebody who manages this server to give me the permission: "
            "{names}.",
            names=listed,
        )
    return _(_HINDRANCES[error.hindrance])


def intro(conversation: Conversation, *, reads: bool) -> str:
    """Return the first message of a conversation's thread."""
    text = _(_INTRO if reads else _INTRO_WITHOUT_CONTENT)
    return f"{text}\n-# {participants(conversation)}"


def participants(conversation: Conversation) -> str:
    """Return who may take part, in words."""
    line = _(_PARTICIPANTS[conversation.participants], owner=mention(conversation.owner_id))
    if conversation.participants is Participants.INVITED and conversation.invited:
        line += " " + ", ".join(mention(member) for member in sorted(conversation.invited)[:25])
    return line


def turn_lines(turn: Turn) -> list[str]:
    """Return what a card says about a turn: its number, who asked, and what is to know."""
    lines = [f"-# {_(_NOTES[note])}" for note in turn.notes]
    return [
        *lines,
        "-# " + _("Turn {number} · for {author}", number=turn.number, author=mention(turn.author_id)),
    ]


def head_line(headed: Headed) -> str:
    """Return where the head is."""
    if headed.head is None or headed.head.image_id is None:
        return _(_HINDRANCES[Hindrance.NO_PICTURES])
    return _(
        "It goes on from turn {number} (`{image}`).", number=headed.head.number, image=headed.head.image_id
    ) + link_to(headed)


def link_to(headed: Headed) -> str:
    """Return a link to the head's picture, where it was posted."""
    if headed.posted is None:
        return ""
    guild = headed.conversation.guild_id or "@me"
    return f" https://discord.com/channels/{guild}/{headed.posted.channel_id}/{headed.posted.message_id}"


def began_in(thread_id: int) -> str:
    """Return where a conversation goes on."""
    return _("The conversation goes on in {thread}.", thread=f"<#{thread_id}>")


def permission_names(names: Sequence[str]) -> list[str]:
    """Return permissions as Discord calls them."""
    return [_(_PERMISSIONS[name]) for name in names]


_PERMISSIONS = {
    "create_public_threads": N_("Create Public Threads"),
    "send_messages_in_threads": N_("Send Messages in Threads"),
    "send_messages": N_("Send Messages"),
    "view_channel": N_("View Channel"),
}
