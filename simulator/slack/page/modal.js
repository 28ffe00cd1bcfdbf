// The modal: the view on top of the stack. The X closes the whole stack, Close (or Back) only this view.

import * as api from "./api.js";
import { blocks } from "./blocks/index.js";
import { modalBox } from "./dialog.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { loadViews } from "./load.js";
import { plain, words } from "./mrkdwn.js";
import { change, state, toast } from "./store.js";
import { flush } from "./values.js";
import { appBadge } from "./avatar.js";

export function modal() {
  const view = state.views.at(-1);
  if (!view) return null;
  const surface = {
    key: view.id,
    kind: "modal",
    address: { view_id: view.id },
    values: view.state?.values,
    errors: view.errors,
  };
  const waiting = state.busy.has(`submit:${view.id}`);
  return modalBox(
    {
      key: "modal",
      class: "modal",
      "aria-labelledby": "modal-title",
      "data-view-id": view.id,
      "data-callback-id": view.callback_id || null,
      dismiss: () => shut(view, false),
    },
    h(
      "header",
      { class: "modal-head" },
      appBadge(26),
      h("h1", { id: "modal-title" }, plain(view.title.text)),
      h(
        "button",
        {
          type: "button",
          class: "icon-button modal-x",
          "aria-label": "Dismiss",
          title: "Close",
          onclick: () => shut(view, true),
        },
        icon("close"),
      ),
    ),
    troubleOf(view) &&
      h("p", { class: "modal-trouble", role: "alert" }, icon("warning", 16), troubleOf(view)),
    h(
      "form",
      {
        class: "modal-form",
        novalidate: true,
        key: view.id,
        created: focusFirst,
        onsubmit: (event) => {
          event.preventDefault();
          if (view.submit && !waiting) submit(view, surface);
        },
      },
      h("div", { class: "modal-body", tabindex: "-1" }, blocks(view.blocks, surface)),
      h(
        "footer",
        { class: "modal-foot" },
        h("button", { type: "button", class: "button", onclick: () => shut(view, false) }, closeWords(view)),
        view.submit &&
          h(
            "button",
            {
              type: "submit",
              class: "button button-primary button-filled",
              disabled: Boolean(view.submit_disabled),
              "aria-busy": waiting ? "true" : null,
            },
            h("span", { class: "button-text" }, plain(view.submit.text)),
            waiting && h("span", { class: "spinner" }),
          ),
      ),
    ),
  );
}

function focusFirst(form) {
  const field = form.querySelector(".modal-body :is(input:not([type=file]), textarea)");
  (field ?? form.querySelector(".modal-foot button:last-child")).focus({ preventScroll: true });
}

async function submit(view, surface) {
  const waiting = `submit:${view.id}`;
  change((s) => s.busy.add(waiting) && s.troubles.delete(waiting));
  await flush(surface);
  try {
    await api.submitView(view.id);
  } catch (error) {
    state.troubles.set(waiting, error.message);
  }
  await loadViews();
  change((s) => s.busy.delete(waiting));
  queueMicrotask(showFirstError);
}

async function shut(view, clear) {
  try {
    await api.closeView(view.id, clear);
  } catch (error) {
    toast(error.message);
  }
  await loadViews();
}

function showFirstError() {
  const wrong = document.querySelector(".modal .input-wrong");
  wrong?.scrollIntoView({ block: "center", behavior: "smooth" });
  wrong?.querySelector("input, textarea")?.focus({ preventScroll: true });
}

const troubleOf = (view) => state.troubles.get(`submit:${view.id}`) ?? view.trouble;

function closeWords(view) {
  if (view.close) return words(view.close);
  if (state.views.length > 1) return "Back";
  return view.submit ? "Cancel" : "Close";
}
