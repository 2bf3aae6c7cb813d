"""Finds the transaction a message is of (RFC 3261 sections 17.1.3 and 17.2.3) and keeps their number bounded."""

from __future__ import annotations

from collections.abc import Callable

from telephony.sip.flow import Flow
from telephony.sip.message import Request, Response
from telephony.sip.schedule import Schedule
from telephony.sip.transaction import Kind, Transaction
from telephony.sip.via import MAGIC_COOKIE

MOST_TRANSACTIONS = 10_000
"100 requests a second live 32 s each: 3200; three times that is a flood, and each holds a few kilobytes."

Key = tuple[str, ...]
Send = Callable[[Request | Response, Flow], None]


class TransactionLayer:
    """Every transaction alive, by what a message must share with it."""

    def __init__(self, schedule: Schedule, transmit: Send) -> None:
        self._schedule = schedule
        self._transmit = transmit
        self._servers: dict[Key, Transaction] = {}
        self._clients: dict[Key, Transaction] = {}
        self._merge_keys: dict[Key, Key] = {}

    def __len__(self) -> int:
        return len(self._servers) + len(self._clients)

    @property
    def full(self) -> bool:
        """Whether a new request must be left unanswered."""
        return len(self) >= MOST_TRANSACTIONS

    @property
    def unanswered(self) -> int:
        """How many requests of ours have no final response yet."""
        return sum(each.state in {"CALLING", "TRYING", "PROCEEDING"} for each in self._clients.values())

    def server_of(self, request: Request) -> Transaction | None:
        """Return the transaction that a request retransmits, or whose final response an ACK acknowledges."""
        return self._servers.get(_server_key(request, request.method))

    def invite_of(self, cancel: Request) -> Transaction | None:
        """Return the INVITE transaction that a CANCEL is for (RFC 3261 section 9.2)."""
        return self._servers.get(_server_key(cancel, "INVITE"))

    def merged(self, request: Request) -> bool:
        """Whether the same request already came another way (RFC 3261 section 8.2.2.2)."""
        return _merge_key(request) in self._merge_keys

    def serve(self, request: Request, flow: Flow) -> Transaction:
        """Begin a server transaction."""
        key, merge_key = _server_key(request, request.method), _merge_key(request)
        kind: Kind = "invite server" if request.method == "INVITE" else "server"

        def forget() -> None:
            self._servers.pop(key, None)
            if self._merge_keys.get(merge_key) == key:
                del self._merge_keys[merge_key]

        transaction = Transaction(kind, request, flow, self._schedule, self._transmit, on_terminated=forget)
        self._servers[key] = transaction
        self._merge_keys.setdefault(merge_key, key)
        return transaction

    def ask(
        self, request: Request, flow: Flow, now: float, pass_up: Callable[[Response | None, float], None]
    ) -> Transaction:
        """Send a request of ours; `pass_up` gets every response that is new, or None when none came."""
        key = (request.vias[0].branch, request.method)
        kind: Kind = "invite client" if request.method == "INVITE" else "client"

        def forget() -> None:
            self._clients.pop(key, None)

        transaction = Transaction(
            kind, request, flow, self._schedule, self._transmit, pass_up=pass_up, on_terminated=forget
        )
        self._clients[key] = transaction
        transaction.start(now)
        return transaction

    def give_up(self, flow: Flow, now: float) -> None:
        """End every request of ours that waits on a flow that has failed."""
        for transaction in [each for each in self._clients.values() if each.flow == flow]:
            transaction.give_up(now)

    def client_of(self, response: Response) -> Transaction | None:
        """Return the transaction that a response answers."""
        return self._clients.get((response.vias[0].branch, response.cseq.method))


def _server_key(request: Request, method: str) -> Key:
    via = request.vias[0]
    wanted = "INVITE" if method == "ACK" else method
    if via.branch.startswith(MAGIC_COOKIE) and len(via.branch) > len(MAGIC_COOKIE):
        return via.branch, via.sent_by, wanted
    # RFC 2543 peers, and RFC 4475's empty branch (section 3.2.1): the whole identity of the request instead.
    sequence = str(request.cseq.sequence)
    return request.uri, request.from_.tag, request.call_id, sequence, via.sent_by, via.branch, wanted


def _merge_key(request: Request) -> Key:
    return request.from_.tag, request.call_id, str(request.cseq.sequence), request.method
