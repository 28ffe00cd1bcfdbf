// One message: author, text or blocks, files, the way into its thread, and what one can do with it.

import * as api from "./api.js";
import { authorOf, avatar } from "./avatar.js";
import { blocks } from "./blocks/index.js";
import { clockTime, fullTime, moment } from "./dates.js";
import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { attachments } from "./files.js";
import { icon } from "./icons.js";
import { permalink } from "./links.js";
import { mrkdwn } from "./mrkdwn.js";
import { openThread } from "./place.js";
import * as popover from "./popover.js";
import { shortcutItems } from "./shortcuts.js";
import { state, toast } from "./store.js";

/** `joined`: it stands under the author of the one before. `inThread`: it is drawn in the thread's panel. */
export function message(one, { joined = false, inThread = false } = {}) {
  const author = authorOf(one);
  const at = moment(one.ts);
  return h(
    "article",
    {
      key: one.ts,
      "data-ts": one.ts,
      "data-user": one.user ?? null,
      "data-ephemeral": one.ephemeral || null,
      class: `message${joined ? " message-joined" : ""}${one.ephemeral ? " message-ephemeral" : ""}`,
      "aria-label": `${author.real_name} at ${clockTime(at)}`,
    },
    one.ephemeral && h("p", { class: "ephemeral-note" }, icon("eye", 14), "Only visible to you"),
    h(
      "div",
      { class: "message-side" },
      joined
        ? h("time", { class: "time-aside", title: fullTime(at) }, clockTime(at).replace(/ [AP]M/, ""))
        : avatar(author),
    ),
    h(
      "div",
      { class: "message-main" },
      !joined && head(one, author, at),
      body(one),
      one.attachments?.map((legacy, index) => attached(legacy, one, index)),
      one.files?.length > 0 && attachments(one.files),
      one.reactions?.length > 0 && reactions(one.reactions),
      !inThread && one.reply_count > 0 && threadLink(one),
    ),
    !one.ephemeral && tools(one, inThread),
  );
}

function head(one, author, at) {
  return h(
    "div",
    { class: "message-head" },
    h("span", { class: "author" }, author.real_name),
    author.is_bot && h("span", { class: "app-tag" }, "APP"),
    author.is_stranger && h("span", { class: "app-tag", title: "From another workspace" }, "EXTERNAL"),
    h("time", { title: fullTime(at), datetime: at.toISOString() }, clockTime(at)),
  );
}

function body(one) {
  const edited = one.edited && !one.bot_id && h("span", { class: "edited" }, " (edited)");
  const typed = !one.bot_id && one.text; // what a person typed reads better from its text than from the rich_text made of it
  if (typed || !one.blocks?.length)
    return one.text ? h("div", { class: "rich message-text" }, mrkdwn(one.text), edited) : null;
  const surface = {
    key: `${one.channel}:${one.ts}`,
    kind: "message",
    address: { channel: one.channel, message_ts: one.ts },
    values: one.state?.values,
  };
  return blocks(one.blocks, surface);
}

/** An attachment of the old kind: blocks or text beside a coloured bar. */
function attached(legacy, one, index) {
  const colour = /^#?[0-9a-f]{6}$/i.test(legacy.color ?? "")
    ? `--colour:#${legacy.color.replace("#", "")}`
    : null;
  const surface = {
    key: `${one.channel}:${one.ts}`,
    kind: "message",
    address: { channel: one.channel, message_ts: one.ts },
  };
  const text = [legacy.pretext, legacy.title && `*${legacy.title}*`, legacy.text ?? legacy.fallback]
    .filter(Boolean)
    .join("\n");
  return h(
    "div",
    { class: "legacy", key: `attachment ${index}`, style: colour },
    legacy.blocks?.length ? blocks(legacy.blocks, surface) : h("div", { class: "rich" }, mrkdwn(text)),
  );
}

function reactions(given) {
  return h(
    "div",
    { class: "reactions" },
    given.map(({ name, users }) =>
      h(
        "span",
        {
          key: name,
          class: `reaction${users.includes(state.as) ? " reaction-mine" : ""}`,
          title: users.map((user) => authorOf({ user }).real_name).join(", "),
        },
        emoji(name) ?? `:${name}:`,
        String(users.length),
      ),
    ),
  );
}

function threadLink(one) {
  const words = `${one.reply_count} ${one.reply_count === 1 ? "reply" : "replies"}`;
  const faces = (one.reply_users ?? []).slice(0, 4).map((user) => avatar(authorOf({ user }), 20));
  return h(
    "button",
    { type: "button", class: "thread-link", onclick: () => openThread(one.channel, one.ts) },
    faces.length ? h("span", { class: "faces" }, faces) : icon("reply", 16),
    h("span", { class: "thread-count" }, words),
    h("span", { class: "thread-view" }, "View thread"),
  );
}

function tools(one, inThread) {
  const key = `more ${inThread ? "thread " : ""}${one.channel} ${one.ts}`;
  const shown = popover.isOpen(key);
  const root = one.thread_ts ?? one.ts;
  return h(
    "div",
    { class: `tools${shown ? " tools-shown" : ""}`, role: "group", "aria-label": "Message actions" },
    !inThread &&
      h(
        "button",
        {
          type: "button",
          class: "icon-button",
          "aria-label": "Reply in thread",
          title: "Reply in thread",
          onclick: () => openThread(one.channel, root),
        },
        icon("reply"),
      ),
    h(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": "Copy link",
        title: "Copy link",
        onclick: () => copy(one),
      },
      icon("link"),
    ),
    h(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": "More actions",
        title: "More actions",
        "aria-haspopup": "menu",
        "aria-expanded": String(shown),
        "data-opens": "",
        onclick: () => popover.toggle(key),
      },
      icon("more"),
    ),
    shown &&
      popover.menu(
        "More actions",
        [
          !inThread && { name: "Reply in thread", run: () => openThread(one.channel, root) },
          { name: "Copy link", run: () => copy(one) },
          ...shortcutItems("message", (callback_id) =>
            api.runShortcut({ callback_id, channel: one.channel, message_ts: one.ts }),
          ),
        ],
        { align: "end" },
      ),
  );
}

async function copy(one) {
  const address = permalink(one.channel, one.ts, one.thread_ts);
  try {
    await navigator.clipboard.writeText(address);
    toast("Link copied");
  } catch {
    toast(address);
  }
}
