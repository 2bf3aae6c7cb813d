"""How the lines of all calls were, for `/metrics`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from telephony.engine import CallStatistics

COUNTED = {
    "rtp_packets_received_total": "packets_received",
    "rtp_packets_lost_total": "packets_lost",
    "rtp_packets_late_total": "packets_late",
    "rtp_packets_duplicate_total": "packets_duplicate",
    "rtp_packets_foreign_total": "packets_foreign",
    "rtp_packets_malformed_total": "packets_malformed",
    "rtp_concealed_seconds_total": "seconds_concealed",
}


class LineTotals:
    """Counts calls that are over, and adds those in progress when asked."""

    def __init__(self) -> None:
        self._past: dict[str, float] = dict.fromkeys(COUNTED, 0)
        self._calls_measured = 0
        self._mos_sum = 0.0

    def add(self, statistics: CallStatistics) -> None:
        """Take a call that is over."""
        for name, field in COUNTED.items():
            self._past[name] += getattr(statistics, field)
        if statistics.mos is not None:
            self._calls_measured += 1
            self._mos_sum += statistics.mos

    def metrics(self, live: Iterable[CallStatistics], lateness: Sequence[float]) -> dict[str, float]:
        """Return counters, the worst of the calls in progress, and how late our own packets were in the last minute."""
        calls = list(live)
        metrics = {
            name: self._past[name] + sum(getattr(each, field) for each in calls) for name, field in COUNTED.items()
        }
        metrics["rtp_calls_measured_total"] = self._calls_measured
        metrics["rtp_mos_sum_total"] = self._mos_sum
        scores = [each.mos for each in calls if each.mos is not None]
        metrics["rtp_mos_lowest"] = min(scores, default=0.0)
        metrics["rtp_jitter_seconds_highest"] = max((each.jitter for each in calls), default=0.0)
        late = sorted(lateness)
        metrics["rtp_send_lateness_seconds_p99"] = late[int(0.99 * (len(late) - 1))] if late else 0.0
        return metrics
