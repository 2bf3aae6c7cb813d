// The draft page: words, sound and form work together here.

import { toast } from "./console.js";
import { follow, soon } from "./events.js";
import { flush, isEditable, merge, refresh, set, showPhone, version } from "./form.js";
import { listen } from "./listen.js";
import "./places.js";
import { currentLine, nextDoubtful, playFrom, playSpan, playWord, spans } from "./player.js";
import { fetchPart, postJson } from "./requests.js";

const draft = document.getElementById("draft");
const form = document.getElementById("fields");
const transcript = document.getElementById("transcript");
const liveLine = document.getElementById("live-line");
const liveWords = document.getElementById("live-words");

// Evidence: the words that a field rests on light up while the field has the focus.
const evidenceOf = (name) => {
  const places = JSON.parse(draft.dataset.evidence)[name] ?? [];
  return places.flatMap(([utterance, from, to]) => [...document.querySelectorAll(`#u${utterance} .w`)].filter((word) => {
    const [start, end] = word.dataset.c.split(",").map(Number);
    return start < to && end > from;
  }));
};
const light = (name) => {
  for (const word of spans()) word.classList.remove("is-evidence");
  const lit = evidenceOf(name);
  for (const word of lit) word.classList.add("is-evidence");
  lit[0]?.scrollIntoView({ block: "nearest" });
};
const hear = (name) => {
  light(name);
  const lit = evidenceOf(name);
  if (lit.length) playSpan(lit[0], lit.filter((w) => w.closest(".utterance") === lit[0].closest(".utterance")).at(-1));
};
const fieldAt = (element) => element?.closest?.("[data-field]")?.dataset.field;

form.addEventListener("focusin", (event) => light(fieldAt(event.target)));
form.addEventListener("click", (event) => {
  const hearing = event.target.closest("[data-hear]");
  if (hearing) hear(hearing.dataset.hear);
  const chip = event.target.closest("[data-candidate]");
  if (chip) set(fieldAt(chip), chip.dataset.candidate);
});

transcript.addEventListener("click", (event) => {
  const word = event.target.closest(".w");
  if (word && !String(getSelection())) playWord(word);
  const line = event.target.closest("[data-play]");
  if (line) playFrom(Number(line.dataset.play));
  const edit = event.target.closest("[data-edit]");
  if (edit) correct(edit.closest(".utterance"));
});

// Correcting a sentence.
const dialog = document.getElementById("correct");
let corrected = null;
const correct = (line) => {
  if (!line || !isEditable()) return;
  corrected = line.dataset.index;
  const box = document.getElementById("correct-words");
  box.value = [...line.querySelectorAll(".w")].map((word) => word.textContent).join("");
  document.getElementById("correct-refused").hidden = true;
  dialog.showModal();
  box.focus();
};
dialog.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!await flush()) return;
  const text = document.getElementById("correct-words").value;
  const { status, body } = await postJson(`/drafts/${draft.dataset.id}/utterances/${corrected}`, { text, version: version() });
  if (body.fields) merge(body);
  if (status === 200) { dialog.close(); showWords(); return; }
  const refused = document.getElementById("correct-refused");
  refused.hidden = false;
  refused.textContent = body.sentence ?? body.detail ?? String(status);
});
document.getElementById("correct-words").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); dialog.querySelector("form").requestSubmit(); }
});

// The number in full, for a reason; the links to call back hold it only then.
const revealing = document.getElementById("reveal");
revealing?.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const asked = new FormData(event.target);
  const reason = asked.get("reason") || asked.get("words");
  const { status, body } = await postJson(`/drafts/${draft.dataset.id}/reveal`, { reason });
  const refused = document.getElementById("reveal-refused");
  refused.hidden = status === 200;
  if (status !== 200) { refused.textContent = body.sentence ?? body.detail ?? String(status); return; }
  showPhone(body.phone);
  const number = (body.phone || body.caller_number).replace(/[^0-9+*#]/g, "");
  const links = ["tel", "sip"].map((scheme) => {
    const link = document.createElement("a");
    link.href = scheme === "tel" ? `tel:${number}` : `sip:${number}@${location.hostname}`;
    link.textContent = `${scheme}: ${number}`;
    return link;
  });
  document.getElementById("call-back").replaceChildren(links[0], " ", links[1]);
  revealing.close();
});

// Around the call: loaded after the page, so that the page is quick.
const beside = document.getElementById("beside");
const showBeside = async () => {
  const fresh = await fetchPart(`/drafts/${draft.dataset.id}/beside`, "beside").catch(() => null);
  if (fresh && beside.innerHTML !== fresh.innerHTML) beside.replaceChildren(...fresh.childNodes);
};
showBeside();
beside.addEventListener("click", (event) => {
  const used = event.target.closest("[data-use]");
  if (used) set(used.dataset.use, used.dataset.value);
  const merged = event.target.closest("[data-merge]");
  if (!merged) return;
  document.getElementById("merge-into").value = merged.dataset.merge;
  document.getElementById("merge-this").textContent = form.elements.namedItem("content").value;
  document.getElementById("merge-other").textContent = merged.dataset.content || merged.dataset.title;
  document.getElementById("merge").showModal();
});

