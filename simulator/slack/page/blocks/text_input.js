// Text fields: plain (one line or several), e-mail, address, number. What is typed goes to the server after
// a short pause, and at once before anything is sent. Which key presses reach the app is
// dispatch_action_config's business.

import { h } from "../dom.js";
import { setValue, valueOf } from "../values.js";
import { described } from "./input.js";

const KINDS = { email_text_input: "email", url_text_input: "url", number_input: "decimal" };

export function textInput(item, at) {
  const text = shownText(valueOf(at.surface, at.block.block_id, item));
  const props = {
    id: at.id,
    class: "field",
    value: text,
    placeholder: item.placeholder?.text ?? null,
    autocomplete: "off",
    inputmode: KINDS[item.type] ?? null,
    ...described(at),
    oninput: (event) => typed(item, at, event.target.value),
    onkeydown: (event) => keyed(event, item, at),
    created: item.focus_on_load ? (el) => el.focus() : undefined,
  };
  const tall = item.multiline || item.type === "rich_text_input";
  return h(
    "div",
    { class: "text-input" },
    tall ? h("textarea", { ...props, rows: 4, updated: grow }) : h("input", { ...props, type: "text" }),
    counter(item, text),
  );
}

function typed(item, at, text) {
  const each = dispatches(item, at, "on_character_entered");
  setValue(at.surface, at.block.block_id, item, written(item, text), {
    typing: true,
    trigger: each ? "on_character_entered" : "typing",
  });
}

function keyed(event, item, at) {
  if (event.key !== "Enter" || event.isComposing || event.target instanceof HTMLTextAreaElement) return;
  event.preventDefault();
  if (dispatches(item, at, "on_enter_pressed")) {
    setValue(at.surface, at.block.block_id, item, written(item, event.target.value), {
      trigger: "on_enter_pressed",
    });
  }
}

function written(item, text) {
  if (item.type !== "rich_text_input") return { value: text || null };
  const section = { type: "rich_text_section", elements: [{ type: "text", text }] };
  return { rich_text_value: text ? { type: "rich_text", elements: [section] } : null };
}

function dispatches(item, at, trigger) {
  if (at.block.type === "input" && !at.block.dispatch_action) return false;
  return (item.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"]).includes(trigger);
}

function counter(item, text) {
  const { max_length: most, min_length: least } = item;
  if (!most && !least) return null;
  const over = most && text.length > most;
  const left = most ? `${most - text.length}` : text.length < least ? `${least - text.length} more` : "";
  const spoken = most ? `${Math.abs(most - text.length)} characters ${over ? "too many" : "left"}` : left;
  return h(
    "span",
    { class: `counter${over ? " counter-over" : ""}`, title: spoken, "data-counter": "" },
    left,
  );
}

function grow(el) {
  el.style.height = "auto";
  el.style.height = `${Math.min(el.scrollHeight + 2, 320)}px`;
}

function shownText(value) {
  if (value.rich_text_value)
    return (
      value.rich_text_value.elements
        ?.flatMap((e) => e.elements ?? [])
        .map((e) => e.text ?? "")
        .join("") ?? ""
    );
  return value.value ?? "";
}
