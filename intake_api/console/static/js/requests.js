// Requests of scripts: with the session's CSRF token, answered with JSON or a part of a page.

const token = document.querySelector("meta[name=csrf-token]").content;

export const fetchPart = async (address, part) => {
  const response = await fetch(address, { headers: { "Accept": "text/html", "X-Part": part } });
  if (response.redirected && new URL(response.url).pathname === "/sign-in") location.reload(); // the session has ended
  if (response.redirected || !response.ok) throw new Error(`no part: ${response.status}`);
  const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
  return parsed.body;
};

export const getJson = async (address) => {
  const response = await fetch(address, { headers: { "Accept": "application/json" } });
  if (!response.ok) throw new Error(`no answer: ${response.status}`);
  return response.json();
};

// Returns `{status, body}`; throws only when the server cannot be reached.
export const postJson = async (address, content = {}, options = {}) => {
  const response = await fetch(address, {
    method: "POST",
    headers: { "Accept": "application/json", "Content-Type": "application/json", "X-CSRF-Token": token },
    body: JSON.stringify(content),
    ...options,
  });
  const body = response.headers.get("content-type")?.includes("json") ? await response.json() : {};
  return { status: response.status, body };
};
