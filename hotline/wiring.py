"""Which concrete class stands behind each seam: the only place that names them."""

from __future__ import annotations

from config.settings import Settings
from delivery.case_store import CaseStore
from live_bus.bus import LiveBus
from live_bus.local_bus import LocalBus
from telephony.engine import SipEngine


def live_bus(settings: Settings) -> LiveBus:
    """News between the processes of this machine."""
    return LocalBus(settings.runtime_dir)


def sip_engine(settings: Settings) -> SipEngine:
    """The telephony engine that the settings name."""
    if settings.telephony.engine == "pyvoip":
        from telephony.pyvoip_engine import PyVoipEngine

        return PyVoipEngine(settings.telephony)
    from telephony.asyncio_engine import AsyncioEngine

    return AsyncioEngine(settings.telephony)


def case_store(settings: Settings) -> CaseStore:
    """Where the city keeps its cases."""
    from delivery.opening import open_case_store

    return open_case_store(settings)
