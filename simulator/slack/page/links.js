// Links. An address of this workspace (a permalink) opens here, as the same person; every other opens a new
// tab.

import { h } from "./dom.js";
import { goTo } from "./place.js";
import { state } from "./store.js";

const SAFE = new Set(["http:", "https:", "mailto:", "tel:"]);

/** A link, or only its words when the address is none that a chat may open (javascript: and the like). */
export function link(address, children, className = "link") {
  const url = parse(address);
  if (!url) return h("span", null, children);
  const here = placeOf(url);
  if (here) return h("a", { class: className, href: url.href, onclick: follow(here) }, children);
  return h("a", { class: className, href: url.href, target: "_blank", rel: "noopener noreferrer" }, children);
}

/** The channel and message that a permalink (/archives/C…/p…?thread_ts=…) names, or null. */
export function placeOf(url) {
  const ours = url.origin === location.origin || url.hostname.startsWith(`${state.workspace?.team.domain}.`);
  const match = ours && /^\/archives\/([A-Z0-9]+)(?:\/p(\d{7,}))?/.exec(url.pathname);
  if (!match) return null;
  const ts = match[2] && `${match[2].slice(0, -6)}.${match[2].slice(-6)}`;
  return { channel: match[1], ts, thread: url.searchParams.get("thread_ts") };
}

export const permalink = (channel, ts, thread) => {
  const path = `${location.origin}/archives/${channel}/p${ts.replace(".", "")}`;
  return thread && thread !== ts ? `${path}?thread_ts=${thread}&cid=${channel}` : path;
};

function parse(address) {
  try {
    const url = new URL(address, location.origin);
    return SAFE.has(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

function follow(here) {
  return (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    goTo(here);
  };
}
