"""Session timers: a call whose peer has died silently ends (RFC 4028)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telephony.sip.message import Request, Response
from telephony.sip.parameters import parse_parameters
from telephony.sip.response import respond
from telephony.sip.schedule import Timer

if TYPE_CHECKING:
    from telephony.sip.call import Call

SHORTEST_SESSION = 90
"Seconds; RFC 4028 section 5 allows no less as Min-SE."
GLARE_SECONDS = 1.0
"RFC 3261 section 14.1: up to 2 s for the side that did not choose the Call-ID; the other waits 2.1 to 4 s."
LONGEST_SESSION = 7200
"A longer wish is granted as this: a line that is dead for two hours is noticed at least then."


class SessionTimer:
    """The timer of one call, off until the peer asks for it."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._timer: Timer | None = None
        self.interval = 0
        self.we_refresh = False
        self._shortest = 0
        "What the peer has told us by 422."
        self._ends_at = 0.0
        "When a refresh that is under way must have succeeded."

    def agree(self, request: Request, response: Response, now: float) -> None:
        """Grant what a request asks for, in our 2xx (section 9), and start to count."""
        if not request.headers.getlist("Session-Expires"):
            self.stop()  # a refresh that names no interval ends the timer
            return
        seconds, refresher = session_expires(request)
        self.interval = max(SHORTEST_SESSION, min(seconds, max(LONGEST_SESSION, request.number("Min-SE") or 0)))
        # A proxy may have put the interval in for a caller who knows nothing of it: then it is ours to refresh.
        self.we_refresh = refresher == "uas" or "timer" not in request.tokens("Supported")
        response.headers.set("Session-Expires", f"{self.interval};refresher={'uas' if self.we_refresh else 'uac'}")
        if not self.we_refresh:
            response.headers.set("Require", "timer")
        self._count(now)

    def accept(self, response: Response, now: float) -> None:
        """Take what a 2xx to our own INVITE or UPDATE grants (section 7.2)."""
        if not response.headers.get("Session-Expires"):
            return
        try:
            seconds, refresher = session_expires(response)
        except ValueError:
            return
        self.interval = max(seconds, SHORTEST_SESSION)
        self.we_refresh = refresher != "uas"
        self._count(now)

    def stop(self) -> None:
        """Forget it."""
        if self._timer is not None:
            self._timer.cancel()

    def _count(self, now: float) -> None:
        self.stop()
        schedule = self._call.agent.schedule
        if self.we_refresh:
            self._timer = schedule.at(now + self.interval / 2, self._refresh)
        else:
            # Section 10: BYE a little before the session expires.
            self._timer = schedule.at(now + self.interval - min(32, self.interval / 3), self._expire)

    def _refresh(self, now: float) -> None:
        self._ends_at = now + self.interval / 2 - 10
        self._ask(now)

    def _ask(self, now: float) -> None:
        headers = {"Session-Expires": f"{self.interval};refresher=uac", "Supported": "timer"}
        if self._shortest:
            headers["Min-SE"] = str(self._shortest)
        self._timer = self._call.agent.schedule.at(max(now, self._ends_at), self._expire)
        self._call.refresh(now, headers, self._refreshed)

    def _refreshed(self, response: Response | None, now: float) -> None:
        if response is None or response.status in {408, 481}:
            self._call.hang_up(now, "timer")
        elif 200 <= response.status < 300:
            self.we_refresh = True
            self.accept(response, now)
            self._count(now)
        elif response.status == 422:
            self._lengthen(response, now)
        elif response.status == 491:
            self._again(now, GLARE_SECONDS)
        elif response.status in {405, 501} and "UPDATE" in self._call.peer_allows:
            self._call.peer_allows.discard("UPDATE")  # a proxy in between does not know it
            self._again(now, 0.0)

    def _lengthen(self, response: Response, now: float) -> None:
        """Ask again with the interval that the peer finds long enough (RFC 4028 section 7.4)."""
        try:
            shortest = min(response.number("Min-SE") or 0, LONGEST_SESSION)
        except ValueError:
            return
        if shortest > self.interval:
            self._shortest = self.interval = shortest
            self._again(now, 0.0)

    def _again(self, now: float, seconds: float) -> None:
        # In place of the alarm that ends the session; its time comes again if this refresh fails too.
        if now + seconds < self._ends_at:
            self.stop()
            self._timer = self._call.agent.schedule.at(now + seconds, self._ask)

    def _expire(self, now: float) -> None:
        self._call.hang_up(now, "timer")


def interval_refusal(request: Request) -> Response | None:
    """Return 422 when the interval asked for is too short, 400 when it is none (section 9)."""
    if not request.headers.getlist("Session-Expires"):
        return None
    try:
        seconds, _ = session_expires(request)
        request.number("Min-SE")
    except ValueError as error:
        return respond(request, 400, str(error))
    if seconds >= SHORTEST_SESSION or "timer" not in request.tokens("Supported"):
        return None
    response = respond(request, 422)
    response.headers.set("Min-SE", str(SHORTEST_SESSION))
    return response


def session_expires(message: Request | Response) -> tuple[int, str]:
    """Return the seconds and the refresher, empty when none is named."""
    value, _, rest = message.header("Session-Expires").partition(";")
    if not value.strip().isdecimal() or len(value.strip()) > 9:
        raise ValueError("Session-Expires is not valid")
    parameters = parse_parameters(f";{rest}") if rest else {}
    return int(value.strip()), (parameters.get("refresher") or "").lower()
