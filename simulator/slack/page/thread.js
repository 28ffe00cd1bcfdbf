// The thread panel at the right.

import { composer } from "./composer.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { messageList } from "./messages.js";
import { closeThread } from "./place.js";
import { channelById, state } from "./store.js";

export function threadPanel() {
  const { thread } = state;
  if (!thread) return null;
  const channel = channelById(thread.channel);
  const where = channel?.is_im ? "Direct message" : `# ${channel?.name ?? thread.channel}`;
  return h(
    "aside",
    {
      class: "thread",
      key: `thread ${thread.channel} ${thread.ts}`,
      "aria-label": "Thread",
      "data-thread": thread.ts,
      onkeydown: escape,
    },
    h(
      "header",
      { class: "pane-head" },
      h("div", { class: "pane-title" }, h("h2", null, "Thread"), h("span", { class: "pane-sub" }, where)),
      h(
        "button",
        {
          type: "button",
          class: "icon-button",
          "aria-label": "Close thread",
          title: "Close",
          onclick: closeThread,
        },
        icon("close"),
      ),
    ),
    messageList(thread.channel, thread.ts),
    composer(thread.channel, thread.ts),
  );
}

function escape(event) {
  if (event.key === "Escape" && !state.popover) closeThread();
}
