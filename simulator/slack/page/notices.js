// Lines that Slackbot says only to the person who did something, such as a command that failed. They are the
// page's own and vanish with it.

import { avatar } from "./avatar.js";
import { clockTime, moment } from "./dates.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { mrkdwn } from "./mrkdwn.js";
import { change } from "./store.js";

let count = 0;

/** Say something in a channel, or in a thread ("C…:ts"), to this person only. */
export function tell(place, text) {
  const said = { id: ++count, text, ts: Date.now() / 1000 };
  change((s) => s.notices.set(place, [...(s.notices.get(place) ?? []), said]));
}

export function notice({ id, text, ts }) {
  const drop = () =>
    change((s) =>
      s.notices.forEach((said, place) =>
        s.notices.set(
          place,
          said.filter((one) => one.id !== id),
        ),
      ),
    );
  const slackbot = { id: "USLACKBOT", real_name: "Slackbot", is_bot: true };
  return h(
    "article",
    { class: "message message-ephemeral", key: `notice ${id}`, "data-notice": "" },
    h("p", { class: "ephemeral-note" }, icon("eye", 14), "Only visible to you"),
    h("div", { class: "message-side" }, avatar(slackbot)),
    h(
      "div",
      { class: "message-main" },
      h(
        "div",
        { class: "message-head" },
        h("span", { class: "author" }, "Slackbot"),
        h("time", null, clockTime(moment(ts))),
        h("button", { type: "button", class: "link-button", onclick: drop }, "Dismiss"),
      ),
      h("div", { class: "rich" }, mrkdwn(text)),
    ),
  );
}
