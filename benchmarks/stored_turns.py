"""Conversations in a database: one with large pictures, and very many small ones."""

from __future__ import annotations

import asyncio
import itertools
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from benchmarks.database import screen_for
from bot.catalogue import load_catalogue
from bot.clock import SystemClock
from bot.domain.answers import Answer, Picture, Verdict
from bot.domain.calls import said_by
from bot.domain.conversations import Conversation, Limits, Participants, Turn, TurnState
from bot.domain.images import Image
from bot.domain.jobs import Job, JobState
from bot.domain.operator_limits import OperatorLimits
from bot.domain.requests import Kind, Options, Origin, Request
from bot.studio.allowances import Allowances
from bot.studio.converse import Conversations
from bot.studio.endings import Endings
from bot.studio.histories import TurnHistories
from bot.studio.lanes import Lanes
from bot.studio.lookup import Lookup
from bot.studio.outlooks import Outlooks
from bot.studio.pictures import Pictures
from bot.studio.stand_ins import StandIns
from bot.studio.store_ports import Transaction
from bot.studio.submit import Submissions
from bot.wiring.outside import plain_wait
from storage import Store, open_store
from tests.fakes.accepting import AcceptsOnly

MODEL = "gemini-nano-banana-2.1"
FAMILY = "nano-banana-2"
TURNS = 20  # of each conversation


async def fill_path(store: Store, turns: int, size: int, signature: str) -> Job:
    """Write a conversation with pictures of `size` bytes, and return the job of the turn after them."""
    made = await _conversation(store, "c000000", turns, size, signature)
    job = _job(made, turns + 1)
    async with store.transaction() as tx:
        await tx.jobs.insert(job)
        await tx.turns.insert(Turn(job.id, made.id, turns + 1, job.id, 1, TurnState.WAITING, created_at=0))
    return job


