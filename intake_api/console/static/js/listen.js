// Listening in: the call's WAV is read as it grows and played at once. An <audio> element would wait for a quarter of
// a megabyte, 14 seconds of telephone sound, before it begins.

const HEADER_BYTES = 44;
const AHEAD_SECONDS = 0.25; // against gaps between chunks
const LATE_SECONDS = 2; // further behind than this the sound jumps forward

const samplesOf = (bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.byteLength >> 1 }, (_, at) => view.getInt16(2 * at, true) / 32768);
};

const join = (one, two) => {
  const both = new Uint8Array(one.length + two.length);
  both.set(one);
  both.set(two, one.length);
  return both;
};

// Plays until the call is over or `stop` is called; `tell` gets the seconds heard so far.
export const listen = (address, tell, ended) => {
  const leaving = new AbortController();
  const context = new AudioContext();
  let rate = 0;
  let next = 0;
  let heard = 0;

  const play = (samples) => {
    if (!samples.length) return;
    const buffer = context.createBuffer(1, samples.length, rate);
    buffer.copyToChannel(samples, 0);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    if (next < context.currentTime || next > context.currentTime + LATE_SECONDS) next = context.currentTime + AHEAD_SECONDS;
    source.start(next);
    next += buffer.duration;
    heard += buffer.duration;
    tell(heard);
  };

  const read = async () => {
    const response = await fetch(address, { signal: leaving.signal });
    if (!response.ok) throw new Error(String(response.status));
    const reader = response.body.getReader();
    let rest = new Uint8Array();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      rest = join(rest, part.value);
      if (!rate && rest.length >= HEADER_BYTES) {
        rate = new DataView(rest.buffer).getUint32(24, true);
        rest = rest.slice(HEADER_BYTES);
      }
      if (!rate) continue;
      const whole = rest.length & ~1;
      play(samplesOf(rest.slice(0, whole)));
      rest = rest.slice(whole);
    }
  };

  read().catch(() => {}).finally(() => { context.close(); ended(); });
  return () => leaving.abort();
};
