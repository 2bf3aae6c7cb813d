// The ticket's form: saved by itself, one request at a time, on top of the version that was shown.
// When another has saved in between, fields that only they touched are brought up to date, and a field that both
// touched shows both; what was typed is never lost.

import { getJson, postJson } from "./requests.js";

const draft = document.getElementById("draft");
const form = document.getElementById("fields");
const words = document.getElementById("draft-words").dataset;
const saved = document.getElementById("saved");
const SAVE_AFTER = 600; // milliseconds of rest
const TRY_AGAIN = 3000;

const dirty = new Set();
const settled = new Map(); // name -> the server's value that our own is based on
let timer = null;
let underway = null;
let lost = false;

const control = (name) => form.elements.namedItem(name);
const box = (name) => document.getElementById(`field-${name}`);
export const valueOf = (name) => { const e = control(name); return e.type === "checkbox" ? String(e.checked) : e.value; };
const names = () => [...form.querySelectorAll("[data-field]")].map((e) => e.dataset.field);
export const version = () => Number(draft.dataset.version);
export const isEditable = () => Boolean(draft.dataset.editable) && !lost;

const tell = (state, text) => { saved.dataset.state = state; saved.textContent = text; };

const setVersion = (number) => {
  draft.dataset.version = number;
  for (const field of document.querySelectorAll("input[name=version]")) field.value = number;
};

let phoneShown = false;
export const showPhone = (number) => {
  phoneShown = true;
  const field = control("phone");
  field.value = number;
  field.readOnly = !isEditable();
};

const put = (name, fresh) => {
  if (name === "phone" && phoneShown) return; // the server's own is masked
  const old = box(name);
  const parsed = new DOMParser().parseFromString(fresh.html, "text/html").body.firstElementChild;
  const held = old.contains(document.activeElement) ? control(name) : null;
  settled.set(name, fresh.value);
  if (!held) { old.replaceWith(parsed); return; }
  // The person stands in this field: its surroundings change, the control stays.
  const at = [held.selectionStart, held.selectionEnd];
  const same = valueOf(name) === fresh.value;
  old.className = parsed.className;
  const trust = old.querySelector(".trust");
  trust.replaceWith(parsed.querySelector(".trust"));
  old.querySelector(".chips")?.remove();
  const chips = parsed.querySelector(".chips");
  if (chips) old.append(chips);
  if (!same && !dirty.has(name)) {
    held.value = fresh.value;
    if (at[0] !== null && held.setSelectionRange && held.type !== "checkbox") held.setSelectionRange(...at);
  }
};

const showConflict = (name, fresh) => {
  box(name).querySelector(".conflict")?.remove();
  const shown = document.getElementById("conflict-template").content.cloneNode(true).firstElementChild;
  shown.querySelector("[data-who]").textContent = words.theirs.replace("#", fresh.by || words.somebody);
  shown.querySelector("[data-theirs]").textContent = fresh.value || "—";
  shown.querySelector("[data-mine]").textContent = valueOf(name) || "—";
  shown.addEventListener("click", (event) => {
    const taken = event.target.dataset.take;
    if (!taken) return;
    settled.set(name, fresh.value);
    shown.remove();
    if (taken === "theirs") { dirty.delete(name); put(name, fresh); }
    schedule(0);
  });
  box(name).append(shown);
  tell("conflict", words.conflict);
};

const inConflict = (name) => Boolean(box(name).querySelector(".conflict"));

// Brings the form to the server's state; fields that both sides changed are shown with both values.
export const merge = (snapshot, sent = {}) => {
  if (snapshot.version < version()) return; // read before our own save, arrived after it
  setVersion(snapshot.version);
  for (const name of ["standing", "notes"]) {
    const part = document.getElementById(name);
    const fresh = new DOMParser().parseFromString(snapshot[name], "text/html").body;
    if (part.innerHTML.trim() !== fresh.innerHTML.trim() && !part.contains(document.activeElement)) part.replaceChildren(...fresh.childNodes);
  }
  draft.dataset.evidence = JSON.stringify(snapshot.evidence);
  for (const [name, fresh] of Object.entries(snapshot.fields)) {
    const ours = dirty.has(name) && valueOf(name) !== fresh.value;
    const theirs = fresh.value !== settled.get(name) && fresh.value !== sent[name] && !(name === "phone" && phoneShown);
    if (ours && theirs) showConflict(name, fresh);
    else if (ours) settled.set(name, fresh.value);
    else { dirty.delete(name); put(name, fresh); }
  }
};

