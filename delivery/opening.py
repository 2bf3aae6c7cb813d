"""Opens what the settings name: the case store, the recordings' store, the city's drafting.

What a site does not use is not imported: the first page of a start waits for every import.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from config.settings import Settings
from delivery.case_store import CaseStore
from delivery.sql_case_store import SqlCaseStore
from intake.blob_store import BlobStore, LocalBlobStore
from intake.redrafting import Drafting


def drafting_of(settings: Settings) -> Drafting:
    """Return the city's drafting."""
    from config.city import load_city
    from drafting.draft import CallFacts, Heard
    from drafting.drafting import draft_ticket

    city = load_city(settings.city)
    draft_ticket(
        [Heard(0, "你好")], CallFacts(datetime.now(UTC)), city
    )  # dictionaries are read at the first use: not in a call
    return Drafting(lambda heard, call: draft_ticket(heard, call, city), ZoneInfo(settings.time_zone))


def open_recordings(settings: Settings) -> BlobStore:
    """Return where finished recordings are kept."""
    if settings.storage.recordings_url:
        from intake.object_blob_store import open_object_store

        return open_object_store(settings.storage.recordings_url)
    return LocalBlobStore(settings.recordings_dir)


def open_case_store(settings: Settings) -> CaseStore:
    """Return the case store that the settings name."""
    key = settings.delivery.api_key
    if settings.delivery.store == "open311":
        from delivery.open311_case_store import Open311CaseStore

        secret = key.get_secret_value() if key else ""
        return Open311CaseStore(settings.case_store_url, secret, settings.delivery.timeout_seconds)
    return SqlCaseStore(settings.case_store_url)
