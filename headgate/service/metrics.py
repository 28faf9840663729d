"""Figures of a running service, for Prometheus. Labels are routes, statuses, actions and names of the settings only.

No figure has a label of an account, a payment or a person. What happens is counted here; what only stands comes in as
values when the figures are asked for.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from headgate.models.watch import Findings
from headgate.service.snapshotting import Figures
from headgate.stores.store import Batch

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096)


class _Figures:
    """Figures of one registry."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()

    def text(self) -> bytes:
        """Return every figure in the text format of Prometheus."""
        return generate_latest(self._registry)

    def names(self) -> Iterable[tuple[str, str]]:
        """Yield the name and sentence of every figure, for the documentation."""
        for metric in self._registry.collect():
            suffix = "_total" if metric.type == "counter" else ""
            yield f"{metric.name}{suffix}", metric.documentation

    def _counter(self, name: str, sentence: str, *labels: str) -> Counter:
        return Counter(f"headgate_{name}", sentence, labels, registry=self._registry)

    def _gauge(self, name: str, sentence: str, *labels: str) -> Gauge:
        return Gauge(f"headgate_{name}", sentence, labels, registry=self._registry)


class Metrics(_Figures):
    """What is counted where requests are answered."""

    def __init__(self) -> None:
        super().__init__()
        self._answers: dict[tuple[str, int], Counter] = {}
        self._times: dict[str, Histogram] = {}
        self._requests = self._counter("requests", "Requests, by route and status.", "route", "status")
        self._seconds = Histogram(
            "headgate_request_seconds", "From request to answer.", ("route",), buckets=_SECONDS, registry=self._registry
        )
        self._refused = self._counter("refused", "Requests that were answered 503, because nothing could be decided.")
        self._problems = self._counter("problems", "Requests that were refused, by the code of the error.", "code")
        self._webhooks = self._gauge("webhook_attempts", "Webhooks sent since the start.", "subscriber")
        self._told = self._gauge("webhook_taken", "Webhooks that were taken since the start.", "subscriber")
        self._behind = self._gauge("webhook_behind_seconds", "Age of what is being told, 0 for none.", "subscriber")
        self._letters = self._gauge("webhook_dead_letters", "Announcements that were not taken.", "subscriber")
        self._streams = {
            "stream_running": self._gauge("stream_running", "1 where a broker is read and written.", "stream"),
            "stream_messages": self._gauge("stream_messages", "Messages settled since the start.", "stream"),
            "stream_refused": self._gauge("stream_refused", "Dead letters among them.", "stream"),
            "stream_behind": self._gauge("stream_behind", "Messages at the broker that were not taken yet.", "stream"),
        }
        self._kept = self._gauge("facts_kept", "What the facts engine remembers, by kind.", "kind")
        self._plain = {
            "ready": self._gauge("ready", "1 where a payment would be decided now."),
            "rules_wait": self._gauge("rules_wait", "1 where rules that were asked for do not take effect."),
            "queue_length": self._gauge("queue_length", "Requests that wait for the writer."),
            "journal_entries": self._gauge("journal_entries", "Entries of the journal."),
            "holds": self._gauge("waiting_payments", "Payments that are held or stopped now.", "state"),
        }

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        counter = self._answers.get((route, status))
        if counter is None:
            counter = self._answers[route, status] = self._requests.labels(route, str(status))
            self._times.setdefault(route, self._seconds.labels(route))
        counter.inc()
        self._times[route].observe(seconds)
        if status == 503:
            self._refused.inc()

    def refused(self, code: str) -> None:
        """Count one request that was refused."""
        self._problems.labels(code).inc()

    def writer(self, *, ready: bool, queued: int, last_seq: int) -> None:
        """Set what the writer says of itself."""
        self._plain["ready"].set(ready)
        self._plain["queue_length"].set(queued)
        self._plain["journal_entries"].set(last_seq + 1)

    def rules(self, *, wait: bool) -> None:
        """Set whether rules that were asked for do not decide."""
        self._plain["rules_wait"].set(wait)

    def state(self, sizes: Mapping[str, int], waiting: Mapping[str, int]) -> None:
        """Set what the state holds: sizes of the facts engine by kind, payments that wait by state."""
        for kind, size in sizes.items():
            self._kept.labels(kind).set(size)
        for state, count in waiting.items():
            self._plain["holds"].labels(state).set(count)

    def webhook(self, subscriber: str, *, attempts: int, told: int, behind_seconds: float, letters: int) -> None:
        """Set how one subscriber stands."""
        self._webhooks.labels(subscriber).set(attempts)
        self._told.labels(subscriber).set(told)
        self._behind.labels(subscriber).set(behind_seconds)
        self._letters.labels(subscriber).set(letters)

    def stream(self, name: str, *, running: bool, taken: int, refused: int, behind: int) -> None:
        """Set how the stream of one broker stands."""
        self._streams["stream_running"].labels(name).set(running)
        self._streams["stream_messages"].labels(name).set(taken)
        self._streams["stream_refused"].labels(name).set(refused)
        self._streams["stream_behind"].labels(name).set(behind)