// Listening in: the sound of the call as it is recorded; the server asks for the right and logs it.
const listening = document.getElementById("listen-in");
let stopListening = null;
const listened = () => {
  stopListening = null;
  listening.setAttribute("aria-pressed", "false");
};
listening?.addEventListener("click", () => {
  if (stopListening) { stopListening(); return; }
  listening.setAttribute("aria-pressed", "true");
  stopListening = listen(listening.dataset.audio, (seconds) => { listening.dataset.heard = seconds; }, listened);
});

// Live: finals come from the server, words that may still change from the event itself.
const showWords = async () => {
  const fresh = await fetchPart(`/drafts/${draft.dataset.id}/transcript`, "transcript").catch(() => null);
  if (!fresh) return;
  const known = new Map([...transcript.children].filter((e) => e.id).map((e) => [e.id, e]));
  const scroll = transcript.closest(".scroll");
  const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;
  transcript.replaceChildren(...[...fresh.children].map((young) => {
    const old = young.id && known.get(young.id);
    return old && old.innerHTML === young.innerHTML ? old : young;
  }));
  if (atEnd && draft.dataset.live) scroll.scrollTop = scroll.scrollHeight;
};
const wordsChanged = soon(showWords, 60);
const fieldsChanged = soon(refresh, 120);

follow({
  partial: ({ call_id: call, text, start_time: start }) => {
    if (call !== draft.dataset.call) return;
    liveLine.hidden = false;
    liveWords.textContent = text;
    liveWords.dataset.start = start;
    const scroll = liveLine.closest(".scroll");
    if (scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 90) scroll.scrollTop = scroll.scrollHeight;
  },
  utterance: ({ call_id: call }) => { if (call === draft.dataset.call) { liveWords.textContent = ""; wordsChanged(); } },
  draft: ({ id }) => { if (id === draft.dataset.id) fieldsChanged(); },
  call: ({ id, row }) => { if (id === draft.dataset.call && draft.dataset.live && row?.state === "ended") { draft.dataset.live = ""; liveLine.hidden = true; wordsChanged(); fieldsChanged(); } },
  reset: () => { wordsChanged(); fieldsChanged(); },
}, { callId: draft.dataset.call });

// The lease: renewed while a person is at the page.
const lease = Number(draft.dataset.lease) * 1000;
let active = Date.now();
for (const kind of ["pointermove", "keydown", "scroll"]) addEventListener(kind, () => { active = Date.now(); }, { passive: true });
if (draft.dataset.editable) setInterval(async () => {
  if (Date.now() - active > lease) return;
  const { status, body } = await postJson(`/drafts/${draft.dataset.id}/lease`).catch(() => ({ status: 0 }));
  if (status === 409) { toast(body.sentence, "alarm"); fieldsChanged(); }
}, Math.min(60_000, lease / 3));

// Choices that hang on another choice.
const narrow = () => {
  const [one, two] = [form.elements.namedItem("category_level_1"), form.elements.namedItem("category_level_2")];
  if (!one || !two) return;
  for (const option of two.options) {
    option.hidden = Boolean(one.value && option.dataset.of && option.dataset.of !== one.value);
    option.disabled = option.hidden;
  }
};
form.addEventListener("change", (event) => {
  if (event.target.name === "category_level_1") {
    const two = form.elements.namedItem("category_level_2");
    if (two.selectedOptions[0]?.dataset.of && two.selectedOptions[0].dataset.of !== event.target.value) set("category_level_2", "");
  }
  if (event.target.name === "category_level_2") {
    const of = event.target.selectedOptions[0]?.dataset.of;
    const one = form.elements.namedItem("category_level_1");
    if (of && one.value !== of) set("category_level_1", of);
  }
  narrow();
});
narrow();
form.addEventListener("focusin", async (event) => {
  const list = event.target.dataset.suggest;
  if (!list) return;
  const of = { town: "county", community: "town" }[list];
  const above = of ? form.elements.namedItem(of).value : "";
  const target = document.getElementById(`list-${list}`);
  if (target.dataset.of === above) return;
  const fresh = await fetchPart(`/suggest/${list}?of=${encodeURIComponent(above)}`, "options").catch(() => null);
  if (fresh) { target.replaceChildren(...fresh.children); target.dataset.of = above; }
});

// Keys inside fields have Alt; `keys.js` has the rest.
document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  const field = fieldAt(document.activeElement);
  if (event.altKey && !event.ctrlKey) {
    const digit = /^(?:Digit|Numpad)([1-4])$/.exec(event.code)?.[1];
    const act = { KeyP: () => document.querySelector("[data-player=toggle]")?.click(), KeyH: () => field && hear(field), KeyN: nextDoubtful }[event.code];
    if (digit && field) { document.getElementById(`field-${field}`).querySelectorAll(".chip")[digit - 1]?.click(); event.preventDefault(); }
    if (act) { act(); event.preventDefault(); }
    return;
  }
  if (event.target.matches("input, select, textarea") || event.ctrlKey || localStorage.getItem("hotline-single-keys-off")) return;
  if (event.key === "f") { event.preventDefault(); form.querySelector("input:not([readonly]), textarea:not([readonly])")?.focus(); }
  if (event.key === "e") { event.preventDefault(); correct(currentLine()); }
});
