// The input block: label, element, hint, and the error that the app (or the platform's own check) put under
// it.

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { textObject, words } from "../mrkdwn.js";
import { elementKey } from "../values.js";
import { element } from "./element.js";

const GROUPS = new Set(["checkboxes", "radio_buttons"]);

export function input(block, surface) {
  const item = block.element;
  const id = `e-${elementKey(surface, block.block_id, item).replace(/[^A-Za-z0-9_-]/g, "_")}`;
  const error = surface.errors?.[block.block_id];
  const label = textObject(block.label);
  const grouped = GROUPS.has(item.type);
  return h(
    "div",
    {
      class: `input${error ? " input-wrong" : ""}`,
      role: grouped ? "group" : null,
      "aria-labelledby": grouped ? `${id}-label` : null,
      "aria-describedby": grouped && error ? `${id}-error` : null,
    },
    h(
      "div",
      { class: "input-label" },
      grouped ? h("span", { id: `${id}-label` }, label) : h("label", { id: `${id}-label`, for: id }, label),
      block.optional && h("span", { class: "optional" }, " (optional)"),
    ),
    element(item, block, surface, words(block.label)),
    error &&
      h(
        "p",
        { class: "input-error", id: `${id}-error`, role: "alert" },
        icon("warning", 14),
        h("span", null, error),
      ),
    block.hint && h("p", { class: "input-hint", id: `${id}-hint` }, textObject(block.hint)),
  );
}

/** The aria attributes with which a field points at its label, hint and error. */
export function described(at) {
  if (at.block.type !== "input") return { "aria-label": at.label };
  const wrong = at.surface.errors?.[at.block.block_id];
  const by = [wrong && `${at.id}-error`, at.block.hint && `${at.id}-hint`].filter(Boolean).join(" ");
  return {
    "aria-describedby": by || null,
    "aria-invalid": wrong ? "true" : null,
    "aria-required": at.required ? "true" : null,
  };
}
