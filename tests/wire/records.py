"""What a bot has kept, read from its files from outside, and what must always hold of it (design.md)."""

from __future__ import annotations

import hashlib
import itertools
import json
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain.jobs import FINAL, MAX_ATTEMPTS, TRANSITIONS, JobState

DATABASE = "database.sqlite3"


@dataclass(frozen=True, slots=True)
class Kept:
    """One job with all that is recorded about it. Rows are those of the tables."""

    job: sqlite3.Row
    events: tuple[sqlite3.Row, ...]
    images: tuple[sqlite3.Row, ...]
    ledger: tuple[sqlite3.Row, ...]
    delivery: sqlite3.Row | None

    @property
    def id(self) -> str:
        """The job's id."""
        return str(self.job["id"])

    @property
    def state(self) -> str:
        """The job's state."""
        return str(self.job["state"])

    @property
    def attempts(self) -> int:
        """How often it was claimed."""
        return int(self.job["attempts"])

    @property
    def request(self) -> Any:
        """The request as JSON."""
        return json.loads(self.job["request"])

    @property
    def settled(self) -> int:
        """Images that were charged."""
        return sum(int(entry["settled_images"]) for entry in self.ledger)

    @property
    def reserved(self) -> int:
        """Images that are held back still."""
        return sum(int(entry["reserved_images"]) for entry in self.ledger)


class Records:
    """The data folder of a bot. Reading changes nothing and works beside a running bot."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def rows(self, sql: str) -> list[sqlite3.Row]:
        """Ask the database."""
        address = f"{(self._folder / DATABASE).as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=10)) as connection:
            connection.row_factory = sqlite3.Row
            return list(connection.execute(sql))

    def jobs(self) -> list[Kept]:
        """Every job, the oldest first; one snapshot of the database."""
        address = f"{(self._folder / DATABASE).as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=10, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("BEGIN")
            jobs = list(connection.execute("SELECT * FROM jobs ORDER BY created_at, id"))
            events = list(connection.execute("SELECT * FROM job_events ORDER BY number"))
            images = list(connection.execute("SELECT * FROM images ORDER BY position"))
            ledger = list(connection.execute("SELECT * FROM ledger ORDER BY rowid"))
            deliveries = list(connection.execute("SELECT * FROM deliveries"))

        def of(rows: list[sqlite3.Row], job_id: str) -> tuple[sqlite3.Row, ...]:
            return tuple(row for row in rows if row["job_id"] == job_id)

        return [
            Kept(
                job,
                of(events, job["id"]),
                of(images, job["id"]),
                of(ledger, job["id"]),
                next(iter(of(deliveries, job["id"])), None),
            )
            for job in jobs
        ]

    def job(self, interaction_id: int) -> Kept:
        """The job that an interaction became."""
        for kept in self.jobs():
            if kept.job["origin_key"] == f"interaction:{interaction_id}":
                return kept
        raise LookupError(f"interaction {interaction_id} is no job")

    def quiet(self) -> bool:
        """Every job has ended, and its owner has got it or it is kept for them."""
        return all(
            kept.state in FINAL and kept.delivery is not None and kept.delivery["state"] in ("sent", "kept")
            for kept in self.jobs()
        )

    def faults(self, *, unfinished: Collection[int] = ()) -> list[str]:
        """What contradicts what must always hold, a line each.

        Every job has ended and was delivered, but for those of the `unfinished` interactions.
        """
        found = [
            f"integrity_check: {row[0]}" for row in self.rows("PRAGMA integrity_check") if row[0] != "ok"
        ]
        found += [f"foreign_key_check: {tuple(row)}" for row in self.rows("PRAGMA foreign_key_check")]
        waiting = {f"interaction:{number}" for number in unfinished}
        for each in self.jobs():
            key = each.job["origin_key"]
            faults = [*_history_faults(each), *_ledger_faults(each), *self._image_faults(each)]
            if key not in waiting:
                faults += _end_faults(each)
            found += [f"job {each.id} ({each.request['prompt'][:40]!r}): {fault}" for fault in faults]
        return [*found, *self._file_faults(bool(waiting))]

    def _image_faults(self, kept: Kept) -> Iterator[str]:
        for image in kept.images:
            if image["forgotten_at"] is not None:
                continue  # its file went with the erasure
            path = self._folder / "blobs" / image["sha256"][:2] / image["sha256"]
            if not path.is_file() or path.stat().st_size != image["size"]:
                yield f"the file of image {image['id']} is missing or of another size"

    def _file_faults(self, unfinished: bool) -> Iterator[str]:
        for path in (self._folder / "blobs").glob("[0-9a-f][0-9a-f]/*"):
            if hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
                yield f"{path}: its bytes are not those of its name"
        leftovers = [*(self._folder / "blobs" / "incoming").iterdir()]
        if not unfinished:
            leftovers += (self._folder / "answers").iterdir()
        yield from (f"{path} was left behind" for path in leftovers)


def _history_faults(kept: Kept) -> Iterator[str]:
    states = [JobState(event["state"]) for event in kept.events]
    if not states or states[0] is not JobState.CREATED or states[-1] != kept.state:
        yield f"its events {states} do not lead to {kept.state}"
    for before, after in itertools.pairwise(states):
        if after not in TRANSITIONS[before]:
            yield f"it went from {before} to {after}"
    claims = states.count(JobState.RUNNING)
    if claims != kept.attempts or kept.attempts > MAX_ATTEMPTS:
        yield f"{claims} claims are on record, {kept.attempts} attempts are counted"


def _ledger_faults(kept: Kept) -> Iterator[str]:
    kinds = [entry["kind"] for entry in kept.ledger]
    close = {"succeeded": ["settle"], "failed": ["release"]}.get(kept.state, [])
    if kinds != ["reserve", *close]:
        yield f"{kept.state}, and the ledger says {kinds}"
        return
    wanted = 0 if kept.request["kind"] == "describe" else kept.request["options"]["count"]
    if kept.ledger[0]["reserved_images"] != wanted:
        yield "another number of images was reserved than asked for"
    if not close:
        return
    if kept.reserved or sum(entry["reserved_micros"] for entry in kept.ledger):
        yield "its reservation is not closed in full"
    if kept.settled != len(kept.images):
        yield f"{kept.settled} images were settled, {len(kept.images)} were made"
    micros = sum(entry["settled_micros"] for entry in kept.ledger)
    if micros != (kept.job["cost_micros"] or 0):
        yield f"it cost {kept.job['cost_micros']} and {micros} were settled"


def _end_faults(kept: Kept) -> Iterator[str]:
    if kept.state not in FINAL:
        yield f"it is {kept.state} for ever"
    if kept.delivery is None or kept.delivery["state"] != "sent":
        yield f"its delivery is {kept.delivery and tuple(kept.delivery)}"
    elif kept.job["failure_code"] == "cancelled" and kept.job["message_id"] is not None:
        return  # whoever takes their message back is not answered
    elif kept.delivery["way"] is None or (kept.delivery["message_id"] is None and not _is_deleted(kept)):
        yield "nobody knows where its answer is"


def _is_deleted(kept: Kept) -> bool:
    """Whether its message went with its pictures: then nobody has to know where it was."""
    return bool(kept.images) and all(image["deleted_at"] is not None for image in kept.images)
