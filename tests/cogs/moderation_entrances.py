"""The entrances to reports, the desk and records, for the tests that break what is behind each one."""

from __future__ import annotations

import simcord
from simcord.enums import InteractionType

from bot.domain.audit import AuditFilter
from bot.domain.cases import Action
from bot.domain.records import QueueFilter
from cogs.appeal import ANSWERS, AppealButton
from cogs.desk_cards import CaseButton
from cogs.mod_queue import OpenCase, QueueButton
from cogs.mod_record import LogButton
from tests.cogs import forged
from tests.cogs.library_entrances import Entrance, managed
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.cogs.using import use

NOTHING = "bbbbbbb"
# What the entrances read: a test that breaks them takes these away.
TABLES = ("cases", "reports", "strikes", "bans", "member_notes", "audit")


def moderated(name: str, /, **options: object) -> Entrance:
    """A command of moderators; an option `user` is who made the picture."""

    async def come_in(stage: Stage, card: Seen) -> simcord.InteractionResult:
        given = {key: stage.alice if value is ... else value for key, value in options.items()}
        return await use(stage, stage.mona, name, **given)

    return come_in


def picker(name: str, option: str) -> Entrance:
    async def ask(stage: Stage, card: Seen) -> simcord.InteractionResult:
        focused = {"name": option, "type": forged.STRING, "value": "", "focused": True}
        user = {"name": "user", "type": 6, "value": str(stage.alice.id)}
        options = [user, focused] if option == "strike" else [focused]
        data = {
            "id": "1",
            "name": "mod",
            "type": 1,
            "options": [{"name": name, "type": 1, "options": options}],
        }
        kind = InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE
        return await forged.send(stage, stage.mona, kind, data)

    return ask


def press(custom_id: str) -> Entrance:
    async def come_in(stage: Stage, card: Seen) -> simcord.InteractionResult:
        return await forged.press(stage, stage.mona, card, custom_id)

    return come_in


async def menu(stage: Stage, card: Seen) -> simcord.InteractionResult:
    return await stage.ben.context_menu(stage.channel, "Report image", card.message)


PICKERS: dict[str, Entrance] = {
    "/mod case case": picker("case", "case"),
    "/mod resolve case": picker("resolve", "case"),
    "/mod pardon strike": picker("pardon", "strike"),
}
ENTRANCES: dict[str, Entrance] = {
    **PICKERS,
    "menu Report image": menu,
    "/mod queue": moderated("mod queue"),
    "/mod case": moderated("mod case", case="#1"),
    "/mod resolve": moderated("mod resolve", case="#1", action="dismiss"),
    "/mod member": moderated("mod member", user=...),
    "/mod ban": moderated("mod ban", user=..., duration="7d", reason="spam"),
    "/mod unban": moderated("mod unban", user=...),
    "/mod strike": moderated("mod strike", user=..., reason="spam"),
    "/mod pardon": moderated("mod pardon", user=...),
    "/mod note": moderated("mod note", user=..., text="has been told"),
    "/mod log": moderated("mod log"),
    "/mod evidence": moderated("mod evidence", id=NOTHING),
    "/mod stats": moderated("mod stats"),
    "/appeal": moderated("appeal"),
    "/config moderation show": managed("config moderation show"),
    "/config moderation channel": managed("config moderation channel"),
    "/config moderation threshold": managed("config moderation threshold", reports=2),
    "/config moderation reminders": managed("config moderation reminders", hours=2),
    "/config moderation roles": managed("config moderation roles"),
    "/config moderation strikes": managed("config moderation strikes", days=9),
    **{f"CaseButton {action}": press(CaseButton(action, NOTHING, 0).custom_id) for action in Action},
    "QueueButton press": press(QueueButton(QueueFilter(), 1).custom_id),
    "LogButton press": press(LogButton(AuditFilter()).custom_id),
    "OpenCase press": press(OpenCase(NOTHING).custom_id),
    **{f"AppealButton {answer}": press(AppealButton(answer, NOTHING).custom_id) for answer in ANSWERS},
}
PRESSES: dict[str, list[str]] = {
    CaseButton.__name__: list(Action),
    QueueButton.__name__: ["press"],
    LogButton.__name__: ["press"],
    OpenCase.__name__: ["press"],
    AppealButton.__name__: list(ANSWERS),
}
