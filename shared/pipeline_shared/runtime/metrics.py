"""Every metric of the pipeline in one place: labels are words from short lists, never data.

No label says anything about a submitter: where only one hospital takes part, a count by category of agency counts that
hospital. A label names a part of the pipeline or a result, and these are the same for all submitters.
"""

from dataclasses import dataclass

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


def create_metrics() -> Metrics:
    """Declare the metrics of one service."""
    registry = CollectorRegistry()
    return Metrics(
        registry=registry,
        accepted=Counter("pipeline_accepted", "Submissions accepted, repetitions not counted", registry=registry),
        submissions=Counter(
            "pipeline_submissions", "Submissions by what a stage made of them", ["became"], registry=registry
        ),
        outcomes=Counter(
            "pipeline_outcomes", "Records by what became of them", ["topic", "outcome"], registry=registry
        ),
        stage_seconds=Histogram(
            "pipeline_stage_seconds", "Time one stage took", ["stage"], buckets=STAGE_BUCKETS, registry=registry
        ),
        hop_seconds=Histogram(
            "pipeline_hop_seconds",
            "From a record's publication until this service has dealt with it: one hop of a submission's way",
            ["topic"],
            buckets=STAGE_BUCKETS,
            registry=registry,
        ),
        end_to_end_seconds=Histogram(
            "pipeline_end_to_end_seconds",
            "From a submission's acceptance to its end status, people's part included",
            ["status"],
            buckets=END_TO_END_BUCKETS,
            registry=registry,
        ),
        consumer_lag=Gauge("pipeline_consumer_lag", "Records not yet read", ["topic"], registry=registry),
        last_poll_age=Gauge("pipeline_last_poll_age_seconds", "Since the last poll", ["topic"], registry=registry),
        outbox_depth=Gauge("pipeline_outbox_depth", "Events waiting to be published", registry=registry),
        outbox_age=Gauge("pipeline_outbox_age_seconds", "Age of the oldest waiting event", registry=registry),
        parked=Gauge("pipeline_parked", "Parked, by `pipeline parked`'s names", ["place"], registry=registry),
        urgent_set_aside=Gauge("pipeline_urgent_set_aside", "Urgent events that the broker refused", registry=registry),
        refused_topics=Gauge("pipeline_topic_refused", "1 while the broker refuses it", ["topic"], registry=registry),
        parking_stopped=Gauge("pipeline_parking_stopped", "1 at the limit on parking", ["topic"], registry=registry),
        waiting=Gauge("pipeline_waiting", "What waits for a person or the police system", ["place"], registry=registry),
        waiting_age=Gauge("pipeline_waiting_age_seconds", "Age of the oldest that waits", ["place"], registry=registry),
        ready=Gauge("pipeline_ready", "1 when a readiness check passes", ["check"], registry=registry),
        days_left=Gauge("pipeline_days_left", "Days until what is in use ends", ["what"], registry=registry),
        bundle_version=Gauge("pipeline_key_bundle_version", "Version of the key bundle in force", registry=registry),
        bundle_refused=Gauge(
            "pipeline_key_bundle_refused", "1 while the key bundle in the file is not taken", registry=registry
        ),
        provider_away=Gauge("pipeline_provider_away", "1 while the identity provider is away", registry=registry),
    )
