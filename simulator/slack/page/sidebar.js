// The sidebar: the workspace, its channels, the app, and how the app is connected.

import { appBadge, avatar } from "./avatar.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { openApp, openChannel } from "./place.js";
import { appChannel, change, personById, state } from "./store.js";

const MODES = {
  http: ["on", "Connected over HTTP"],
  socket: ["on", "Connected in Socket Mode"],
  none: ["off", "No app is connected"],
};

export function sidebar() {
  const { workspace, sidebarOpen } = state;
  const { team, channels, app } = workspace;
  const direct = channels.filter((channel) => channel.is_im && channel.id !== appChannel()?.id);
  return h(
    "nav",
    { class: `sidebar${sidebarOpen ? " sidebar-open" : ""}`, "aria-label": "Channels and apps" },
    h(
      "header",
      { class: "sidebar-head" },
      h("span", { class: "workspace-tile" }, team.name[0]),
      h("h2", null, team.name),
      h(
        "button",
        {
          type: "button",
          class: "icon-button sidebar-close",
          "aria-label": "Close sidebar",
          onclick: () => change((s) => (s.sidebarOpen = false)),
        },
        icon("close"),
      ),
    ),
    h(
      "div",
      { class: "sidebar-rows" },
      section("Channels", channels.filter((channel) => !channel.is_im).map(channelRow)),
      direct.length > 0 && section("Direct messages", direct.map(personRow)),
      app.installed !== false && section("Apps", [appRow(app)]),
    ),
    connection(workspace.mode, app),
  );
}

/** Opens the sidebar where it does not fit beside the messages. */
export function menuButton() {
  return h(
    "button",
    {
      type: "button",
      class: "icon-button menu-button",
      "aria-label": "Open sidebar",
      onclick: () => change((s) => (s.sidebarOpen = true)),
    },
    icon("menu"),
  );
}

function section(title, rows) {
  return h("section", { key: title, class: "sidebar-section" }, h("h3", null, title), h("ul", null, rows));
}

function channelRow(channel) {
  const drawing = icon(channel.is_private ? "lock" : "channel", 16);
  const aside = [
    channel.is_shared &&
      h("span", { class: "row-shared", title: "Shared with another workspace" }, icon("shared", 15)),
  ];
  return row({
    key: channel.id,
    name: channel.name,
    drawing,
    unread: channel.unread,
    aside,
    here: isHere(channel.id),
    go: () => openChannel(channel.id),
  });
}

function personRow(channel) {
  const person = personById(channel.member_ids.find((id) => id !== state.as)) ?? personById(state.as);
  return row({
    key: channel.id,
    name: person.real_name,
    drawing: avatar(person, 20),
    unread: channel.unread,
    here: isHere(channel.id),
    go: () => openChannel(channel.id),
  });
}

function appRow(app) {
  const unread = appChannel()?.unread;
  return row({
    key: app.id,
    name: app.name,
    drawing: appBadge(20),
    unread,
    here: state.place.kind === "app",
    go: () => openApp(unread ? "messages" : "home"),
  });
}

function row({ key, name, drawing, unread, aside, here, go }) {
  return h(
    "li",
    { key },
    h(
      "button",
      {
        type: "button",
        class: `row${here ? " row-here" : ""}${unread && !here ? " row-unread" : ""}`,
        "aria-current": here ? "page" : null,
        "data-row": key,
        onclick: go,
      },
      h("span", { class: "row-drawing" }, drawing),
      h("span", { class: "row-name" }, name),
      aside,
      unread > 0 &&
        !here &&
        h("span", { class: "row-count", "aria-label": `${unread} unread` }, String(unread)),
    ),
  );
}

function connection(mode, app) {
  const [light, words] = MODES[mode] ?? MODES.none;
  return h(
    "footer",
    { class: "sidebar-foot" },
    h(
      "p",
      { title: `${app.name}: ${words}` },
      h("span", { class: `light light-${light}` }),
      h("span", null, words),
    ),
    h(
      "a",
      { href: "/_sim/not-simulated", target: "_blank", rel: "noopener" },
      "A simulator. What is not simulated?",
    ),
  );
}

const isHere = (id) => state.place.kind === "channel" && state.place.id === id;
