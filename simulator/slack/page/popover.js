// The one open menu or list. It is drawn beside the element that opened it, but fixed to the window, so that
// no scrolling pane or dialog cuts it off.

import { h } from "./dom.js";
import { change, state } from "./store.js";

const GAP = 4;
const EDGE = 8;

export const isOpen = (key) => state.popover?.key === key;

export const open = (key, rest = {}) => change((s) => (s.popover = { key, ...rest }));

export const close = () => state.popover && change((s) => (s.popover = null));

export const toggle = (key, rest) => (isOpen(key) ? close() : open(key, rest));

/** The floating box itself; stands directly after its anchor in the document. */
export function popover(props, ...children) {
  const { width = "auto", align = "start", ...rest } = props;
  return h(
    "div",
    {
      ...rest,
      class: `popover ${rest.class ?? ""}`,
      "data-popover": "",
      updated: (el) => put(el, width, align),
    },
    ...children,
  );
}

/** A menu of buttons: items are {name, detail?, icon?, danger?, run} or {heading}. */
export function menu(label, items, props = {}) {
  return popover(
    { role: "menu", "aria-label": label, class: "menu", created: focusFirst, onkeydown: arrows, ...props },
    items
      .filter(Boolean)
      .map((item) =>
        item.heading ? h("div", { class: "menu-heading", role: "presentation" }, item.heading) : row(item),
      ),
  );
}

/** Esc and a click elsewhere close whatever is open. Returns true if something was. */
export function dismiss(event) {
  if (!state.popover) return false;
  if (event.type !== "keydown" && event.target.closest?.("[data-popover], [data-opens]")) return false;
  close();
  return true;
}

function row({ name, detail, drawing, danger, run }) {
  const choose = () => {
    close();
    run();
  };
  return h(
    "button",
    { type: "button", role: "menuitem", class: `menu-item${danger ? " menu-danger" : ""}`, onclick: choose },
    drawing,
    h("span", { class: "menu-name" }, name),
    detail && h("span", { class: "menu-detail" }, detail),
  );
}

function focusFirst(el) {
  const opener = document.activeElement;
  el.querySelector("[role=menuitem]")?.focus();
  el.opener = opener;
}

function arrows(event) {
  const items = [...event.currentTarget.querySelectorAll("[role=menuitem]")];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    const { opener } = event.currentTarget;
    close();
    opener?.focus();
  } else if (to !== undefined) {
    event.preventDefault();
    items.at(to % items.length)?.focus();
  }
}

function put(el, width, align) {
  const anchor =
    el.previousElementSibling?.getBoundingClientRect() ?? el.parentElement.getBoundingClientRect();
  if (width === "anchor") el.style.width = `${Math.max(anchor.width, 200)}px`;
  const box = el.getBoundingClientRect();
  const below = innerHeight - anchor.bottom - GAP - EDGE;
  const above = anchor.top - GAP - EDGE;
  const upward = el.scrollHeight > below && above > below;
  el.style.maxHeight = `${Math.min(el.dataset.tall ? 560 : 360, upward ? above : below)}px`;
  const height = Math.min(el.offsetHeight, upward ? above : below);
  const left = align === "end" ? anchor.right - box.width : anchor.left;
  el.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - box.width - EDGE))}px`;
  el.style.top = `${upward ? anchor.top - GAP - height : anchor.bottom + GAP}px`;
}
