// Block elements: one function per type, and what all of them share (the wait, the warning after a failed
// action).

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { state } from "../store.js";
import { elementKey } from "../values.js";
import { button } from "./button.js";
import { choices } from "./choices.js";
import { datePicker, dateTimePicker, timePicker } from "./date_time.js";
import { fileInput } from "./file_input.js";
import { picture } from "./image.js";
import { overflow } from "./overflow.js";
import { select } from "./select.js";
import { textInput } from "./text_input.js";

const ELEMENTS = {
  button,
  overflow,
  image: (item) => picture(item, "accessory-image"),
  plain_text_input: textInput,
  email_text_input: textInput,
  url_text_input: textInput,
  number_input: textInput,
  rich_text_input: textInput,
  static_select: select,
  external_select: select,
  users_select: select,
  conversations_select: select,
  channels_select: select,
  multi_static_select: select,
  multi_external_select: select,
  multi_users_select: select,
  multi_conversations_select: select,
  multi_channels_select: select,
  checkboxes: choices,
  radio_buttons: choices,
  datepicker: datePicker,
  timepicker: timePicker,
  datetimepicker: dateTimePicker,
  file_input: fileInput,
};

/** Draw an element of `block`. `label` names it where nothing else does (a section's accessory). */
export function element(item, block, surface, label) {
  const draw = ELEMENTS[item.type];
  if (!draw)
    return h(
      "p",
      { class: "unknown-block" },
      `An element of type “${item.type}” stands here. This page cannot draw it.`,
    );
  if (item.type === "image") return draw(item);
  const key = elementKey(surface, block.block_id, item);
  const at = {
    block,
    surface,
    key,
    id: `e-${key.replace(/[^A-Za-z0-9_-]/g, "_")}`,
    label: label ?? placeholderOf(item),
    required: block.type === "input" && !block.optional,
  };
  const trouble = state.troubles.get(key);
  return h(
    "div",
    {
      key,
      class: `element element-${item.type}`,
      "data-action-id": item.action_id,
      "data-busy": state.busy.has(key) || null,
    },
    draw(item, at),
    trouble &&
      h(
        "span",
        {
          class: "trouble",
          role: "img",
          "aria-label": `This did not work: ${trouble}`,
          title: `This did not work: ${trouble}`,
        },
        icon("warning", 16),
      ),
  );
}

const placeholderOf = (item) =>
  item.accessibility_label ?? item.placeholder?.text ?? item.type.replaceAll("_", " ");