async def database_part(folder: Path, stored: int, *, rounds: int) -> list[float]:
    """Return how many milliseconds the database takes for each of some turns, among so many stored ones."""
    async with open_store("", folder) as store:
        await _conversation(store, "c000000", TURNS, 1000, "c2ln")
    await asyncio.to_thread(_multiply, folder / "database.sqlite3", stored // TURNS)
    catalogue, clock, numbers = load_catalogue(None), SystemClock(), itertools.count(1)
    async with open_store("", folder) as store:
        submissions = Submissions(
            store=store,
            catalogue=catalogue,
            screening=screen_for(store, lambda: f"r{next(numbers):06d}"),
            gates=[],
            max_prompt=4000,
            clock=clock,
            new_id=lambda: f"n{next(numbers):06d}",
            beginner=AcceptsOnly(store),
            outlooks=Outlooks(catalogue, Lanes(store, clock, plain_wait), clock, 64),
            stand_ins=StandIns(catalogue, Allowances(OperatorLimits())),
        )
        pictures = Pictures(store, catalogue, clock, lambda bound: 0, lambda: f"n{next(numbers):06d}")
        lookup = Lookup(store, pictures)
        conversations = Conversations(
            store=store,
            catalogue=catalogue,
            submissions=submissions,
            pictures=pictures,
            endings=Endings(
                store=store, lookup=lookup, clock=clock, deliver=lambda job_id: None, wake=lambda: None
            ),
            clock=clock,
            new_id=lambda: f"n{next(numbers):06d}",
            limits=Limits(0, 0, 0),
        )
        histories = TurnHistories(store, catalogue, clock, most_bytes=90 * 2**20)
        return [await _turn(store, lookup, conversations, histories, number) for number in range(rounds)]


async def _turn(
    store: Store, lookup: Lookup, conversations: Conversations, histories: TurnHistories, number: int
) -> float:
    """Take one turn as far as the database is concerned."""
    request = Request(Kind.EDIT, "and once more", Options(MODEL))
    began = time.perf_counter()
    found = await lookup.at(1 + number)
    assert found is not None
    ticket = await conversations.take(found, request, _origin(f"bench:{number}", 1 + number))
    claimed = await store.write(
        lambda tx: tx.jobs.claim("bench", now=1, lease_until=2, max_running=10**6, max_per_member=10**6)
    )
    assert claimed is not None and claimed.id == ticket.job.id
    await histories.begin(claimed, said_by(claimed.request))
    image, answer = _image(claimed, 1000, "0" * 64), _answer("0" * 64, 1000, "c2ln")
    storing = claimed.to(JobState.STORING, 2)

    async def succeed(tx: Transaction) -> None:
        await tx.images.insert(image)
        await tx.answers.settle(claimed.id, 0, answer, image.id)
        await histories.made(tx, claimed, image.id, answer)
        await tx.jobs.save(storing.to(JobState.SUCCEEDED, 3, cost_micros=1), JobState.STORING)

    await store.write(lambda tx: tx.jobs.save(storing, JobState.RUNNING))
    await store.write(succeed)
    return (time.perf_counter() - began) * 1000


async def _conversation(store: Store, name: str, turns: int, size: int, signature: str) -> Conversation:
    made = Conversation(
        name,
        1,
        1,
        1,
        owner_id=1,
        participants=Participants.EVERYBODY,
        model=MODEL,
        created_at=0,
        updated_at=0,
    )
    async with store.transaction() as tx:
        await tx.conversations.insert(made)
    parent = None
    for number in range(1, turns + 1):
        async with store.blobs.spool() as spool:
            await spool.write(os.urandom(size))
            sha256, _size = await spool.commit()
        job = _job(made, number)
        answer, image = _answer(sha256, size, signature), _image(job, size, sha256)
        async with store.transaction() as tx:
            await tx.jobs.insert(job)
            await tx.images.insert(image)
            await tx.answers.settle(job.id, 0, answer, image.id)
            await tx.turns.insert(
                Turn(
                    id=job.id,
                    conversation_id=name,
                    number=number,
                    job_id=job.id,
                    author_id=1,
                    state=TurnState.DONE,
                    created_at=0,
                    parent=parent,
                    said=said_by(job.request),
                    image_id=image.id,
                    family=FAMILY,
                )
            )
        parent = job.id
    async with store.transaction() as tx:
        await tx.conversations.save(made.evolve(head=parent, turns=turns))
    return made


def _job(conversation: Conversation, number: int) -> Job:
    request = Request(Kind.EDIT, f"turn {number}", Options(MODEL), conversation=conversation.id, turn=number)
    done = number <= TURNS
    return Job(
        f"{conversation.id[:5]}{number:02d}",
        JobState.SUCCEEDED if done else JobState.CREATED,
        request,
        _origin(f"{conversation.id}:{number}", 1),
        created_at=0,
        updated_at=0,
        finished_at=0 if done else None,
        cost_micros=0 if done else None,
    )


def _origin(key: str, place: int) -> Origin:
    return Origin(
        key=key,
        application_id=1,
        member_id=place,
        guild_id=1,
        channel_id=place,
        token=None,
        token_at=0,
        upload_limit=10 * 2**20,
        message_id=1,
    )


def _image(job: Job, size: int, sha256: str) -> Image:
    name = ("i" if job.id.startswith("c") else "m") + job.id[1:]  # none of another job's
    return Image(name, job.id, 0, 1, 1, False, sha256, "image/jpeg", 8, 8, size, created_at=0)


def _answer(sha256: str, size: int, signature: str) -> Answer:
    part = {
        "inlineData": {"mimeType": "image/jpeg", "data": {"blob": sha256}},
        "thoughtSignature": signature,
    }
    return Answer(
        Verdict.PICTURE,
        MODEL,
        pictures=(Picture(sha256, "image/jpeg", size),),
        content={"role": "model", "parts": [part]},
    )


def _multiply(database: Path, conversations: int) -> None:
    """Copy the one conversation that is there, under other ids and in other places."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        for number in range(1, conversations):
            new = f"x{number:04x}"
            connection.execute(
                "INSERT INTO conversations SELECT ?, ?, channel_id, guild_id, owner_id, participants, model, "
                "private, ? || substr(head, 6), moves, turns, created_at, updated_at, ended_at, ending "
                "FROM conversations WHERE id = 'c000000'",
                (new, 1 + number, new),
            )
            for table in ("jobs", "images", "answers", "turns"):
                _copy(connection, table, new)
        connection.commit()
        connection.execute("ANALYZE")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _copy(connection: sqlite3.Connection, table: str, new: str) -> None:
    """Copy the rows of the first conversation; its ids begin with c0000, those of its images with i0000."""
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    image = "i" + new[1:]
    changed = {
        "id": f"'{image if table == 'images' else new}' || substr(id, 6)",
        "job_id": f"'{new}' || substr(job_id, 6)",
        "parent": f"'{new}' || substr(parent, 6)",
        "image_id": f"'{image}' || substr(image_id, 6)",
        "origin_key": f"'{new}' || origin_key",
        "conversation": f"'{new}'",
        "conversation_id": f"'{new}'",
    }
    values = ", ".join(changed.get(column, column) for column in columns)
    key = {"jobs": "id", "images": "job_id", "answers": "job_id", "turns": "id"}[table]
    connection.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} "
        f"WHERE {key} BETWEEN 'c0000' AND 'c0000z'"
    )
