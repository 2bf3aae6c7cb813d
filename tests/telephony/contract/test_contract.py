"""What every `SipEngine` does. A gap of pyVoIP is marked with its reason and listed in docs/supported-sip.md."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest

from telephony.engine import IncomingCall
from tests.telephony.contract.caller import Line
from tests.telephony.contract.conftest import House, Run
from tests.telephony.media.conftest import ListSink, tone
from tests.telephony.media.test_impaired_line import speech_like
from tests.telephony.media.test_session import error_ratio

pytestmark = pytest.mark.timeout(60)


def pyvoip_cannot(reason: str) -> pytest.MarkDecorator:
    """The gap, which must stay a gap until docs/supported-sip.md says otherwise."""
    return pytest.mark.pyvoip_cannot(reason)


def test_a_caller_is_heard_in_sixteen_bits_and_in_true_time(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller, said = house.caller(), speech_like(1.0)
        assert (await caller.call()).status == 200
        await asyncio.sleep(0.3)
        await caller.say(said)
        await asyncio.sleep(0.3)
        call = house.calls[0]
        assert call.codec == "PCMA"
        assert call.sample_rate == 8000
        seconds = call.seconds()
        assert (await caller.hang_up()).status == 200
        assert await asyncio.wait_for(call.ended, 3) == "caller_hung_up"
        ratio, _ = error_ratio(house.sinks[0].samples, said)
        assert ratio > 36
        assert len(house.sinks[0].samples) / 8000 == pytest.approx(seconds, abs=0.15)
        assert call.statistics.packets_received >= 75

    run(scenario)


def test_who_calls_whom_is_told(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller = house.caller()
        await caller.call()
        call = house.calls[0]
        assert call.sip_call_id == caller.call_id
        assert call.caller_number == "13800001234"
        assert call.caller_name == "Zhang"
        assert call.called_number == "12345"
        assert call.remote_address == "127.0.0.1"

    run(scenario)


def test_a_prompt_is_heard_whole(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller, said = house.caller(), speech_like(0.8, 5)
        await caller.call()
        assert await house.calls[0].play(said.tobytes(), 8000)
        await asyncio.sleep(0.1)
        assert error_ratio(caller.heard(), said)[0] > 33
        assert caller.payload_types() == {8}

    run(scenario)


def test_a_prompt_at_another_rate_takes_as_long(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller = house.caller()
        await caller.call()
        began = time.monotonic()
        assert await house.calls[0].play(tone(0.6, rate=16000).tobytes(), 16000)
        assert time.monotonic() - began == pytest.approx(0.6, abs=0.15)

    run(scenario)


def test_barge_in_stops_a_prompt_at_once(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller = house.caller()
        await caller.call()
        playing = asyncio.create_task(house.calls[0].play(tone(8.0).tobytes(), 8000))
        await asyncio.sleep(0.4)
        house.calls[0].stop_playing()
        assert await asyncio.wait_for(playing, 0.2) is False
        await asyncio.sleep(0.5)
        loudness = np.abs(caller.heard())
        assert loudness[-400:].max() < 100
        assert np.count_nonzero(loudness > 100) / 8000 < 0.7

    run(scenario)


def test_a_prompt_ends_with_the_call(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller = house.caller()
        await caller.call()
        playing = asyncio.create_task(house.calls[0].play(tone(8.0).tobytes(), 8000, interruptible=False))
        await asyncio.sleep(0.2)
        await caller.hang_up()
        assert await asyncio.wait_for(playing, 1) is False

    run(scenario)


def test_keys_in_rtp_are_told_once(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller = house.caller()
        await caller.call()
        await caller.press("120#")
        await asyncio.sleep(0.2)
        digits = [house.calls[0].digits.get_nowait() for _ in range(house.calls[0].digits.qsize())]
        assert [digit.digit for digit in digits] == list("120#")
        assert {digit.method for digit in digits} == {"rtp"}

    run(scenario)


@pyvoip_cannot("INFO is not answered")
def test_keys_in_info_are_told(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller = house.caller()
        await caller.call()
        caller.cseq += 1
        caller.send("INFO", "Signal=5\r\nDuration=160\r\n")
        assert (await caller.final("INFO", 2)).status == 200
        digit = await asyncio.wait_for(house.calls[0].digits.get(), 2)
        assert (digit.digit, digit.method) == ("5", "info")

    run(scenario)


@pyvoip_cannot("a timer of one second stands between the INVITE and the call")
def test_the_phone_is_answered_at_once(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller, began = house.caller(), time.monotonic()
        await caller.call()
        assert time.monotonic() - began < 0.5

    run(scenario)


def test_we_hang_up(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller = house.caller()
        await caller.call()
        leaving = asyncio.create_task(house.calls[0].hang_up())
        request = await caller.request("BYE")
        assert caller.call_id == request.header("Call-ID")
        await asyncio.wait_for(leaving, 2)
        assert await house.calls[0].ended == "we_hung_up"

    run(scenario)


def test_busy_is_busy(run: Run) -> None:
    async def refuse(call: IncomingCall, sink: ListSink) -> None:
        call.reject(486)

    async def scenario(house: House) -> None:
        house.on_call = refuse
        assert (await house.caller().call()).status == 486

    run(scenario)


@pyvoip_cannot("486 is its only refusal")
def test_a_refusal_says_why(run: Run) -> None:
    async def refuse(call: IncomingCall, sink: ListSink) -> None:
        call.reject(480, retry_after=7)

    async def scenario(house: House) -> None:
        house.on_call = refuse
        response = await house.caller().call()
        assert response.status == 480
        assert response.header("Retry-After") == "7"

    run(scenario)


async def ring_only(call: IncomingCall, sink: ListSink) -> None:
    """Let it ring until the caller gives up."""
    call.ring()
    await call.ended


def test_a_cancelled_call_is_over(run: Run) -> None:
    async def scenario(house: House) -> None:
        house.on_call = ring_only
        caller = house.caller()
        caller.invite()
        branch = caller.branch
        await house.called.wait()
        caller.send("CANCEL", branch=branch)
        assert (await caller.final("CANCEL")).status == 200
        assert await asyncio.wait_for(house.calls[0].ended, 2) == "caller_cancelled"

    run(scenario)


@pyvoip_cannot("CANCEL is answered, the INVITE it cancels is not")
def test_a_cancelled_invite_gets_its_answer(run: Run) -> None:
    async def scenario(house: House) -> None:
        house.on_call = ring_only
        caller = house.caller()
        caller.invite()
        branch = caller.branch
        await house.called.wait()
        caller.send("CANCEL", branch=branch)
        assert (await caller.final("INVITE", 2)).status == 487

    run(scenario)


@pyvoip_cannot("OPTIONS is not answered, so a PBX marks the line dead")
def test_a_ping_is_answered(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller = house.caller()
        caller.send("OPTIONS")
        response = await caller.final("OPTIONS", 2)
        assert response.status == 200
        assert "INVITE" in response.header("Allow")

    run(scenario)


@pyvoip_cannot("what it does not know it does not answer")
def test_an_unknown_method_is_refused(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller = house.caller()
        caller.send("BLAH")
        assert (await caller.final("BLAH", 2)).status in {405, 501}

    run(scenario)


@pyvoip_cannot("a 200 that is lost is not sent again")
def test_a_lost_200_is_sent_again(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller = house.caller()
        caller.invite()
        first = await caller.final()
        assert (await caller.final(seconds=2)).text == first.text
        caller.to = first.header("To")
        caller.acknowledge()

    run(scenario)


def test_a_repeated_invite_is_the_same_call(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller = house.caller()
        caller.invite()
        caller.send_again()
        assert (await caller.final()).status == 200
        await asyncio.sleep(0.2)
        assert len(house.calls) == 1

    run(scenario)


@pyvoip_cannot("an INVITE that comes again after the answer starts another sender")
def test_an_invite_repeated_after_the_answer_changes_nothing(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller = house.caller()
        caller.invite()
        invite = caller.sent
        response = await caller.final()
        caller.to = response.header("To")
        caller.sip.sendto(invite.encode(), caller.server)
        caller.acknowledge()
        port = int(next(line for line in response.body.split("\r\n") if line.startswith("m=audio")).split()[1])
        caller.rtp_to = "127.0.0.1", port
        loop, end, packets = asyncio.get_running_loop(), time.monotonic() + 1.0, 0
        while time.monotonic() < end:
            await asyncio.wait_for(loop.sock_recv(caller.rtp, 4096), 1)
            packets += 1
        assert packets < 65

    run(scenario)


@pyvoip_cannot("its refusal is 486 without Retry-After: a PBX does not try another line")
def test_a_full_house_says_so(run: Run) -> None:
    async def scenario(house: House) -> None:
        assert (await house.caller().call()).status == 200
        response = await house.caller().call()
        assert response.status == 503
        assert int(response.header("Retry-After")) > 0

    run(scenario, max_calls=1)


@pyvoip_cannot("a re-INVITE is answered with the first answer: nothing is held")
def test_hold_is_answered_in_kind(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller = house.caller()
        await caller.call()
        caller.cseq += 1
        caller.invite("sendonly", version=2)
        response = await caller.final()
        caller.acknowledge()
        assert "a=recvonly" in response.body

    run(scenario)


@pyvoip_cannot("it sends no REFER")
def test_a_caller_is_transferred(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller = house.caller()
        await caller.call()
        moving = asyncio.create_task(house.calls[0].transfer("sip:8001@127.0.0.1"))
        request = await caller.request("REFER", 2)
        assert "sip:8001@127.0.0.1" in request.header("Refer-To")
        moving.cancel()

    run(scenario)


def test_broken_rtp_does_no_harm(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller, said = house.caller(), speech_like(0.6, 3)
        await caller.call()
        for data in (b"", b"\x80", bytes(12), b"\x00" * 40, b"\x80\x7f" + bytes(200), b"\x80\x08" + bytes(9000)):
            caller.send_datagram(data)
        await asyncio.sleep(0.1)
        await caller.say(said)
        await asyncio.sleep(0.2)
        await caller.hang_up()
        await asyncio.wait_for(house.calls[0].ended, 3)
        assert error_ratio(house.sinks[0].samples, said)[0] > 36

    run(scenario)


def test_a_bad_line_loses_no_key_and_no_time(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller = house.caller()
        caller.line = Line(loss=0.03, jitter=0.06, twice=0.02)
        await caller.call()
        for keys in ("120", "*95", "#77"):
            await caller.say(speech_like(0.5))
            await caller.press(keys)
        await asyncio.sleep(0.3)
        call = house.calls[0]
        seconds = call.seconds()
        await caller.hang_up()
        await asyncio.wait_for(call.ended, 3)
        assert "".join(call.digits.get_nowait().digit for _ in range(call.digits.qsize())) == "120*95#77"
        assert len(house.sinks[0].samples) / 8000 == pytest.approx(seconds, abs=0.1)
        assert call.statistics.packets_lost > 0
        assert call.statistics.packets_duplicate > 0

    run(scenario)


def test_silence_of_the_line_is_noticed(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller = house.caller()
        caller.invite()
        caller.to = (await caller.final()).header("To")
        caller.acknowledge()
        position = await asyncio.wait_for(house.calls[0].no_audio.get(), 3)
        assert position == pytest.approx(0.4, abs=0.3)

    run(scenario, no_audio_seconds=0.4)


def test_no_call_is_taken_while_draining(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller = house.caller()
        await caller.call()
        draining = asyncio.create_task(house.engine.drain(5.0))
        await asyncio.sleep(0.1)
        late = await house.caller().call()
        assert late.status in {486, 503}
        await caller.hang_up()
        await asyncio.wait_for(draining, 3)

    run(scenario)


def test_draining_ends_what_is_left(run: Run) -> None:
    async def scenario(house: House) -> None:
        caller = house.caller()
        await caller.call()
        draining = asyncio.create_task(house.engine.drain(0.2))
        assert (await caller.request("BYE")).method == "BYE"
        await asyncio.wait_for(draining, 3)
        assert house.calls[0].ended.done()

    run(scenario)


def test_metrics_and_trunks_are_told(run: Run) -> None:
    async def scenario(house: House) -> None:
        await house.caller().call()
        assert house.engine.metrics()["sip_calls"] == 1
        assert house.engine.trunks() == []

    run(scenario)


def test_a_port_that_is_taken_is_named(run: Run) -> None:
    async def scenario(house: House) -> None:
        settings = house.engine._settings
        bind = settings.bind.model_copy(update={"port": house.server[1]})
        second = type(house.engine)(settings.model_copy(update={"bind": bind}))
        with pytest.raises(OSError, match=f"127.0.0.1:{house.server[1]}"):
            await second.start(house.attend)

    run(scenario)
