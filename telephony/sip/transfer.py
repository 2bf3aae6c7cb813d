"""A blind transfer by REFER: accepted, then told by NOTIFY how the other leg went (RFC 3515)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from telephony.sip.message import Request, Response
from telephony.sip.schedule import Timer

if TYPE_CHECKING:
    from telephony.sip.call import Call

LONGEST_WAIT = 60.0
"Seconds for a person to pick up before the caller is given back; a phone rings that long at most."
SIPFRAG = re.compile(rb"SIP/2\.0\s+([1-6][0-9]{2})")


class Transfer:
    """One REFER of ours; `on_done(taken)` is called once."""

    def __init__(self, call: Call, uri: str, on_done: Callable[[bool], None]) -> None:
        self._call = call
        self._uri = uri
        self._on_done: Callable[[bool], None] | None = on_done
        self._timer: Timer | None = None
        self.accepted = False

    def start(self, now: float) -> None:
        """Send REFER."""
        headers = {"Refer-To": f"<{self._uri}>", "Referred-By": f"<{self._call.agent.own_uri(self._call.flow)}>"}
        self._timer = self._call.agent.schedule.at(now + LONGEST_WAIT, lambda now: self._done(False))
        self._call.send("REFER", now, self._receive_response, headers=headers)

    def receive_notify(self, notify: Request, now: float) -> None:
        """Take the state of the other leg from a sipfrag body (RFC 3420)."""
        match = SIPFRAG.search(notify.body)
        if match is None or match[1][:1] == b"1":
            return
        self._done(match[1][:1] == b"2")

    def call_ended(self) -> None:
        """The peer hung up: after 202 that is how many PBXs say that the other leg stands."""
        self._done(self.accepted)

    def _receive_response(self, response: Response | None, now: float) -> None:
        if response is not None and response.status < 200:
            return
        if response is None or response.status >= 300:
            self._done(False)
        else:
            self.accepted = True

    def _done(self, taken: bool) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._on_done is not None:
            on_done, self._on_done = self._on_done, None
            if not taken:
                self.accepted = False
            on_done(taken)
