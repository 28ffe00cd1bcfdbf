// Reading from the server into the state. An answer that was overtaken by a newer question is dropped.

import * as api from "./api.js";
import { appChannel, change, state, threadKey, toast } from "./store.js";
import { forgetSettled, mark } from "./values.js";

const asked = new Map();

export function reload(what) {
  const [kind, channel, ts] = what.split(":");
  if (kind === "channel") {
    if (channel === shownChannel()) readMessages(channel);
    else loadWorkspace();
  } else if (kind === "thread") {
    if (state.thread && threadKey(channel, ts) === threadKey(state.thread.channel, state.thread.ts))
      loadThread();
    if (channel === shownChannel()) loadMessages(channel);
  } else if (kind === "views") loadViews();
  else if (kind === "home") loadHome();
  else loadWorkspace();
}

export async function reloadAll() {
  await loadWorkspace();
  const channel = shownChannel();
  await Promise.all([
    channel && readMessages(channel),
    state.thread && loadThread(),
    loadViews(),
    loadHome(),
  ]);
}

/** The channel in the middle, also when it is the app's Messages tab. */
export function shownChannel() {
  if (state.place?.kind === "channel") return state.place.id;
  return state.place?.tab === "messages" ? appChannel()?.id : undefined;
}

export const loadWorkspace = () =>
  latest("state", api.getState, (workspace) => (state.workspace = seen(workspace)));

/** People of another workspace, where the app is not installed, have none of its commands and shortcuts. */
export const seen = (workspace) =>
  workspace.app.installed === false ? { ...workspace, commands: [], shortcuts: [] } : workspace;

export const loadMessages = (channel) =>
  latest(
    `messages:${channel}`,
    () => api.getMessages(channel),
    ({ messages }) => {
      state.messages.set(channel, messages);
    },
  );

/** Reading marks a channel as read, so what the sidebar says is asked for after it. */
export async function readMessages(channel) {
  await loadMessages(channel);
  await loadWorkspace();
}

export function loadThread() {
  const { channel, ts } = state.thread;
  const key = threadKey(channel, ts);
  return latest(
    `thread:${key}`,
    () => api.getMessages(channel, ts),
    ({ messages }) => state.threads.set(key, messages),
  );
}

export function loadViews() {
  const since = mark();
  return latest("views", api.getViews, ({ stack }) => {
    state.views = stack;
    forgetSettled(since, stack);
  });
}

export const loadHome = () =>
  latest("home", api.getHome, ({ view }) => {
    state.home = view;
    state.homeLoaded = true;
  });

async function latest(name, question, take) {
  const turn = (asked.get(name) ?? 0) + 1;
  asked.set(name, turn);
  const person = state.as;
  try {
    const answer = await question();
    if (asked.get(name) === turn && state.as === person) change(() => take(answer));
  } catch (error) {
    if (asked.get(name) === turn && state.online) toast(error.message);
  }
}
