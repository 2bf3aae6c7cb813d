// The recording: a waveform drawn from the server's peaks, and the word that is being heard.

import WaveSurfer from "../vendor/wavesurfer/wavesurfer.esm.js";
import { clock } from "./console.js";
import { getJson } from "./requests.js";

const STEP_SECONDS = 3;
const ROUND_THE_WORD = 0.15; // seconds before and after, as recognisers cut words short
const box = document.getElementById("wave");
const words = document.getElementById("draft-words").dataset;
let wave = null;
let until = null;
let sentence = null;

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const colors = () => ({ waveColor: color("--line-strong"), progressColor: color("--accent"), cursorColor: color("--ink") });
const part = (name) => document.querySelector(`[data-player=${name}]`);

export const spans = () => [...document.querySelectorAll("#transcript .w")];
const seconds = (word) => word.dataset.t.split(",").map(Number);

const markSpoken = (time) => {
  for (const word of document.querySelectorAll(".w.is-spoken")) word.classList.remove("is-spoken");
  for (const line of document.querySelectorAll(".utterance.is-playing")) line.classList.remove("is-playing");
  const line = [...document.querySelectorAll("#transcript .utterance")].find((u) => time >= Number(u.dataset.start) - 0.1 && time <= Number(u.dataset.end) + 0.1);
  if (!line) return;
  line.classList.add("is-playing");
  const word = [...line.querySelectorAll(".w")].find((w) => { const [from, to] = seconds(w); return time >= from && time < to; });
  word?.classList.add("is-spoken");
};

const follow = (time) => {
  document.getElementById("position").textContent = clock(time);
  markSpoken(time);
  if (until !== null && time >= until) { wave.pause(); until = null; }
  if (sentence && time >= sentence.to && wave.isPlaying()) wave.setTime(sentence.from);
};

const showState = () => {
  const button = part("toggle");
  const playing = wave.isPlaying();
  button.setAttribute("aria-pressed", String(playing));
  button.firstChild.textContent = playing ? words.pause : words.play;
};

export const playFrom = (from, to = null) => {
  if (!wave) return;
  until = to;
  wave.setTime(Math.max(0, from));
  wave.play();
};

export const playWord = (word) => {
  const [from] = seconds(word);
  playFrom(from - ROUND_THE_WORD);
};

export const playSpan = (first, last) => playFrom(seconds(first)[0] - ROUND_THE_WORD, seconds(last)[1] + ROUND_THE_WORD);

export const nextDoubtful = () => {
  const doubtful = spans().filter((word) => word.dataset.doubt);
  if (!doubtful.length) return;
  const after = wave ? wave.getCurrentTime() + ROUND_THE_WORD + 0.05 : 0;
  const word = doubtful.find((candidate) => seconds(candidate)[0] > after) ?? doubtful[0];
  word.scrollIntoView({ block: "nearest" });
  playSpan(word, word);
  markSpoken(seconds(word)[0]);
};

const lineAt = (time) => [...document.querySelectorAll("#transcript .utterance")].findLast((u) => Number(u.dataset.start) <= time + 0.1);
export const currentLine = () => lineAt(wave?.getCurrentTime() ?? 0) ?? document.querySelector("#transcript .utterance");

const actions = {
  toggle: () => { until = null; wave.playPause(); },
  back: () => wave.setTime(Math.max(0, wave.getCurrentTime() - STEP_SECONDS)),
  forward: () => wave.setTime(Math.min(wave.getDuration(), wave.getCurrentTime() + STEP_SECONDS)),
  loop: (button) => {
    const line = sentence ? null : currentLine();
    sentence = line ? { from: Number(line.dataset.start), to: Number(line.dataset.end) } : null;
    button.setAttribute("aria-pressed", String(Boolean(sentence)));
    if (sentence) playFrom(sentence.from);
  },
  doubt: nextDoubtful,
};

const open = async () => {
  const { peaks, duration } = await getJson(box.dataset.peaks);
  wave = WaveSurfer.create({
    container: box, url: box.dataset.audio, peaks: [peaks], duration, height: 64, barWidth: 2, barGap: 1, barRadius: 1, normalize: true,
    cspNonce: document.querySelector("meta[name=style-nonce]").content, ...colors(),
  });
  wave.on("timeupdate", follow);
  wave.on("play", showState);
  wave.on("pause", showState);
  wave.on("error", () => { document.getElementById("no-sound").hidden = false; });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-player]");
    if (button) actions[button.dataset.player]?.(button);
  });
  part("speed").addEventListener("change", (event) => wave.setPlaybackRate(Number(event.target.value), true));
  new MutationObserver(() => wave.setOptions(colors())).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
};

if (box) open().catch(() => { document.getElementById("no-sound").hidden = false; });
