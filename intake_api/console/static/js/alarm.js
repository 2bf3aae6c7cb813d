// An emergency in a call: two tones and a line that a screen reader says. Browsers allow sound after the first click.

import { toast } from "./console.js";

let context;

export const ring = (text) => {
  toast(text, "alarm");
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
  for (const [start, frequency] of [[0, 880], [0.25, 660], [0.5, 880]]) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    volume.gain.value = 0.15;
    tone.frequency.value = frequency;
    tone.connect(volume).connect(context.destination);
    tone.start(context.currentTime + start);
    tone.stop(context.currentTime + start + 0.2);
  }
};
