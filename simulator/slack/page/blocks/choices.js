// Checkboxes and radio buttons.

import { ask } from "../confirm.js";
import { h } from "../dom.js";
import { textObject } from "../mrkdwn.js";
import { change } from "../store.js";
import { setValue, valueOf } from "../values.js";

export function choices(item, at) {
  const many = item.type === "checkboxes";
  const value = valueOf(at.surface, at.block.block_id, item);
  const chosen = new Set(
    (many ? (value.selected_options ?? []) : [value.selected_option])
      .filter(Boolean)
      .map((option) => option.value),
  );
  const labelled =
    at.block.type === "input" ? {} : { role: many ? "group" : "radiogroup", "aria-label": at.label };
  return h(
    "div",
    { class: "choices", ...labelled },
    item.options.map((option, index) =>
      h(
        "label",
        { class: "choice", key: option.value },
        h("input", {
          type: many ? "checkbox" : "radio",
          name: at.id,
          value: option.value,
          checked: chosen.has(option.value),
          created: item.focus_on_load && index === 0 ? (el) => el.focus() : undefined,
          onchange: (event) => choose(event.target.checked, option, chosen, item, at),
        }),
        h(
          "span",
          { class: "choice-words" },
          h("span", { class: "rich" }, textObject(option.text)),
          option.description && h("span", { class: "choice-detail rich" }, textObject(option.description)),
        ),
      ),
    ),
  );
}

async function choose(checked, option, chosen, item, at) {
  if (item.confirm && !(await ask(item.confirm))) return change();
  const set = (value) => setValue(at.surface, at.block.block_id, item, value);
  if (item.type === "radio_buttons") return set({ selected_option: option });
  checked ? chosen.add(option.value) : chosen.delete(option.value);
  return set({ selected_options: item.options.filter((other) => chosen.has(other.value)) });
}
