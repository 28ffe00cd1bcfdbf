// A channel: its head, its messages, its composer.

import * as api from "./api.js";
import { composer } from "./composer.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { messageList } from "./messages.js";
import { menuButton } from "./sidebar.js";
import { channelById, personById, state, toast } from "./store.js";
import { loadWorkspace } from "./load.js";
import { avatar } from "./avatar.js";

export function channelPane() {
  const channel = channelById(state.place.id);
  if (!channel)
    return h(
      "main",
      { class: "pane", key: "nowhere" },
      h("div", { class: "empty" }, h("p", null, "You are not in that channel.")),
    );
  return h(
    "main",
    { class: "pane", key: channel.id, "aria-label": title(channel) },
    h(
      "header",
      { class: "pane-head" },
      h(
        "div",
        { class: "pane-title" },
        menuButton(),
        mark(channel),
        h("h1", null, title(channel)),
        channel.is_shared && h("span", { class: "pane-tag" }, icon("shared", 14), "Shared"),
      ),
      members(channel),
    ),
    messageList(channel.id),
    channel.is_archived ? h("p", { class: "read-only" }, "This channel is archived.") : composer(channel.id),
  );
}

function members(channel) {
  const { app } = state.workspace;
  const there = channel.member_ids.map(personById).filter(Boolean);
  const withBot = channel.member_ids.includes(app.bot_user_id);
  return h(
    "div",
    { class: "members" },
    !withBot &&
      !channel.is_im &&
      h(
        "button",
        { type: "button", class: "button button-small", onclick: () => invite(channel, app) },
        icon("plus", 14),
        `Add ${app.name}`,
      ),
    h(
      "span",
      {
        class: "faces",
        title: there.map((person) => person.real_name).join(", "),
        role: "img",
        "aria-label": `${there.length} members: ${there.map((person) => person.real_name).join(", ")}`,
      },
      there.slice(0, 5).map((person) => avatar(person, 24)),
    ),
    h("span", { class: "members-count", "aria-hidden": "true" }, String(there.length)),
  );
}

async function invite(channel, app) {
  try {
    await api.inviteBot(channel.id);
    toast(`${app.name} joined #${channel.name}`);
  } catch (error) {
    toast(error.message);
  }
  await loadWorkspace();
}

function title(channel) {
  if (!channel.is_im) return channel.name;
  return personById(channel.member_ids.find((id) => id !== state.as))?.real_name ?? "Direct message";
}

const mark = (channel) => !channel.is_im && icon(channel.is_private ? "lock" : "channel", 20);
