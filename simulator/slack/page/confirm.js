// Confirmation dialogs: `await ask(confirm)` is true when the person confirmed.

import { modalBox } from "./dialog.js";
import { h } from "./dom.js";
import { plain, textObject, words } from "./mrkdwn.js";
import { change, state } from "./store.js";

export function ask(confirm) {
  return new Promise((resolve) => change((s) => (s.question = { confirm, resolve })));
}

export function confirmDialog() {
  if (!state.question) return null;
  const { confirm, resolve } = state.question;
  const answer = (yes) => {
    change((s) => (s.question = null));
    resolve(yes);
  };
  const title = confirm.title ? words(confirm.title) : "Are you sure?";
  return modalBox(
    { key: "confirm", class: "confirm", "aria-label": title, dismiss: () => answer(false) },
    h("h2", { class: "confirm-title" }, plain(title)),
    h("div", { class: "confirm-text rich" }, textObject(confirm.text) ?? "This cannot be undone."),
    h(
      "div",
      { class: "confirm-foot" },
      h(
        "button",
        { type: "button", class: "button", onclick: () => answer(false) },
        confirm.deny ? words(confirm.deny) : "Cancel",
      ),
      h(
        "button",
        {
          type: "button",
          class: `button ${confirm.style === "danger" ? "button-danger" : "button-primary"} button-filled`,
          onclick: () => answer(true),
          created: (el) => el.focus(),
        },
        confirm.confirm ? words(confirm.confirm) : "Yes",
      ),
    ),
  );
}
