// The narrow rail at the left: the workspace, its channels, the app, and who one is.

import { appBadge, avatar } from "./avatar.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { home, openApp } from "./place.js";
import { personById, state } from "./store.js";

export function rail() {
  const { team, app } = state.workspace;
  const inApp = state.place.kind === "app";
  return h(
    "div",
    { class: "rail", role: "navigation", "aria-label": "Workspace" },
    h("span", { class: "workspace-tile", title: team.name }, team.name[0]),
    entry("Home", icon("home", 20), !inApp, home),
    app.installed !== false && entry(app.name, appBadge(24), inApp, () => openApp("home")),
    h(
      "span",
      { class: "rail-me", title: `You are ${personById(state.as)?.real_name}` },
      avatar(personById(state.as) ?? state.workspace.me, 34),
    ),
  );
}

function entry(name, drawing, here, go) {
  return h(
    "button",
    { type: "button", class: `rail-entry${here ? " rail-here" : ""}`, onclick: go },
    h("span", { class: "rail-drawing" }, drawing),
    h("span", { class: "rail-name" }, name),
  );
}
