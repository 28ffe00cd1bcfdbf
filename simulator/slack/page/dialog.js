// A dialog above the page: the browser's own, which keeps the focus inside, makes the rest inert and gives
// it back.

import { h } from "./dom.js";
import { dismiss as dismissPopover } from "./popover.js";

/** Props: key, class, aria-label(ledby), dismiss() for Esc. */
export function modalBox({ dismiss, ...props }, ...children) {
  return h(
    "dialog",
    {
      ...props,
      role: "dialog",
      "aria-modal": "true",
      created: (el) => el.showModal(),
      removed: (el) => el.close(),
      oncancel: (event) => {
        event.preventDefault();
        dismiss();
      },
      onkeydown: (event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        if (!dismissPopover(event)) dismiss();
      },
    },
    ...children,
  );
}
