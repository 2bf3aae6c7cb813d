"""Takes every admitted call: a folder, a conversation, and a row in the list of calls in progress."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from callflow.conversation import Conversation
from callflow.folder_of_call import FolderOfCall, open_folder
from callflow.prompts import Prompts
from config.settings import Settings
from live_bus.bus import LiveBus
from spool.call_id import uuid7
from spool.facts import Invited
from telephony.engine import IncomingCall

logger = logging.getLogger(__name__)

SYNC_SECONDS = 5.0
FIRST_MESSAGES_SECONDS = 2.0
"How a call was set up can be read while it lasts, and after a crash."
LAST_MESSAGES_SECONDS = 0.5
"After BYE its 200 is still to come, or a retransmission: the ladder is written once more."


class Answering:
    """`on_call` of the SIP engine."""

    def __init__(self, settings: Settings, prompts: Prompts, bus: LiveBus, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._prompts = prompts
        self._bus = bus
        self._clock = clock
        self.conversations: dict[str, Conversation] = {}
        self._folders: dict[str, FolderOfCall] = {}

    async def take(self, call: IncomingCall) -> None:
        """Lead one call from INVITE to its end."""
        at = self._clock()
        invited = Invited(
            at=at,
            call_id=str(uuid7(at.timestamp())),
            sip_call_id=call.sip_call_id,
            caller_number=call.caller_number,
            caller_name=call.caller_name,
            called_number=call.called_number,
            node=self._settings.node,
            remote_address=call.remote_address,
            trunk=call.trunk,
        )
        folder = open_folder(self._settings.spool_dir, invited, self._bus, self._settings.storage.full_disk_bytes)
        conversation = Conversation(call, folder, self._prompts, self._settings.callflow, self._clock)
        self.conversations[folder.call_id] = conversation
        self._folders[folder.call_id] = folder
        logger.info("call %s: invited", folder.call_id)
        loop = asyncio.get_running_loop()
        early = loop.call_later(FIRST_MESSAGES_SECONDS, lambda: folder.keep_ladder(call.ladder))
        try:
            await conversation.run(self._settings.telephony.ring_ms / 1000)
        finally:
            early.cancel()
            folder.keep_ladder(call.ladder)
            del self.conversations[folder.call_id]
            if folder.is_written:
                del self._folders[folder.call_id]
            logger.info("call %s: ended", folder.call_id)
        await asyncio.to_thread(folder.sync)
        await asyncio.sleep(LAST_MESSAGES_SECONDS)
        folder.keep_ladder(call.ladder)

    async def sync_for_ever(self) -> None:
        """Bring what is being recorded to the disk every few seconds: so much is lost with the power, at most."""
        while True:
            await asyncio.sleep(SYNC_SECONDS)
            for call_id, folder in list(self._folders.items()):
                folder.write_again()
                await asyncio.to_thread(folder.sync)
                if folder.is_written and call_id not in self.conversations:
                    del self._folders[call_id]

    async def announce_end(self) -> None:
        """Tell every caller that the service stops."""
        await asyncio.gather(*(talk.announce_end() for talk in self.conversations.values()), return_exceptions=True)
