"""Registration with a PBX or carrier, as a state machine of its own (RFC 3261 section 10.2, RFC 5626 section 4.5)."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from config.sections import Trunk
from telephony.engine import TrunkState
from telephony.sip.address import parse_addresses
from telephony.sip.admission import Admission
from telephony.sip.digest import DigestClient
from telephony.sip.flow import Flow
from telephony.sip.message import Request, Response
from telephony.sip.schedule import Timer
from telephony.sip.uri import Uri, parse_uri
from telephony.sip.user_agent import UserAgent

FIRST_RETRY = 5.0
LONGEST_RETRY = 300.0
"Seconds; RFC 5626 allows 1800, but a city's line should be back five minutes after its PBX at the latest."
REFUSED_RETRY = 120.0
"Seconds after a refusal that only a person can mend (wrong password): registrars lock out who asks more often."
KEEP_ALIVE = 25.0
"Seconds; NATs forget UDP after 30 and the RFC asks for 24 to 29."
SHORTEST_EXPIRES = 30
"""Seconds; what a registrar grants below is refreshed as if it were this."""


class Registration:
    """One trunk: registers, refreshes, goes to the next registrar when one fails, and says how it stands."""

    def __init__(self, trunk: Trunk, agent: UserAgent, flow_to: Callable[[Uri], Flow], admission: Admission) -> None:
        self.name = trunk.name
        self.registered = False
        self._detail = "not registered yet"
        self._trunk = trunk
        self._agent = agent
        self._flow_to = flow_to
        self._admission = admission
        self._registrars = [parse_uri(text.strip()) for text in trunk.registrar.split(",")]
        self._current = 0
        self._proxy = parse_uri(trunk.outbound_proxy) if trunk.outbound_proxy else None
        self.digest = DigestClient(trunk.username, trunk.password.get_secret_value(), lambda: secrets.token_hex(8))
        self._call_id = secrets.token_hex(12)
        self._tag = secrets.token_hex(6)
        self._sequence = 0
        self._expires = trunk.expires
        self._failures = 0
        self._timer: Timer | None = None
        self._keep_alive_timer: Timer | None = None
        self._peer = ""
        self._stopping = False

    def start(self, now: float) -> None:
        """Register now."""
        self._register(now)

    def stop(self, now: float) -> None:
        """Take the binding back (section 10.2.2); nothing is tried again."""
        self._stopping = True
        if self._timer is not None:
            self._timer.cancel()
        if self.registered:
            self._expires = 0
            self._register(now)

    def state(self) -> TrunkState:
        """Return how it stands, in words."""
        return TrunkState(self.name, self.registered, self._detail)

    def leads(self, flow: Flow, uri: str) -> bool:
        """Whether a request that came by a flow for a URI is of this trunk: from its host, for its user."""
        if not self._peer or flow.remote[0] != self._peer:
            return False
        sole = self._admission.trunk_hosts.count(self._peer) == 1
        return sole or parse_uri(uri).user == self._trunk.username

    @property
    def _registrar(self) -> Uri:
        return self._registrars[self._current % len(self._registrars)]

    @property
    def _flow(self) -> Flow:
        return self._flow_to(self._proxy or self._registrar)

    def _register(self, now: float, challenge: Response | None = None) -> None:
        self._sequence += 1
        request = self._request()
        if challenge is not None and not self.digest.authorize(request, challenge):
            self._refused("the registrar asks for a kind of password that is not supported", now)
            return
        challenged = challenge is not None
        self._agent.ask(request, self._flow, now, lambda response, now: self._receive(response, challenged, now))

    def _request(self) -> Request:
        registrar = self._registrar
        transport = "" if registrar.transport == "UDP" else f";transport={registrar.transport.lower()}"
        host = f"{registrar.host}:{registrar.port}" if registrar.port else registrar.host
        aor = f"sip:{self._trunk.username}@{registrar.host}"
        request = Request("REGISTER", f"sip:{host}{transport}")
        if self._proxy is not None:
            request.headers.set("Route", f"<{self._proxy.text}{'' if self._proxy.loose else ';lr'}>")
        request.headers.set("From", f"<{aor}>;tag={self._tag}")
        request.headers.set("To", f"<{aor}>")
        request.headers.set("Call-ID", self._call_id)
        request.headers.set("CSeq", f"{self._sequence} REGISTER")
        request.headers.set("Contact", f"<{self._own_uri()}>")
        request.headers.set("Expires", str(self._expires))
        request.headers.set("Max-Forwards", "70")
        return request

    def _own_uri(self) -> str:
        own = self._agent.own_uri(self._flow)
        return f"sip:{self._trunk.username}@{own.partition('@')[2]}"

    def _receive(self, response: Response | None, challenged: bool, now: float) -> None:
        if response is not None and response.status < 200:
            return
        if self._stopping:
            self.registered = False
            self._detail = "unregistered"
            if response is not None and response.status in {401, 407} and not challenged:
                self._register(now, response)
        elif response is None:
            self._failed("no answer", None, now)
        elif response.status < 300:
            self._granted(response, now)
        elif response.status in {401, 407}:
            self._challenged(response, challenged, now)
        elif response.status == 423:
            self._too_brief(response, now)
        elif response.status in {403, 404}:
            self._refused(f"refused: {response.status} {response.reason}", now)
        else:
            self._failed(f"{response.status} {response.reason}", response, now)

    def _challenged(self, response: Response, challenged: bool, now: float) -> None:
        stale = any("stale=true" in value.lower().replace(" ", "") for value in _challenges(response))
        if not challenged or stale:
            self._register(now, response)
        else:
            self._refused("wrong user name or password", now)

    def _too_brief(self, response: Response, now: float) -> None:
        try:
            shortest = response.number("Min-Expires") or 0
        except ValueError:
            shortest = 0
        if shortest > self._expires:
            self._expires = shortest
            self._register(now)
        else:
            self._failed("423 Interval Too Brief", response, now)

    def _granted(self, response: Response, now: float) -> None:
        seconds = max(self._granted_seconds(response), SHORTEST_EXPIRES)
        self.registered = True
        self._failures = 0
        self._detail = f"registered with {self._registrar.host} for {seconds} s"
        self._peer = response.flow.remote[0] if response.flow is not None else ""
        self._admission.trust(self.name, self._peer)
        self._keep_alive(now)
        # Early enough for a lost answer and 32 s of retransmissions where the interval allows it.
        self._again(now, max(seconds * 0.5, seconds - 40.0))

    def _keep_alive(self, now: float) -> None:
        """Keep a NAT's binding, and a stream, open between refreshes (RFC 5626 section 3.5.1)."""
        if self._keep_alive_timer is not None:
            self._keep_alive_timer.cancel()
        if self.registered and not self._stopping:
            self._keep_alive_timer = self._agent.schedule.at(now + KEEP_ALIVE, self._send_keep_alive)

    def _send_keep_alive(self, now: float) -> None:
        if self.registered:
            self._agent.send_keep_alive(self._flow)
            self._keep_alive(now)

    def _granted_seconds(self, response: Response) -> int:
        own = parse_uri(self._own_uri())
        try:
            for contact in parse_addresses(response.headers.getlist("Contact")):
                value = contact.parameters.get("expires") or ""
                if contact.uri.user == own.user and contact.uri.address == own.address and value.isdecimal():
                    return int(value[:9])
            return response.number("Expires") or self._expires
        except ValueError:
            return self._expires

    def _refused(self, detail: str, now: float) -> None:
        self.registered = False
        self._detail = detail
        self._again(now, REFUSED_RETRY)

    def _failed(self, detail: str, response: Response | None, now: float) -> None:
        self.registered = False
        self._detail = f"{self._registrar.host}: {detail}"
        self._current += 1
        self._failures += 1
        if self._current % len(self._registrars) and self._failures < len(self._registrars):
            self._register(now)
            return
        pause = min(LONGEST_RETRY, FIRST_RETRY * 2.0 ** min(10, self._failures - 1))
        self._again(now, max(pause, _retry_after(response)))

    def _again(self, now: float, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._agent.schedule.at(now + seconds, self._register)


def _challenges(response: Response) -> list[str]:
    return response.headers.getlist("WWW-Authenticate") + response.headers.getlist("Proxy-Authenticate")


def _retry_after(response: Response | None) -> float:
    value = (response.headers.get("Retry-After") or "") if response is not None else ""
    digits = value.partition(";")[0].partition("(")[0].strip()
    return min(float(digits), LONGEST_RETRY) if digits.isdecimal() and len(digits) < 9 else 0.0
