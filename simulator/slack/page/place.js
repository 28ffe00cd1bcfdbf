// Where one is: which person, which channel or app tab, which thread. The address holds it (?as=U…#C…/p…),
// so that two tabs can be two people and a reload stays put.

import * as api from "./api.js";
import { loadThread, readMessages, reloadAll, seen, shownChannel } from "./load.js";
import { listen } from "./events.js";
import { channelById, change, state, toast } from "./store.js";
import { forgetAll } from "./values.js";

/** Become somebody. Stays in the same channel if that person is in it. */
export async function actAs(person) {
  forgetAll();
  change((s) => {
    Object.assign(s, {
      as: person,
      thread: null,
      focus: null,
      popover: null,
      question: null,
      home: null,
      homeLoaded: false,
      views: [],
    });
    for (const kept of [s.messages, s.threads, s.notices, s.troubles, s.busy]) kept.clear();
  });
  const workspace = await api.getState();
  change((s) => {
    s.workspace = seen(workspace);
    s.sidebarOpen = false;
    if (!isThere(s.place)) s.place = firstPlace();
  });
  remember();
  listen();
  if (state.place.kind === "app") await tellApp(state.place.tab);
  await reloadAll();
}

export function openChannel(id) {
  if (!channelById(id)) return toast("You are not in that channel.");
  change((s) =>
    Object.assign(s, {
      place: { kind: "channel", id },
      thread: null,
      focus: null,
      popover: null,
      sidebarOpen: false,
    }),
  );
  remember();
  return readMessages(id);
}

export async function openApp(tab = "home") {
  change((s) =>
    Object.assign(s, {
      place: { kind: "app", tab },
      thread: null,
      focus: null,
      popover: null,
      sidebarOpen: false,
    }),
  );
  remember();
  await tellApp(tab);
  await reloadAll();
}

/** The platform tells the app of every opening (app_home_opened). */
async function tellApp(tab) {
  try {
    if (tab !== "about") await api.openHome(tab);
  } catch (error) {
    toast(error.message);
  }
}

/** Back to the channels. */
export function home() {
  const place = firstPlace();
  return place.kind === "channel" ? openChannel(place.id) : openApp();
}

export function openThread(channel, ts) {
  change((s) => Object.assign(s, { thread: { channel, ts }, popover: null }));
  remember();
  return loadThread();
}

export function closeThread() {
  change((s) => (s.thread = null));
  remember();
}

/** Follow a permalink: {channel, ts?, thread?}. */
export async function goTo({ channel, ts, thread }) {
  if (channel !== shownChannel()) await openChannel(channel);
  if (shownChannel() !== channel) return;
  if (thread && thread !== ts) await openThread(channel, thread);
  change((s) => (s.focus = ts ?? null));
}

/** The address's wish: {as, place, thread, focus}. */
export function fromAddress() {
  const [id, ts] = decodeURIComponent(location.hash.slice(1)).split("/");
  const as = new URLSearchParams(location.search).get("as");
  const place = !id ? null : id === "app" ? { kind: "app", tab: ts || "home" } : { kind: "channel", id };
  return { as, place, thread: place?.kind === "channel" && ts ? { channel: id, ts } : null };
}

/** Go where the address says, after somebody changed its end. */
export async function followAddress() {
  const { place, thread } = fromAddress();
  if (place?.kind === "app") await openApp(place.tab);
  else if (place) await openChannel(place.id);
  if (thread) await openThread(thread.channel, thread.ts);
}

function remember() {
  const { place, thread } = state;
  const where = place.kind === "app" ? `app/${place.tab}` : place.id + (thread ? `/${thread.ts}` : "");
  history.replaceState(null, "", `/?as=${state.as}#${where}`);
}

function isThere(place) {
  if (place?.kind === "app") return state.workspace.app.installed !== false;
  return Boolean(place && channelById(place.id));
}

function firstPlace() {
  const { channels } = state.workspace;
  const first =
    channels.find((channel) => channel.name === "general") ?? channels.find((channel) => !channel.is_im);
  return first ? { kind: "channel", id: first.id } : { kind: "app", tab: "home" };
}
