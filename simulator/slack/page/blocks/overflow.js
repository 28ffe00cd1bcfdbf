// The overflow menu: up to five options behind three dots, some of them links.

import { ask } from "../confirm.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { plain } from "../mrkdwn.js";
import * as popover from "../popover.js";
import { act, flush } from "../values.js";

export function overflow(item, at) {
  const shown = popover.isOpen(at.key);
  return h(
    "div",
    { class: "overflow" },
    h(
      "button",
      {
        type: "button",
        class: "button button-icon",
        "aria-label": "More options",
        "aria-haspopup": "menu",
        "aria-expanded": String(shown),
        "data-opens": "",
        onclick: () => popover.toggle(at.key),
      },
      icon("more"),
    ),
    shown &&
      popover.menu(
        "More options",
        item.options.map((option) => entry(option, item, at)),
        { align: "end" },
      ),
  );
}

function entry(option, item, at) {
  return {
    name: plain(option.text.text),
    detail: option.description && plain(option.description.text),
    run: async () => {
      if (item.confirm && !(await ask(item.confirm))) return;
      if (option.url && /^https?:/i.test(option.url)) window.open(option.url, "_blank", "noopener");
      await flush(at.surface);
      await act(at.surface, at.block.block_id, item, { selected_option: option.value ?? null });
    },
  };
}
