"""Where the requests of a call go (RFC 3261 section 8.1.2), and where they go in a world of NATs."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from telephony.sip.flow import Flow, Transport

if TYPE_CHECKING:
    from telephony.sip.call import Call


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
