"""The metrics, and how they are read.

Counters are told by the studio (`bot.studio.observer.Observer`), gauges are asked for at each scrape. No
label holds an id of a member, a server or a job: labels are models, kinds, outcomes and ways: few each.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from bot.domain.deliveries import Delivery, DeliveryState
from bot.domain.jobs import Job
from bot.domain.lanes import Lane, TroubleKind
from bot.domain.vitals import Vitals

log = logging.getLogger(__name__)

SECONDS_FOR_SOURCES = 2.0  # what takes longer is left out of this scrape

# Bounds of the histograms, in seconds.
_JOB = (0.1, 0.5, 1, 2.5, 5, 10, 15, 20, 30, 45, 60, 120, 300, 900)
_CALL = (1, 2.5, 5, 7.5, 10, 15, 20, 30, 45, 60, 120, 300)
_REQUEST = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_LAG = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

_MICROS = 1_000_000


class Meters:
    """All metrics of one bot, in a registry of their own. It is the studio's observer."""

    def __init__(self, now: Callable[[], int], *, version: str) -> None:
        self._now = now
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        Gauge(
            "plantain_build_info", "Always 1; the label is what runs.", ["version"], registry=registry
        ).labels(version).set(1)
        self._count_work(registry)
        self._gauge_data(registry)
        self._watch_discord(registry)
        self._sources: dict[str, Callable[[], Awaitable[None]]] = {}

    def _count_work(self, registry: CollectorRegistry) -> None:
        """What the studio tells: requests, jobs, calls, deliveries."""
        self._requests = Counter(
            "plantain_requests",
            "Requests by what became of them: accepted, the refusal's name, or storage (it took none).",
            ["kind", "outcome"],
            registry=registry,
        )
        self._ended = Counter(
            "plantain_jobs_ended",
            "Jobs that ended: succeeded, or the failure's code.",
            ["kind", "model", "outcome"],
            registry=registry,
        )
        self._stages = Histogram(
            "plantain_job_stage_seconds",
            "How long jobs were in a stage: waiting, working, delivering.",
            ["stage", "model"],
            buckets=_JOB,
            registry=registry,
        )
        self._images = Counter("plantain_images", "Images that were made.", ["model"], registry=registry)
        self._dollars = Counter(
            "plantain_cost_dollars", "What the images cost, as it was settled.", ["model"], registry=registry
        )
        self._calls = Counter(
            "plantain_provider_calls",
            "Provider calls: picture, text, no_image, blocked, or the error's name.",
            ["model", "outcome"],
            registry=registry,
        )
        self._call_seconds = Histogram(
            "plantain_provider_call_seconds",
            "How long provider calls took.",
            ["model"],
            buckets=_CALL,
            registry=registry,
        )
        self._retries = Counter(
            "plantain_provider_retries",
            "Provider calls that were made again, by the reason.",
            ["model", "reason"],
            registry=registry,
        )
        self._deliveries = Counter(
            "plantain_deliveries",
            "Answers by the way that they took; kept: no way led to the member.",
            ["way"],
            registry=registry,
        )

    def _gauge_data(self, registry: CollectorRegistry) -> None:
        """What is asked for at each scrape: what waits, what it takes, and what could not be asked."""
        self._jobs = Gauge(
            "plantain_jobs", "Unfinished jobs by state, in the database.", ["state"], registry=registry
        )
        self._oldest = Gauge(
            "plantain_queue_oldest_seconds", "How long the oldest waiting job waits.", registry=registry
        )
        self._undelivered = Gauge(
            "plantain_undelivered_answers",
            "Answers that are pending (being delivered) or kept (for the next interaction).",
            ["state"],
            registry=registry,
        )
        self._cases = Gauge(
            "plantain_open_cases",
            "Reported pictures that no moderator has decided about.",
            registry=registry,
        )
        self._oldest_case = Gauge(
            "plantain_oldest_case_seconds", "How long the oldest open case waits.", registry=registry
        )
        self._trouble = Gauge(
            "plantain_model_trouble",
            "1 while calls of a model wait: failing, slowed or day_used_up.",
            ["model", "kind"],
            registry=registry,
        )
        self._disk = Gauge(
            "plantain_disk_bytes",
            "The data's disk: free, total, and what database, write-ahead log and cache take.",
            ["what"],
            registry=registry,
        )
        self._provider_up = Gauge(
            "plantain_provider_process_up",
            "1 while the process for provider calls can make them.",
            registry=registry,
        )
        self._provider_memory = Gauge(
            "plantain_provider_process_resident_bytes",
            "Memory of the process for provider calls; process_resident_memory_bytes is the bot's.",
            registry=registry,
        )
        self._provider_deaths = Counter(
            "plantain_provider_process_deaths",
            "How often the process for provider calls ended and had to be started again.",
            registry=registry,
        )
        self._deaths_seen = 0
        self._broken_sources = Counter(
            "plantain_scrape_source_failures",
            "Gauges that could not be read at a scrape, by what they show.",
            ["source"],
            registry=registry,
        )

    def _watch_discord(self, registry: CollectorRegistry) -> None:
        """How Discord answers, and whether the event loop keeps up: set by the client and `watching`."""
        self.discord_requests = Counter(
            "plantain_discord_requests",
            "Requests to Discord by method and status; error: none came back.",
            ["method", "status"],
            registry=registry,
        )
        self.discord_request_seconds = Histogram(
            "plantain_discord_request_seconds",
            "How long requests to Discord took.",
            ["method"],
            buckets=_REQUEST,
            registry=registry,
        )
        self.discord_rate_limits = Counter(
            "plantain_discord_rate_limits",
            "Requests that Discord refused for their number, by scope: user, shared, global.",
            ["scope"],
            registry=registry,
        )
        self.gateway_up = Gauge(
            "plantain_gateway_up", "1 while the gateway is connected and ready.", registry=registry
        )
        self.gateway_latency = Gauge(
            "plantain_gateway_latency_seconds", "The last heartbeat's round trip.", registry=registry
        )
        self.servers = Gauge("plantain_servers", "Servers that the bot is in.", registry=registry)
        self.loop_lag = Histogram(
            "plantain_event_loop_lag_seconds",
            "How much later than due a timer of the event loop fired.",
            buckets=_LAG,
            registry=registry,
        )

    # --- reading ------------------------------------------------------------------------------------------

    def read_from(self, name: str, source: Callable[[], Awaitable[None]]) -> None:
        """Ask `source` at each scrape to set its gauges; where it fails or is slow they stay as they were."""
        self._sources[name] = source

    async def exposition(self) -> bytes:
        """Return everything in Prometheus' text format."""
        for name, source in self._sources.items():
            try:
                async with asyncio.timeout(SECONDS_FOR_SOURCES):
                    await source()
            except Exception as error:
                self._broken_sources.labels(name).inc()
                log.warning("metrics without %s: %r", name, error)
        return generate_latest(self.registry)

    def vitals(self, vitals: Vitals) -> None:
        """Set what the database says."""
        for state in ("created", "running", "storing"):
            self._jobs.labels(state).set(getattr(vitals, state))
        for state in ("pending", "kept"):
            self._undelivered.labels(state).set(getattr(vitals, state))
        self._oldest.set(self._age(vitals.oldest_created_at))
        self._cases.set(vitals.open_cases)
        self._oldest_case.set(self._age(vitals.oldest_case_at))

    def lanes(self, lanes: Iterable[Lane]) -> None:
        """Set what keeps calls of each model waiting."""
        now = self._now()
        for lane in lanes:
            trouble = lane.trouble(now)
            for kind in TroubleKind:
                here = trouble is not None and trouble.kind is kind
                self._trouble.labels(lane.model, kind).set(here)

    def provider_process(self, up: bool, deaths: int, resident: int) -> None:
        """Set how the process for provider calls does: `deaths` since the start, `resident` in bytes."""
        self._provider_up.set(up)
        self._provider_memory.set(resident)
        self._provider_deaths.inc(deaths - self._deaths_seen)
        self._deaths_seen = deaths

    def disk(self, sizes: Mapping[str, int]) -> None:
        """Set bytes by what they are: free, database, wal."""
        for what, size in sizes.items():
            self._disk.labels(what).set(size)

    def on_offer(self, models: Iterable[str]) -> None:
        """Begin the sums of models at 0: Prometheus counts no increase in a series that is not there yet."""
        for model in models:
            self._images.labels(model)
            self._dollars.labels(model)

    # --- what the studio tells ----------------------------------------------------------------------------

    def accepted(self, job: Job) -> None:
        self._requests.labels(job.request.kind, "accepted").inc()

    def refused(self, kind: str, reason: str) -> None:
        self._requests.labels(kind, reason).inc()

    def called(self, model: str, seconds: float, outcome: str) -> None:
        self._calls.labels(model, outcome).inc()
        self._call_seconds.labels(model).observe(seconds)

    def retried(self, model: str, reason: str) -> None:
        self._retries.labels(model, reason).inc()

    def ended(self, job: Job, images: int) -> None:
        model, outcome = job.request.options.model, job.failure.code if job.failure else job.state
        self._ended.labels(job.request.kind, model, outcome).inc()
        if images:
            self._images.labels(model).inc(images)
        if job.cost_micros:
            self._dollars.labels(model).inc(job.cost_micros / _MICROS)
        if job.started_at is not None and job.finished_at is not None:
            self._took("waiting", model, job.started_at - job.created_at)
            self._took("working", model, job.finished_at - job.started_at)

    def delivered(self, job: Job, delivery: Delivery) -> None:
        kept = delivery.state is DeliveryState.KEPT or delivery.way is None
        self._deliveries.labels("kept" if kept else delivery.way).inc()
        if not kept and job.finished_at is not None:
            self._took("delivering", job.request.options.model, delivery.updated_at - job.finished_at)

    def _age(self, since: int | None) -> float:
        return 0 if since is None else max(0, self._now() - since) / 1000

    def _took(self, stage: str, model: str, milliseconds: int) -> None:
        self._stages.labels(stage, model).observe(max(0, milliseconds) / 1000)
