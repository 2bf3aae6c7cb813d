"""Carries news between this machine's bus and the others': words that may still change, and that rows have changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from live_bus.bus import LiveBus, Message, Topic

BRIDGED: Sequence[Topic] = ("partial", "changes")
"What consoles on other machines follow; recordings and facts stay on the machine that has them."
FROM = "from_node"
"Set on a message that has crossed: it is not sent back."
STOP_SECONDS = 0.5

Crossing = Callable[[Message], Message | None]
"What a message becomes as it crosses; None when it does not."


def bridge(local: LiveBus, others: LiveBus, node: str, stop: threading.Event) -> None:
    """Carry news both ways until `stop` is set."""
    carriers = []
    for topic in BRIDGED:
        carriers.append(threading.Thread(target=carry, args=(local, others, topic, outward(node), stop), daemon=True))
        carriers.append(threading.Thread(target=carry, args=(others, local, topic, inward(node), stop), daemon=True))
    for carrier in carriers:
        carrier.start()
    for carrier in carriers:
        carrier.join()


def carry(source: LiveBus, target: LiveBus, topic: Topic, crossing: Crossing, stop: threading.Event) -> None:
    """Carry one topic one way until `stop` is set."""
    news = source.subscribe(topic)
    try:
        while not stop.is_set():
            message = news.receive(STOP_SECONDS)
            crossed = crossing(message) if message is not None else None
            if crossed is not None:
                target.publish(topic, crossed)
    finally:
        news.close()


def outward(node: str) -> Crossing:
    """Mark our own news; what came from another machine is not sent out again."""
    return lambda message: None if FROM in message else {**message, FROM: node}


def inward(node: str) -> Crossing:
    """Let others' news in; our own comes back as an echo and is dropped."""
    return lambda message: None if message.get(FROM) == node else message
