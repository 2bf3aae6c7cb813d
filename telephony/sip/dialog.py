"""A dialog: what two peers keep of each other, and the requests it gives rise to (RFC 3261 section 12)."""

from __future__ import annotations

from dataclasses import dataclass, field

from telephony.sip.address import parse_address, parse_addresses
from telephony.sip.message import Request, Response
from telephony.sip.uri import Uri
from telephony.sip.via import Via

DialogId = tuple[str, str, str]
"Call-ID, our tag, their tag."


@dataclass
class Dialog:
    """One side's state."""

    call_id: str
    local_tag: str
    remote_tag: str
    local_address: str
    "From of our requests, with our tag."
    remote_address: str
    "To of our requests, with their tag."
    remote_target: Uri
    route_set: list[str] = field(default_factory=list)
    local_sequence: int = 0
    remote_sequence: int | None = None
    gone_through_nat: bool = False
    "The peer sits behind a NAT with no proxy between: only the flow it came by leads back to it."
    secure: bool = False
    "Our Contact must be a SIPS URI, as the peer asked for `sips:` over TLS (section 12.1.1)."

    @property
    def id(self) -> DialogId:
        """What a request of this dialog carries."""
        return self.call_id, self.local_tag, self.remote_tag

    @classmethod
    def of_server(cls, invite: Request, local_tag: str) -> Dialog:
        """Return the dialog that our 1xx or 2xx to an INVITE makes (section 12.1.1)."""
        target = invite.contacts[0].uri if invite.contacts else invite.from_.uri  # RFC 2543 peers send no Contact
        via = invite.vias[0]
        return cls(
            call_id=invite.call_id,
            local_tag=local_tag,
            remote_tag=invite.from_.tag,
            local_address=f"{invite.header('To')};tag={local_tag}",
            remote_address=invite.header("From"),
            remote_target=target,
            route_set=record_routes(invite),
            remote_sequence=invite.cseq.sequence,
            gone_through_nat=len(invite.vias) == 1 and _came_from_elsewhere(via),
            secure=invite.uri.lower().startswith("sips:") and via.transport == "TLS",
        )

    @classmethod
    def of_client(cls, invite: Request, response: Response) -> Dialog:
        """Return the dialog that a response to our INVITE makes (section 12.1.2)."""
        target = response.contacts[0].uri if response.contacts else response.to.uri
        return cls(
            call_id=invite.call_id,
            local_tag=invite.from_.tag,
            remote_tag=response.to.tag,
            local_address=invite.header("From"),
            remote_address=response.header("To"),
            remote_target=target,
            route_set=record_routes(response)[::-1],
            local_sequence=invite.cseq.sequence,
        )

    def in_order(self, request: Request) -> bool:
        """Note the peer's sequence number; False when it is not above the last (section 12.2.2)."""
        sequence = request.cseq.sequence
        if self.remote_sequence is not None and sequence <= self.remote_sequence:
            return False
        self.remote_sequence = sequence
        return True

    def refresh_target(self, message: Request | Response) -> None:
        """Take the Contact of a target refresh request or its 2xx (section 12.2)."""
        if message.contacts:
            self.remote_target = message.contacts[0].uri

    def request(self, method: str, *, sequence: int | None = None) -> Request:
        """Return a request of ours without Via; only ACK gives its own sequence number (section 12.2.1.1)."""
        if sequence is None:
            self.local_sequence += 1
            sequence = self.local_sequence
        uri, routes = self._way()
        request = Request(method, uri)
        if routes:
            request.headers.setlist("Route", routes)
        request.headers.set("From", self.local_address)
        request.headers.set("To", self.remote_address)
        request.headers.set("Call-ID", self.call_id)
        request.headers.set("CSeq", f"{sequence} {method}")
        request.headers.set("Max-Forwards", "70")
        return request

    @property
    def next_hop(self) -> Uri:
        """Where our requests go first."""
        return parse_address(self.route_set[0]).uri if self.route_set else self.remote_target

    def _way(self) -> tuple[str, list[str]]:
        target = self.remote_target.text
        if not self.route_set or self.next_hop.loose:
            return target, list(self.route_set)
        # A strict router wants itself in the Request-URI and the target last (section 12.2.1.1).
        return self.next_hop.text, [*self.route_set[1:], f"<{target}>"]


def _came_from_elsewhere(via: Via) -> bool:
    """Whether the peer's own idea of its address is not what we saw (RFC 3581); stamped on arrival."""
    received, port = via.parameters.get("received"), via.parameters.get("rport")
    moved = received is not None and received != via.host.strip("[]")
    return moved or (bool(port) and port != str(via.port or 5060))


def record_routes(message: Request | Response) -> list[str]:
    """Return Record-Route's values one by one, in their order."""
    addresses = parse_addresses(message.headers.getlist("Record-Route"))
    return [f"<{address.uri.text}>" for address in addresses]