const lose = (snapshot) => {
  lost = true;
  const kept = [...dirty].map((name) => [box(name).querySelector("label").textContent, valueOf(name)]);
  const refused = document.getElementById("refused");
  refused.hidden = false;
  refused.replaceChildren(document.createTextNode(snapshot.sentence));
  if (kept.length) {
    const list = document.createElement("dl");
    list.className = "facts mt-2";
    for (const [name, value] of kept) {
      const [term, told] = [document.createElement("dt"), document.createElement("dd")];
      term.textContent = name;
      told.textContent = value;
      list.append(term, told);
    }
    refused.append(document.createElement("br"), document.createTextNode(words.kept), list);
  }
  const link = document.createElement("a");
  link.href = location.pathname;
  link.textContent = words.reload;
  refused.append(document.createElement("br"), link);
  for (const element of [...form.elements, ...document.querySelectorAll(".action-bar button")]) element.disabled = true;
  refused.scrollIntoView({ block: "nearest" });
  tell("failed", "");
};

const refuse = (name, sentence) => {
  const control_ = control(name);
  control_.setCustomValidity(sentence);
  box(name).classList.add("is-missing");
  tell("failed", sentence);
};

const send = async () => {
  const fields = Object.fromEntries([...dirty].filter((name) => !inConflict(name)).map((name) => [name, valueOf(name)]));
  if (!Object.keys(fields).length || lost) return true;
  tell("saving", words.saving);
  let answer;
  try { answer = await postJson(`/drafts/${draft.dataset.id}/fields`, { version: version(), fields }); } catch { answer = { status: 0 }; }
  if (answer.status === 200) {
    for (const [name, value] of Object.entries(fields)) if (valueOf(name) === value) dirty.delete(name);
    merge(answer.body, fields);
    if (![...dirty].some(inConflict)) tell("saved", words.saved);
    return true;
  }
  if (answer.status === 409 && !answer.body.editable) { lose(answer.body); return false; }
  if (answer.status === 409) { merge(answer.body); return send(); }
  if (answer.status === 422 && answer.body.field) { dirty.delete(answer.body.field); refuse(answer.body.field, answer.body.sentence); return false; }
  if (answer.status === 401) { location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`); return false; }
  tell("failed", words.unsaved);
  schedule(TRY_AGAIN);
  return false;
};

// Saves what is typed now; resolves to whether everything is with the server.
export const flush = async () => {
  clearTimeout(timer);
  timer = null;
  while (underway) await underway;
  underway = send().finally(() => { underway = null; });
  const good = await underway;
  return good && dirty.size === 0;
};

export const schedule = (milliseconds = SAVE_AFTER) => {
  clearTimeout(timer);
  timer = setTimeout(flush, milliseconds);
};

export const set = (name, value) => {
  const element = control(name);
  if (element.type === "checkbox") element.checked = value === "true"; else element.value = value;
  element.dispatchEvent(new Event("input", { bubbles: true }));
  element.dispatchEvent(new Event("change", { bubbles: true }));
};

export const refresh = async () => {
  if (underway || lost) return;
  const snapshot = await getJson(`/drafts/${draft.dataset.id}/fields`).catch(() => null);
  if (!snapshot || underway) return;
  const changed = snapshot.state !== draft.dataset.state || snapshot.editable !== Boolean(draft.dataset.editable);
  if (changed && dirty.size === 0) { location.reload(); return; }
  if (changed && draft.dataset.editable && !snapshot.editable) { const answer = await postJson(`/drafts/${draft.dataset.id}/lease`); lose({ ...snapshot, ...answer.body }); return; }
  merge(snapshot);
};

for (const name of names()) settled.set(name, valueOf(name));
form.addEventListener("input", (event) => {
  event.target.setCustomValidity("");
  event.target.closest(".field").classList.remove("is-missing");
  dirty.add(event.target.name);
  if (event.target.closest(".field").dataset.kind !== "moment") schedule(); // half a time is none
});
form.addEventListener("change", (event) => { dirty.add(event.target.name); schedule(0); });
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("beforeunload", (event) => { if (dirty.size && !lost) event.preventDefault(); });

// Decisions wait until everything typed is saved, and go out with the version that was saved.
for (const id of ["confirm", "release", "discard", "merge", "hand-over", "ask"]) {
  document.querySelector(`form#${id}, #${id} form`)?.addEventListener("submit", async (event) => {
    const decision = event.target;
    if (dirty.size === 0 && !underway) return;
    event.preventDefault();
    event.stopPropagation();
    if (await flush()) decision.requestSubmit();
  });
}
