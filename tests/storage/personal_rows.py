"""Rows of every table with every column: what tells of a person, and why the rest does not.

A column that is added has to be written down here, or the tests that use this fail: under `goes`, with
something that an erasure has to take out of it, or under the reason why it may stay as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.domain.audit import CASE_CLAIMED, CHARACTER_SHARED, JOB_CANCELLED, STRIKE_GIVEN
from tests.storage.samples import MEMBER, NOON
from tests.storage.server_samples import GUILD

SECRET = "zebrafish"  # what somebody wrote
PLACE = 444_555_666_777_888  # a message or channel of theirs
OTHER = 909_090_909
QUARTER = NOON - NOON % 900_000
TOLD = [SECRET, str(MEMBER), str(PLACE)]  # nothing of this may be left

Columns = Mapping[str, Any]  # a value, or what returns it for the number of a row


@dataclass(frozen=True)
class Table:
    """The columns of one table and, unless it fills itself, its rows."""

    goes: Columns = field(default_factory=dict)  # each holds something of `TOLD`
    keys: Columns = field(default_factory=dict)  # ids that we drew, and names of other rows and of files
    servers: Columns = field(default_factory=dict)  # tell of a server and of nobody in it
    times: str = ""  # when something was, without whose it was
    numbers: Columns = field(default_factory=dict)  # amounts, counts, flags
    words: Columns = field(default_factory=dict)  # one of a few that we chose, or a server's
    least: int = 1
    more: Sequence[Columns] = ()  # rows that differ from the first in this
    fills_itself: bool = False

    def columns(self) -> set[str]:
        """Every column that is written down."""
        named = (self.goes, self.keys, self.servers, self.numbers, self.words)
        return {column for part in named for column in part} | set(self.times.split())

    def rows(self) -> Iterator[dict[str, Any]]:
        """A row with everything in `goes`, and one for each person alone, where several are named."""
        if self.fills_itself:
            return
        people = [column for column, value in self.goes.items() if value == MEMBER]
        count = max(self.least, len(people) + 1 if len(people) > 1 else 1)
        for number in range(count):
            yield self._row(number, people, people[number - 1 : number] if len(people) > 1 else [])
        for number, changes in enumerate(self.more, count):
            yield self._row(number, people, []) | dict(changes)

    def _row(self, number: int, people: list[str], alone: list[str]) -> dict[str, Any]:
        row: dict[str, Any] = dict.fromkeys(self.times.split(), NOON)
        row |= {**self.keys, **self.servers, **self.numbers, **self.words, **self.goes}
        row = {name: value(number) if callable(value) else value for name, value in row.items()}
        if number:  # all but one person is somebody else, and what they wrote is theirs
            row |= {name: _others(row[name], number) for name in self.goes}
            row |= dict.fromkeys(alone, MEMBER)
        return row


def _others(value: Any, number: int) -> Any:
    if isinstance(value, int):
        return OTHER + number
    return value.replace(SECRET, "x").replace(str(MEMBER), str(OTHER)) if isinstance(value, str) else value


def _one(**values: Any) -> dict[str, Any]:
    return values


def _numbered(name: str) -> Callable[[int], str]:
    return lambda number: f"{name}{number}"


def _digest(number: int) -> str:
    return f"{number + 1:064x}"


def _json(**values: Any) -> str:
    return json.dumps(values, separators=(",", ":"))


TABLES: Mapping[str, Table] = {
    "jobs": Table(
        goes=_one(
            member_id=MEMBER,
            request=_json(prompt=SECRET, options={"model": "m"}, references=[]),
            words=SECRET,
            origin_key=lambda n: f"interaction:{SECRET}{n}",
            application_id=PLACE,
            channel_id=PLACE,
            message_id=PLACE,
            token=SECRET,
            failure_message=SECRET,
            failure_reference=SECRET,
        ),
        keys=_one(id=_numbered("job"), lease_owner=None, lease_until=None, conversation=None),
        servers=_one(guild_id=GUILD, place_locale="de"),
        times="token_at created_at updated_at started_at finished_at",
        numbers=_one(
            upload_limit=1,
            direct=0,
            attempts=1,
            cost_micros=None,
            priority=0,
            max_running=None,
            images=1,
            cancelled_at=None,
            forgotten_at=None,
            turn=0,
        ),
        words=_one(
            state="failed",
            kind="generate",
            failure_code="unknown",
            model="m",
            size="",
            fallback=None,
            locale="en-US",
        ),
        least=4,
    ),
    "job_events": Table(
        goes=_one(note=SECRET),
        keys=_one(job_id="job0"),
        times="at",
        numbers=_one(number=1),
        words=_one(state="created"),
    ),
    "images": Table(
        goes=_one(owner_id=MEMBER, deleted_by=MEMBER),
        keys=_one(
            id=_numbered("image"),
            job_id=lambda n: f"job{min(n, 3)}" if n != 1 else "job3",
            sha256=_digest,
            parent=None,
        ),
        servers=_one(guild_id=GUILD),
        times="created_at deleted_at",
        numbers=_one(position=lambda n: n, private=0, width=1, height=1, size=1, forgotten_at=None),
        words=_one(mime="image/png", withheld=None, judged=None),
        least=4,
    ),
    "answers": Table(
        goes=_one(
            response_id=SECRET,
            message=SECRET,
            text=SECRET,
            pictures=json.dumps([SECRET]),
            safety=json.dumps([SECRET]),
            content=json.dumps(SECRET),
        ),
        keys=_one(job_id="job0", image_id="image0"),
        numbers=_one(position=0, usage="{}"),
        words=_one(verdict="picture", model="m", model_version="m", finish_reason="STOP"),
    ),
    "deliveries": Table(
        goes=_one(card_message_id=PLACE, channel_id=PLACE, message_id=PLACE),
        keys=_one(job_id="job0", lease_owner=None, lease_until=None),
        times="updated_at",
        numbers=_one(tries=1),
        words=_one(state="sent", way="token"),
    ),
    "job_messages": Table(goes=_one(message_id=PLACE), keys=_one(job_id="job0"), numbers=_one(pictures=0)),
    "retractions": Table(
        goes=_one(kept=_json(request={"prompt": SECRET}, texts={})),
        keys=_one(job_id="job0"),
        times="at",
        numbers=_one(pictures=0, due=0),
    ),
    "postings": Table(
        goes=_one(message_id=PLACE, channel_id=PLACE),
        keys=_one(image_id="image0"),
        times="at",
        numbers=_one(spoiler=0),
    ),
    "ledger": Table(
        goes=_one(member_id=MEMBER),
        keys=_one(job_id="job0"),
        servers=_one(guild_id=GUILD),
        times="charged_at at",
        numbers=_one(reserved_images=1, reserved_micros=1, settled_images=0, settled_micros=0, stranger=0),
        words=_one(kind="reserve"),
    ),
    "ledger_sums": Table(
        goes=_one(account_id=MEMBER),
        numbers=_one(quarter=QUARTER, images=1, micros=1),
        words=_one(account="member"),
    ),
    "losses": Table(
        keys=_one(job_id="job0"),
        servers=_one(guild_id=GUILD),
        times="charged_at at",
        numbers=_one(micros=1, stranger=0),
    ),
    "grants": Table(
        goes=_one(member_id=MEMBER, actor_id=MEMBER, reason=SECRET),
        keys=_one(grant_id=_numbered("grant"), job_id=None),
        servers=_one(guild_id=GUILD),
        times="at charged_at expires_at",
        numbers=_one(images=1),
        words=_one(kind="grant"),
    ),
    "resets": Table(
        goes=_one(member_id=MEMBER, actor_id=MEMBER, reason=SECRET),
        servers=_one(guild_id=GUILD),
        numbers=_one(at=lambda n: NOON + n),
    ),
    "memberships": Table(
        goes=_one(member_id=MEMBER, given_by=MEMBER),
        servers=_one(guild_id=GUILD),
        times="given_at until",
        words=_one(tier=_numbered("tier")),
    ),
    "conversations": Table(
        goes=_one(owner_id=MEMBER),
        keys=_one(id=_numbered("talk"), head=None),
        servers=_one(guild_id=GUILD, channel_id=GUILD, place_id=lambda n: GUILD + n),
        times="created_at updated_at",
        numbers=_one(private=0, moves=0, turns=0, ended_at=None),
        words=_one(participants="everybody", model="m", ending=None),
    ),
    "conversation_members": Table(goes=_one(member_id=MEMBER), keys=_one(conversation_id="talk0")),
    "turns": Table(
        goes=_one(author_id=MEMBER, said=json.dumps([SECRET]), prompt_id=PLACE),
        keys=_one(id="turn0", conversation_id="talk0", job_id="job0", parent=None, image_id=None),
        times="created_at",
        numbers=_one(number=1, position=0, branches=0, moves=0, alone=0),
        words=_one(state="done", family="f", notes="[]"),
    ),
    "drawings": Table(
        goes=_one(message_id=PLACE, channel_id=PLACE),
        keys=_one(conversation_id="talk0", head=None),
        times="at",
        numbers=_one(compares=0),
        words=_one(locale="de"),
    ),
    "drawn_turns": Table(
        goes=_one(message_id=PLACE), keys=_one(turn_id="turn0"), numbers=_one(place=0, gone=0)
    ),
    "presets": Table(
        goes=_one(
            created_by=MEMBER,
            updated_by=MEMBER,
            name=SECRET,
            name_key=lambda n: f"{SECRET}{n}",
            data=_json(name=SECRET),
        ),
        servers=_one(guild_id=GUILD),
        times="created_at updated_at",
        numbers=_one(version=1),
    ),
    "characters": Table(
        goes=_one(owner_id=MEMBER, name=SECRET, name_key=SECRET),
        keys=_one(id="mia"),
        servers=_one(guild_id=GUILD),
        times="created_at",
        numbers=_one(consent=1),
    ),
    "character_pictures": Table(
        goes=_one(image_id=SECRET),  # the whole row goes
        keys=_one(character_id="mia", sha256=_digest),
        numbers=_one(position=0, size=1),
        words=_one(mime="image/png"),
    ),
    "member_settings": Table(goes=_one(member_id=MEMBER, data=_json(style=SECRET)), times="updated_at"),
    "exports": Table(goes=_one(member_id=MEMBER), times="at"),
    "attempts": Table(
        goes=_one(member_id=MEMBER, channel_id=PLACE, text=json.dumps(SECRET), entries=json.dumps([SECRET])),
        keys=_one(id="attempt0"),
        servers=_one(guild_id=GUILD),
        times="at kept_until",
        words=_one(rule="hate", what="prompt"),
    ),
    "cases": Table(
        goes=_one(member_id=MEMBER, claimed_by=MEMBER, decided_by=MEMBER),
        keys=_one(id=_numbered("case"), image_id=_numbered("image")),
        servers=_one(guild_id=GUILD, channel_id=GUILD, message_id=GUILD),
        times="opened_at updated_at claimed_at decided_at reminded_at",
        numbers=_one(number=lambda n: n + 1, gravity=0, reports=1, turn=1, reports_decided=1, blocked=0),
        words=_one(reason="spam", state="dismissed", decision="dismiss"),
    ),
    "reports": Table(
        goes=_one(reporter_id=MEMBER, text=SECRET),
        keys=_one(case_id="case1"),
        times="at",
        numbers=_one(wants_outcome=1),
        words=_one(reason="spam"),
    ),
    "strikes": Table(
        goes=_one(member_id=MEMBER, given_by=MEMBER, pardoned_by=MEMBER, reason=SECRET),
        keys=_one(id=_numbered("strike"), case_id=None),
        servers=_one(guild_id=GUILD),
        times="at expires_at pardoned_at",
    ),
    "bans": Table(
        goes=_one(
            member_id=MEMBER,
            given_by=MEMBER,
            lifted_by=MEMBER,
            answered_by=MEMBER,
            reason=SECRET,
            appeal=SECRET,
        ),
        keys=_one(id=_numbered("ban"), case_id=None),
        servers=_one(guild_id=GUILD),
        times="at ends_at lifted_at appealed_at answered_at",
    ),
    "member_notes": Table(
        goes=_one(member_id=MEMBER, written_by=MEMBER, text=SECRET),
        keys=_one(id=_numbered("note")),
        servers=_one(guild_id=GUILD),
        times="at",
    ),
    "audit": Table(
        goes=_one(actor_id=MEMBER, target=SECRET, data=_json(name=SECRET)),
        keys=_one(id=_numbered("audit"), number=None, salt=None, seal=None, hash=None),
        servers=_one(guild_id=GUILD),
        times="at",
        words=_one(action=CHARACTER_SHARED),
        more=(
            _one(action=STRIKE_GIVEN, target=str(MEMBER), data=_json(reason=SECRET)),
            _one(action=CASE_CLAIMED, target="#1", data=_json(before=MEMBER)),
            _one(action=JOB_CANCELLED, target="job0", data=_json(member_id=MEMBER)),
        ),
    ),
    "notices": Table(
        goes=_one(data=_json(guild_id=GUILD, member_id=MEMBER, reason=SECRET)),
        keys=_one(subject=_numbered("told")),
        numbers=_one(version=1, due_at=None, tries=12, failure="403"),
        words=_one(kind="member"),
        more=(_one(kind="outcome", data=_json(member_id=MEMBER)),),
    ),
    "spending_notes": Table(
        goes=_one(subject=f"{MEMBER}:2026-09-21", data=_json(member_id=MEMBER, spent=1)),
        servers=_one(guild_id=GUILD),
        times="at sent_at",
        words=_one(kind="unusual"),
    ),
    # What servers have set is theirs; only who set it is a person.
    "server_settings": Table(
        goes=_one(updated_by=MEMBER),
        servers=_one(guild_id=GUILD, data="{}"),
        times="updated_at",
        numbers=_one(version=1),
    ),
    "server_limits": Table(
        goes=_one(updated_by=MEMBER),
        servers=_one(guild_id=GUILD, data="{}"),
        times="updated_at",
        numbers=_one(version=1),
    ),
    "word_lists": Table(
        goes=_one(updated_by=MEMBER),
        servers=_one(guild_id=GUILD, entries="[]"),
        times="updated_at",
        numbers=_one(version=1),
    ),
    # A picture that was blocked is known by its hashes, which nobody can see it from.
    "blocked_pictures": Table(
        goes=_one(blocked_by=MEMBER),
        keys=_one(id="blocked0", sha256=_digest, hashes="[]"),
        servers=_one(guild_id=GUILD, reason="not again"),
        times="at",
    ),
    # The wish names who had it until nothing is left, and is forgotten then.
    "erasures": Table(keys=_one(id=None, member_id=None), times="asked_at erased_at", fills_itself=True),
    # Nobody is in these.
    "lanes": Table(
        numbers=_one(paused_until=0, at_once=None, per_minute=None), words=_one(model="m", data="{}")
    ),
    "servers": Table(servers=_one(guild_id=GUILD)),
    "departures": Table(servers=_one(guild_id=GUILD), times="at"),
    "freed_files": Table(keys=_one(sha256=_digest(40)), times="at"),
    "audit_head": Table(keys=_one(id=1, hash=""), numbers=_one(number=0), fills_itself=True),
    "schema_migrations": Table(
        keys=_one(name="", checksum=""), times="applied_at", numbers=_one(number=0), fills_itself=True
    ),
}
