"""Who may ask for a new call: known networks, then a password, and nobody too often."""

from __future__ import annotations

import logging
import re
from collections import Counter, OrderedDict
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address

from telephony.sip.digest import DigestServer
from telephony.sip.flow import Flow
from telephony.sip.message import Request, Response
from telephony.sip.response import respond

logger = logging.getLogger(__name__)

LOG_SECONDS = 10.0
"One line for each reason in that time: a flood must not fill the log."
MOST_SOURCES = 4096
"Sources remembered for the rate limit; the one unseen longest is forgotten, and starts afresh."
# What SIPVicious, sipcli, sundayddr and their kin call themselves when nobody changed it.
SCANNER = re.compile(
    r"friendly-scanner|sipvicious|sipcli|sundayddr|vaxsipuseragent|sip-?scan|iwar|smap|sipsak-scan|pplsip|"
    r"voiptest|asterisk-?scan|eyebeam-?scan|gulp",
    re.IGNORECASE,
)


class RateLimit:
    """A token bucket for each source: `rate` requests a second, one second's worth at once."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def level(self, source: str, now: float) -> float:
        """Take one token and return how many are left; below zero the source is too fast."""
        left, then = self._buckets.pop(source, (self._rate, now))
        left = min(self._rate, left + (now - then) * self._rate)
        left = max(left - 1, -self._rate)
        self._buckets[source] = left, now
        if len(self._buckets) > MOST_SOURCES:
            self._buckets.popitem(last=False)
        return left


class Admission:
    """Decides on a request outside any dialog; every refusal is counted by its reason."""

    def __init__(
        self,
        allow: tuple[IPv4Network | IPv6Network, ...],
        passwords: Mapping[str, str],
        requests_per_second: float,
        digest: DigestServer,
    ) -> None:
        self._allow = allow
        self._passwords = passwords
        self._rate = RateLimit(requests_per_second)
        self._digest = digest
        self._trunks: dict[str, str] = {}
        self._logged: dict[str, float] = {}
        self.refused: Counter[str] = Counter()

    @property
    def trunk_hosts(self) -> list[str]:
        """The hosts of registrars that we are registered with, one for each trunk."""
        return list(self._trunks.values())

    def trust(self, trunk: str, host: str) -> None:
        """Admit calls from a registrar that has taken our registration; a former one of the trunk is forgotten."""
        self._trunks[trunk] = host

    def too_fast(self, flow: Flow, now: float) -> tuple[bool, bool]:
        """Return whether a source asks too often, and whether that is even worth an answer."""
        level = self._rate.level(flow.remote[0], now)
        if level >= 0:
            return False, True
        self._count("rate", flow, now)
        # Half a second's worth of 503 tells an honest peer; beyond that silence costs least.
        return True, level > -0.5 * self._rate._rate

    def refusal(self, request: Request, flow: Flow, now: float) -> Response | None:
        """Return the refusal of a request, None when its sender may go on."""
        if SCANNER.search(request.headers.get("User-Agent") or ""):
            self._count("scanner", flow, now)
            return respond(request, 403)
        if self.trusted(flow):
            return None
        if not self._passwords:
            self._count("network", flow, now)
            return respond(request, 403)
        if self._digest.verified(request, self._passwords, now):
            return None
        self._count("password" if request.headers.get("Authorization") else "challenge", flow, now)
        response = respond(request, 401)
        response.headers.setlist(
            "WWW-Authenticate", self._digest.challenges(now, stale=self._digest.is_stale(request, now))
        )
        return response

    def _count(self, reason: str, flow: Flow, now: float) -> None:
        self.refused[reason] += 1
        if now - self._logged.get(reason, -LOG_SECONDS) >= LOG_SECONDS:
            self._logged[reason] = now
            logger.warning("SIP refused (%s): %s, %d so far", reason, flow.remote[0], self.refused[reason])

    def trusted(self, flow: Flow) -> bool:
        """Whether a request came from a network on the list."""
        if flow.remote[0] in self._trunks.values():
            return True
        try:
            address = ip_address(flow.remote[0].partition("%")[0])
        except ValueError:
            return False
        return any(address in network for network in self._allow if network.version == address.version)
