"""`/metrics` in Prometheus' text format: our own, and what the other processes left in their status files.

Open to whoever asks from this machine; from elsewhere with a token, as the numbers tell how busy the city is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy import func
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from intake_api.needs import Service, ServiceNeeded
from intake_api.problems import not_signed_in
from intake_api.security.actors import MaybeActor
from intake_api.status_files import read_status
from models.tables import Draft, OutboxEntry

disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()
REQUEST_SECONDS = Histogram(
    "hotline_http_request_seconds",
    "Time to answer a request",
    ("method", "route", "status"),
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0),
)
LOOPBACK = frozenset({"127.0.0.1", "::1"})
SERIES = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(\w+=\"[^\"\\\n]*\"(?:,\w+=\"[^\"\\\n]*\")*)\})?")
'A name as a process writes it, with labels or without: `sip_requests_refused_total{reason="full"}`.'
LABEL = re.compile(r"(\w+)=\"([^\"]*)\"")

router = APIRouter()


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request, service: ServiceNeeded, actor: MaybeActor) -> Response:
    """All numbers at this moment."""
    from_here = request.client is not None and request.client.host in LOOPBACK
    if actor is None and (not from_here or "x-forwarded-for" in request.headers):
        raise not_signed_in()
    text = generate_latest(REGISTRY) + generate_latest(_Gathered(service))
    return Response(text, media_type=CONTENT_TYPE_LATEST)


class _Gathered(CollectorRegistry):
    """What is looked up when somebody asks: rows by state, and the status files."""

    def __init__(self, service: Service) -> None:
        super().__init__()
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """Yield every gauge."""
        yield from _of_database(self._service)
        for process in ("calls", "recogniser"):
            yield from _of_status(read_status(self._service.settings, process).get("metrics", {}))


def _of_database(service: Service) -> Iterable[Metric]:
    up = GaugeMetricFamily("hotline_database_up", "1 when the database answers")
    gauges = [up]
    try:
        with service.database.reading() as db:
            for name, what, table in (
                ("hotline_drafts", "Drafts by state", Draft),
                ("hotline_deliveries", "Deliveries by state", OutboxEntry),
            ):
                gauge = GaugeMetricFamily(name, what, labels=["state"])
                for state, count in db.exec(select(table.state, func.count()).group_by(col(table.state))).all():
                    gauge.add_metric([str(state)], count)
                gauges.append(gauge)
        up.add_metric([], 1)
    except SQLAlchemyError:
        up.add_metric([], 0)
    return gauges


def _of_status(numbers: Any) -> Iterator[Metric]:
    if not isinstance(numbers, Mapping):
        return
    families: dict[tuple[str, tuple[str, ...]], Metric] = {}
    for written, value in numbers.items():
        series = SERIES.fullmatch(str(written))
        if series is None or not isinstance(value, int | float):
            continue
        name, labels = series[1], dict(LABEL.findall(series[2] or ""))
        kind = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
        names = tuple(labels)
        if (name, names) not in families:
            families[name, names] = kind(name, "From the process' status file", labels=names)
        families[name, names].add_metric(list(labels.values()), value)  # type: ignore[attr-defined]
    yield from families.values()