class InsideMetrics(_Figures):
    """What is counted where payments are decided."""

    def __init__(self) -> None:
        super().__init__()
        self._decisions = self._counter("decisions", "Decisions, by action.", "action")
        self._alerts = self._counter("alerts", "Payments that a person is to read.")
        self._group = Histogram(
            "headgate_commit_entries", "Entries in one transaction.", buckets=_SIZES, registry=self._registry
        )
        self._commit = Histogram(
            "headgate_commit_seconds", "How long a transaction took.", buckets=_SECONDS, registry=self._registry
        )
        self._fact_drift = self._gauge("drift_fact_psi", "Stability index of a fact over seven closed days.", "fact")
        self._drift = {
            "model": self._gauge("model_in_force", "1 where a model ranks, 0 where the scenarios decide alone."),
            "score_psi": self._gauge("drift_score_psi", "Stability index of the score over seven closed days."),
            "rate": self._gauge("drift_top_share", "Share of payments above the top 0.5% of validation."),
            "promised": self._gauge("drift_promised", "Mean probability of alerts with a known outcome."),
            "observed": self._gauge("drift_observed", "Share of frauds among alerts with a known outcome."),
        }
        self._snapshots = {
            "age": self._gauge("snapshot_age_seconds", "Age of the newest snapshot; since the start where none is."),
            "tail": self._gauge("journal_tail_entries", "Entries after the newest snapshot, which a start folds."),
            "written": self._gauge("snapshots_written", "Snapshots since the start."),
            "failed": self._gauge("snapshots_failed", "Snapshots since the start that could not be written."),
            "pause": self._gauge("snapshot_pause_seconds", "The longest that the stream waited for one to begin."),
        }

    def committed(self, batch: Batch, seconds: float) -> None:
        """Count what one transaction brought."""
        self._commit.observe(seconds)
        self._group.observe(len(batch.entries))
        for action, count in collections.Counter(decision.action for decision in batch.decisions).items():
            self._decisions.labels(action).inc(count)
        self._alerts.inc(len(batch.alerts))

    def snapshots(self, figures: Figures, *, age_seconds: float, last_seq: int) -> None:
        """Set how snapshots stand; last_seq: the last entry of the journal."""
        self._snapshots["age"].set(age_seconds)
        self._snapshots["tail"].set(max(0, last_seq + 1 - figures.last_seq))
        for name in ("written", "failed", "pause"):
            self._snapshots[name].set(getattr(figures, name))

    def drift(self, found: Findings | None) -> None:
        """Set what the drift watch found; None where the scenarios decide alone."""
        self._drift["model"].set(found is not None)
        if found is None:
            return
        for fact, index in found.facts:
            self._fact_drift.labels(fact).set(index)
        for name in ("score_psi", "rate", "promised", "observed"):
            value = getattr(found, name)
            if value is not None:
                self._drift[name].set(value)
