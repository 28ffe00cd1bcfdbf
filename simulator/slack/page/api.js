// The people's JSON interface of the simulator, one function per question.

import { state } from "./store.js";

const ROOT = "/_sim/ui";

export const getState = () => get("/state");
export const getMessages = (channel, thread) => get("/messages", { channel, thread });
export const getViews = () => get("/views");
export const getHome = () => get("/home");
export const sendMessage = (message) => post("/messages", message);
export const runCommand = (command) => post("/commands", command);
export const runShortcut = (shortcut) => post("/shortcuts", shortcut);
export const sendAction = (action) => post("/actions", action);
export const askSuggestions = (question) => post("/suggestions", question);
export const submitView = (id) => post(`/views/${id}/submit`);
export const closeView = (id, clear) => post(`/views/${id}/close`, { clear });
export const openHome = (tab) => post("/home", { tab });
export const inviteBot = (channel) => post(`/channels/${channel}/invite-bot`);

/** The address from which the page shows a file, as the person one acts as. */
export const fileAddress = (id) => `${ROOT}/files/${encodeURIComponent(id)}?as=${state.as}`;

export async function uploadFile(file) {
  const form = new FormData();
  form.set("as", state.as);
  form.set("file", file);
  return (await answer(fetch(`${ROOT}/files`, { method: "POST", body: form }))).file;
}

function get(path, query = {}) {
  const params = new URLSearchParams({ as: state.as });
  for (const [name, value] of Object.entries(query)) if (value) params.set(name, value);
  return answer(fetch(`${ROOT}${path}?${params}`));
}

function post(path, body = {}) {
  const init = { method: "POST", headers: { "content-type": "application/json" } };
  return answer(fetch(`${ROOT}${path}`, { ...init, body: JSON.stringify({ as: state.as, ...body }) }));
}

async function answer(request) {
  let response;
  try {
    response = await request;
  } catch {
    throw new Error("The simulator cannot be reached.");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error ?? `The simulator answered ${response.status}.`);
  return body;
}
