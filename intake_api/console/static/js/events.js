// One EventSource for the page. The server resumes by Last-Event-ID; after `reset` a page reads everything anew.

const KINDS = ["call", "utterance", "draft", "ticket", "delivery", "partial", "reset"];
const address = document.body.dataset.events;

const tell = (state) => {
  const shown = document.getElementById("link-state");
  if (!shown) return;
  shown.hidden = false;
  shown.querySelector(".link-state").dataset.state = state;
  for (const words of shown.querySelectorAll("[data-when]")) words.hidden = words.dataset.when !== state;
};

// Browsers allow six connections to a host (HTTP/1.1), so a hidden tab gives its stream back, unless it must sound
// the alarm; when it is looked at again it reads everything anew.
export const follow = (handlers, { callId = "", evenHidden = false } = {}) => {
  if (!address) return;
  let source;
  let again;
  const open = () => {
    source = new EventSource(callId ? `${address}?call_id=${callId}` : address);
    source.onopen = () => tell("open");
    source.onerror = () => {
      tell("lost");
      if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      clearTimeout(again);
      again = setTimeout(() => { open(); handlers.reset?.({}); }, 3000); // refused: full, or signed out
    };
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => handlers[kind]?.(JSON.parse(event.data)));
    }
  };
  open();
  if (!evenHidden) document.addEventListener("visibilitychange", () => {
    clearTimeout(again);
    source.close();
    if (!document.hidden) { open(); handlers.reset?.({}); }
  });
  // A page kept for "back" holds its stream open, and browsers allow six to a host.
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => { if (event.persisted) { open(); handlers.reset?.({}); } });
};

// Calls `work` soon after the first of many events, and again after the last; never twice at once.
export const soon = (work, milliseconds = 120) => {
  let timer = null;
  let running = false;
  const run = async () => {
    timer = null;
    if (running) { timer = setTimeout(run, milliseconds); return; }
    running = true;
    try { await work(); } finally { running = false; }
  };
  return () => { timer ??= setTimeout(run, milliseconds); };
};
