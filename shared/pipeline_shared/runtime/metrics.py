"""Every metric of the pipeline in one place: labels are words from short lists, never data.

No label says anything about a submitter: where only one hospital takes part, a count by category of agency counts that
hospital. A label names a part of the pipeline or a result, and these are the same for all submitters.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

# Seconds. A hop takes milliseconds normally and minutes after an outage: both ends must be readable.
STAGE_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900)
# Seconds. People decide on the way: an hour is fast, a night is usual, a week is a complaint.
END_TO_END_BUCKETS = (1, 10, 60, 300, 900, 3_600, 14_400, 43_200, 86_400, 172_800, 345_600, 604_800)


@dataclass(frozen=True, slots=True)
class Metrics:
    """One service's metrics, in a registry of their own."""

    registry: CollectorRegistry
    accepted: Counter
    submissions: Counter
    outcomes: Counter
    stage_seconds: Histogram
    hop_seconds: Histogram
    end_to_end_seconds: Histogram
    consumer_lag: Gauge
    last_poll_age: Gauge
    outbox_depth: Gauge
    outbox_age: Gauge
    parked: Gauge
    urgent_set_aside: Gauge
    refused_topics: Gauge
    parking_stopped: Gauge
    waiting: Gauge
    waiting_age: Gauge
    ready: Gauge
    days_left: Gauge
    bundle_version: Gauge
    bundle_refused: Gauge
    provider_away: Gauge

    def set_days_left(self, what: str, end: datetime) -> None:
        """Set the days until the end of something in use, such as a certificate; negative after its end."""
        self.days_left.labels(what).set((end - datetime.now(UTC)) / timedelta(days=1))


def create_metrics() -> Metrics:
    """Declare the metrics of one service."""
    registry = CollectorRegistry()
    counter, gauge = partial(Counter, registry=registry), partial(Gauge, registry=registry)
    seconds = partial(Histogram, registry=registry, buckets=STAGE_BUCKETS)
    return Metrics(
        registry=registry,
        accepted=counter("pipeline_accepted", "Submissions accepted, repetitions not counted"),
        submissions=counter("pipeline_submissions", "Submissions by what a stage made of them", ["became"]),
        outcomes=counter("pipeline_outcomes", "Records by what became of them", ["topic", "outcome"]),
        stage_seconds=seconds("pipeline_stage_seconds", "Time one stage took", ["stage"]),
        hop_seconds=seconds(
            "pipeline_hop_seconds",
            "From a record's publication until this service has dealt with it: one hop of a submission's way",
            ["topic"],
        ),
        end_to_end_seconds=seconds(
            "pipeline_end_to_end_seconds",
            "From a submission's acceptance to its end status, people's part included",
            ["status"],
            buckets=END_TO_END_BUCKETS,
        ),
        consumer_lag=gauge("pipeline_consumer_lag", "Records not yet read", ["topic"]),
        last_poll_age=gauge("pipeline_last_poll_age_seconds", "Since the last poll", ["topic"]),
        outbox_depth=gauge("pipeline_outbox_depth", "Events waiting to be published"),
        outbox_age=gauge("pipeline_outbox_age_seconds", "Age of the oldest waiting event"),
        parked=gauge("pipeline_parked", "Parked, by `pipeline parked`'s names", ["place"]),
        urgent_set_aside=gauge("pipeline_urgent_set_aside", "Urgent events that the broker refused"),
        refused_topics=gauge("pipeline_topic_refused", "1 while the broker refuses it", ["topic"]),
        parking_stopped=gauge("pipeline_parking_stopped", "1 at the limit on parking", ["topic"]),
        waiting=gauge("pipeline_waiting", "What waits for a person or the police system", ["place"]),
        waiting_age=gauge("pipeline_waiting_age_seconds", "Age of the oldest that waits", ["place"]),
        ready=gauge("pipeline_ready", "1 when a readiness check passes", ["check"]),
        days_left=gauge("pipeline_days_left", "Days until what is in use ends", ["what"]),
        bundle_version=gauge("pipeline_key_bundle_version", "Version of the key bundle in force"),
        bundle_refused=gauge("pipeline_key_bundle_refused", "1 while the bundle in the file is not taken"),
        provider_away=gauge("pipeline_provider_away", "1 while the identity provider is away"),
    )
