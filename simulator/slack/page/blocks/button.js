// Buttons: they wait for the app's ack, may ask first (confirm), and may open an address beside telling the
// app.

import { ask } from "../confirm.js";
import { h } from "../dom.js";
import { plain, words } from "../mrkdwn.js";
import { state } from "../store.js";
import { act, flush } from "../values.js";

export function button(item, at) {
  const busy = state.busy.has(at.key);
  const props = {
    class: `button${item.style ? ` button-${item.style}` : ""}`,
    "aria-label": item.accessibility_label ?? null,
    "aria-busy": busy ? "true" : null,
    "data-value": item.value ?? null,
  };
  const face = [
    h("span", { class: "button-text" }, plain(item.text.text, item.text.emoji !== false)),
    busy && h("span", { class: "spinner" }),
  ];
  if (item.url && !item.confirm) {
    return h(
      "a",
      {
        ...props,
        role: "button",
        href: safe(item.url),
        target: "_blank",
        rel: "noopener",
        onclick: () => press(item, at),
        onkeydown: space,
      },
      face,
    );
  }
  return h("button", { ...props, type: "button", onclick: () => !busy && confirmed(item, at) }, face);
}

async function confirmed(item, at) {
  if (item.confirm && !(await ask(item.confirm))) return;
  if (item.url) window.open(safe(item.url), "_blank", "noopener");
  await press(item, at);
}

async function press(item, at) {
  await flush(at.surface);
  await act(at.surface, at.block.block_id, item, { value: item.value ?? null });
}

const safe = (url) => (/^https?:/i.test(words({ text: url })) ? words({ text: url }) : "about:blank");

function space(event) {
  if (event.key !== " ") return;
  event.preventDefault();
  event.currentTarget.click();
}
