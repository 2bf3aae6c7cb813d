"""Where the requests of a call go (RFC 3261 section 8.1.2), and where they go in a world of NATs."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from telephony.sip.flow import Flow, Transport
from telephony.sip.message import Request

if TYPE_CHECKING:
    from telephony.sip.call import Call


def way_back(request: Request, flow: Flow) -> Flow:
    """Return where the responses to a request go, once its topmost Via is stamped (RFC 3261 section 18.2.2, RFC 3581).

    To where it came from, whether or not it asks for that with `rport`: NATs leave no other way. Only a peer that names
    the very address we see, and another port, has no NAT before it and listens where it says.
    """
    try:
        via = request.vias[0]
    except (ValueError, IndexError):
        return flow
    plain = "rport" not in via.parameters and "received" not in via.parameters
    if flow.reliable or not plain or not 0 < (via.port or 0) < 65536:
        return flow
    return flow.towards((flow.remote[0], via.port or 5060), flow.transport)


def way_of(call: Call) -> Flow:
    """Return the flow for a request inside a call's dialog."""
    hop, came_by = call.dialog.next_hop, call.flow
    if call.dialog.gone_through_nat and not call.dialog.route_set:
        return came_by
    if not hop.host:
        return came_by  # a tel: Contact names no place
    transport = hop.transport if hop.transport in {"UDP", "TCP", "TLS"} else came_by.transport
    same = transport == came_by.transport or "transport" not in hop.parameters
    if came_by.reliable and same and call.agent.connected(came_by):
        # The connection stands; another one may not reach a client behind NAT. Peers forget `transport=` too.
        return came_by
    if came_by.reliable and same:
        transport = came_by.transport
    return came_by.towards(hop.address, cast(Transport, transport))
