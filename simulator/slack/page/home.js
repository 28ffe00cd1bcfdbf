// The app: its Home tab, its Messages tab, and what it says about itself.

import { appBadge } from "./avatar.js";
import { blocks } from "./blocks/index.js";
import { composer } from "./composer.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { messageList } from "./messages.js";
import { openApp } from "./place.js";
import { menuButton } from "./sidebar.js";
import { appChannel, state } from "./store.js";

const TABS = { home: "Home", messages: "Messages", about: "About" };

export function appPane() {
  const { app } = state.workspace;
  const { tab } = state.place;
  return h(
    "main",
    { class: "pane", key: "app", "aria-label": app.name },
    h(
      "header",
      { class: "pane-head pane-head-tabs" },
      h("div", { class: "pane-title" }, menuButton(), appBadge(24), h("h1", null, app.name)),
      tabs(tab),
    ),
    tab === "home" ? homeTab() : tab === "messages" ? messagesTab(app) : about(app),
  );
}

function tabs(tab) {
  const { app } = state.workspace;
  const there = { home: app.home_tab !== false, messages: app.messages_tab !== false, about: true };
  const names = Object.keys(TABS).filter((name) => there[name]);
  return h(
    "div",
    { class: "tabs", role: "tablist", onkeydown: (event) => turn(event, names, tab) },
    names.map((name) =>
      h(
        "button",
        {
          type: "button",
          role: "tab",
          class: "tab",
          "aria-selected": String(name === tab),
          tabindex: name === tab ? "0" : "-1",
          onclick: () => openApp(name),
        },
        TABS[name],
      ),
    ),
  );
}

function turn(event, names, tab) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  openApp(names.at((names.indexOf(tab) + step) % names.length));
  event.currentTarget
    .querySelectorAll("[role=tab]")
    [(names.indexOf(tab) + step + names.length) % names.length].focus();
}

function homeTab() {
  const { app } = state.workspace;
  if (!state.homeLoaded) return h("div", { class: "home" }, h("p", { class: "empty" }, "Opening…"));
  if (!state.home) {
    return h(
      "div",
      { class: "home" },
      h(
        "div",
        { class: "empty" },
        appBadge(56),
        h("h2", null, "This is a work in progress"),
        h("p", null, `${app.name} has not published anything to your Home tab yet.`),
      ),
    );
  }
  const view = state.home;
  const surface = { key: view.id, kind: "home", address: { view_id: view.id }, values: view.state?.values };
  return h(
    "div",
    { class: "home", "data-view-id": view.id, role: "tabpanel", "aria-label": "Home" },
    h("div", { class: "home-page" }, blocks(view.blocks, surface)),
  );
}

function messagesTab(app) {
  const channel = appChannel();
  if (!channel)
    return h(
      "div",
      { class: "home" },
      h(
        "div",
        { class: "empty" },
        icon("chat", 32),
        h("p", null, `You and ${app.name} have not spoken yet.`),
      ),
    );
  return [
    messageList(channel.id),
    app.messages_tab_read_only
      ? h("p", { class: "read-only" }, "Sending messages to this app has been turned off.")
      : composer(channel.id),
  ];
}

function about(app) {
  return h(
    "div",
    { class: "home" },
    h(
      "div",
      { class: "home-page about" },
      h(
        "div",
        { class: "about-head" },
        appBadge(56),
        h("div", null, h("h2", null, app.name), h("p", null, app.description ?? "An app in this workspace.")),
      ),
      h("h3", null, "Slash commands"),
      state.workspace.commands.map((command) =>
        h(
          "p",
          null,
          h("code", null, `${command.command} ${command.usage_hint ?? ""}`.trim()),
          ` ${command.description}`,
        ),
      ),
      h("h3", null, "Shortcuts"),
      state.workspace.shortcuts.map((shortcut) =>
        h("p", null, h("strong", null, shortcut.name), ` ${shortcut.description ?? ""} (${shortcut.type})`),
      ),
    ),
  );
}
