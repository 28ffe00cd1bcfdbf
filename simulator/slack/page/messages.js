// The list of messages: days, grouping of one author's messages, and staying at the bottom while new ones
// arrive.

import { dayName, isoDay, moment } from "./dates.js";
import { h } from "./dom.js";
import { message } from "./message.js";
import { notice } from "./notices.js";
import { change, channelById, state, threadKey } from "./store.js";

const TOGETHER = 300; // seconds within which one author's messages stand under one name
const NEAR = 80; // pixels from the bottom that count as "at the bottom"

/** The root messages of a channel, or with `thread` the messages of one thread. */
export function messageList(channel, thread) {
  const key = thread ? threadKey(channel, thread) : channel;
  const messages = thread ? state.threads.get(key) : state.messages.get(channel);
  const name = thread ? "Thread" : `Messages in ${channelById(channel)?.name ?? "this conversation"}`;
  return h(
    "div",
    {
      class: `messages${thread ? " messages-thread" : ""}`,
      key: `list ${key}`,
      role: "log",
      "aria-label": name,
      tabindex: "0",
      "data-channel": channel,
      onscroll: remember,
      updated: settle,
    },
    h("div", { class: "messages-spring" }),
    !thread && messages && beginning(channel),
    thread ? threadRows(messages) : rows(inOrder(messages ?? [], key)),
    thread && noticesAt(key).map(notice),
  );
}

const noticesAt = (key) => state.notices.get(key) ?? [];

const inOrder = (messages, key) => [...messages, ...noticesAt(key)].sort((a, b) => a.ts - b.ts);

function rows(all) {
  let before;
  return all.map((one) => {
    if (one.id) return notice(one);
    const newDay = !before || isoDay(moment(before.ts)) !== isoDay(moment(one.ts));
    const joined = !newDay && goesWith(before, one);
    before = one;
    return [
      newDay &&
        h(
          "div",
          { class: "day", key: `day ${one.ts}`, role: "separator" },
          h("span", null, dayName(moment(one.ts))),
        ),
      message(one, { joined }),
    ];
  });
}

function threadRows(messages = []) {
  const [root, ...replies] = messages;
  if (!root) return null;
  return [
    message(root, { inThread: true }),
    replies.length > 0 &&
      h(
        "div",
        { class: "replies-divider", key: "divider" },
        h("span", null, `${replies.length} ${replies.length === 1 ? "reply" : "replies"}`),
      ),
    replies.map((one, index) =>
      message(one, { inThread: true, joined: index > 0 && goesWith(replies[index - 1], one) }),
    ),
  ];
}

function goesWith(before, one) {
  const same = before.user === one.user && before.username === one.username && before.bot_id === one.bot_id;
  return same && !before.ephemeral && !one.ephemeral && !before.reply_count && one.ts - before.ts < TOGETHER;
}

function beginning(channel) {
  const { name, is_im: direct, is_private: closed } = channelById(channel) ?? {};
  if (!name || direct)
    return h(
      "div",
      { class: "beginning", key: "beginning" },
      h("p", null, "This is the very beginning of your direct messages with the app."),
    );
  return h(
    "div",
    { class: "beginning", key: "beginning" },
    h("h2", null, `${closed ? "" : "#"}${name}`),
    h("p", null, `This is the very beginning of the ${name} channel.`),
  );
}

function remember(event) {
  const el = event.currentTarget;
  el.away = el.scrollHeight - el.scrollTop - el.clientHeight > NEAR;
}

function settle(el) {
  const target = state.focus && el.querySelector(`[data-ts="${CSS.escape(state.focus)}"]`);
  if (target) {
    target.scrollIntoView({ block: "center" });
    target.classList.add("message-found");
    el.away = true;
    change((s) => (s.focus = null));
    setTimeout(() => target.classList.remove("message-found"), 2500);
  } else if (!el.away) {
    el.scrollTop = el.scrollHeight;
    if (!el.watching) el.watching = keepAtBottom(el);
  }
}

/** Pictures that load late make the list taller; stay at the bottom then too. */
function keepAtBottom(el) {
  el.addEventListener("load", () => !el.away && (el.scrollTop = el.scrollHeight), true);
  return true;
}
