// Select menus of every kind, one or many: a combobox with a list box. External menus ask the app while one
// types.

import { askSuggestions } from "../api.js";
import { ask } from "../confirm.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import * as popover from "../popover.js";
import { change, state } from "../store.js";
import { flush, setValue, valueOf } from "../values.js";
import { described } from "./input.js";
import { chosen, isExternal, isMulti, matching, offered, valueFor } from "./options.js";

const TYPING_PAUSE = 200; // ms before an external menu asks the app

export function select(item, at) {
  const menu = { item, at, standing: chosen(item, valueOf(at.surface, at.block.block_id, item)) };
  const shown = popover.isOpen(at.key);
  const many = isMulti(item);
  const removable = !many && menu.standing.length > 0 && (at.block.type !== "input" || at.block.optional);
  return h(
    "div",
    { class: `select${many ? " select-many" : ""}${shown ? " select-open" : ""}` },
    h(
      "div",
      {
        class: "field select-field",
        "data-opens": "",
        onclick: (event) => event.currentTarget.querySelector("input").focus(),
      },
      many ? menu.standing.map((choice) => token(choice, menu)) : menu.standing[0]?.drawing,
      typing(menu, shown),
      removable &&
        h(
          "button",
          {
            type: "button",
            class: "select-clear",
            "aria-label": "Clear selection",
            onclick: () => put([], menu),
          },
          icon("close", 14),
        ),
      h("span", { class: "select-arrow", onclick: () => openMenu(menu) }, icon("down", 16)),
    ),
    shown && list(menu),
  );
}

function typing(menu, shown) {
  const { item, at, standing } = menu;
  const name = isMulti(item) ? "" : (standing[0]?.words ?? "");
  const hint = item.placeholder?.text ?? (isMulti(item) ? "Select options" : "Select an option");
  return h("input", {
    id: at.id,
    type: "text",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    "aria-expanded": String(shown),
    "aria-haspopup": "listbox",
    "aria-controls": `${at.id}-list`,
    "aria-autocomplete": "list",
    "aria-activedescendant": shown ? optionId(at, state.popover.active) : null,
    ...described(at),
    value: shown ? state.popover.query : name,
    placeholder: (shown && name) || (standing.length ? "" : hint),
    onclick: () => openMenu(menu),
    oninput: (event) => openMenu(menu, event.target.value),
    onkeydown: (event) => keyed(event, menu, shown),
    onblur: () => popover.isOpen(at.key) && popover.close(),
    created: item.focus_on_load ? (el) => el.focus() : undefined,
  });
}

function token(choice, menu) {
  const drop = () =>
    put(
      menu.standing.filter((other) => other.value !== choice.value),
      menu,
    );
  return h(
    "span",
    { class: "select-token", key: choice.value, "data-value": choice.value },
    choice.drawing,
    h("span", null, choice.words),
    h(
      "button",
      {
        type: "button",
        "aria-label": `Remove ${choice.words}`,
        onmousedown: (event) => event.preventDefault(),
        onclick: drop,
      },
      icon("close", 12),
    ),
  );
}

function list(menu) {
  const { at, item } = menu;
  const groups = groupsOf(menu);
  let index = -1;
  return popover.popover(
    {
      class: "listbox",
      role: "listbox",
      id: `${at.id}-list`,
      width: "anchor",
      "aria-label": "Options",
      "aria-multiselectable": isMulti(item) ? "true" : null,
      onmousedown: (event) => event.preventDefault(),
    },
    groups.map((group) => [
      group.label && h("div", { class: "listbox-group", role: "presentation" }, group.label),
      group.choices.map((choice) => row(choice, ++index, menu)),
    ]),
    groups.length === 0 && h("p", { class: "listbox-note" }, emptyNote(menu)),
    full(menu) && h("p", { class: "listbox-note" }, `You can select up to ${item.max_selected_items}.`),
  );
}

function row(choice, index, menu) {
  const on = menu.standing.some((other) => other.value === choice.value);
  const active = index === state.popover.active;
  return h(
    "div",
    {
      key: `${index} ${choice.value}`,
      id: optionId(menu.at, index),
      role: "option",
      class: `option${active ? " option-active" : ""}`,
      "data-value": choice.value,
      "aria-selected": String(on),
      "aria-disabled": full(menu) && !on ? "true" : null,
      onclick: () => choose(choice, menu),
      onmousemove: () => !active && change((s) => s.popover && (s.popover.active = index)),
      updated: active ? (el) => el.scrollIntoView({ block: "nearest" }) : undefined,
    },
    choice.drawing,
    h(
      "span",
      { class: "option-words" },
      h("span", null, choice.words),
      choice.detail && h("span", { class: "option-detail" }, choice.detail),
    ),
    on && icon("check", 16),
  );
}

function keyed(event, menu, shown) {
  const { key } = event;
  if (key === "Backspace" && isMulti(menu.item) && !event.target.value && menu.standing.length)
    return put(menu.standing.slice(0, -1), menu);
  if (!shown) {
    if (["ArrowDown", "ArrowUp", "Enter"].includes(key)) (openMenu(menu), event.preventDefault());
    return undefined;
  }
  const choices = groupsOf(menu).flatMap((group) => group.choices);
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (step)
    change(
      (s) => (s.popover.active = (s.popover.active + step + choices.length) % Math.max(choices.length, 1)),
    );
  else if (key === "Enter") choices[state.popover.active] && choose(choices[state.popover.active], menu);
  else if (key === "Escape") popover.close();
  else return undefined;
  event.preventDefault();
  return event.stopPropagation();
}

function openMenu(menu, query = "") {
  const { item, at } = menu;
  if (!popover.isOpen(at.key) || state.popover.query !== query) {
    const answer = popover.isOpen(at.key) ? state.popover.answer : undefined;
    const standing = query
      ? -1
      : groupsFor(item, answer, query).findIndex((choice) => choice.value === menu.standing[0]?.value);
    popover.open(at.key, { query, answer, active: Math.max(standing, 0) });
    if (isExternal(item)) suggest(menu, state.popover);
  }
}

const groupsFor = (item, answer, query) =>
  matching(offered(item, answer), item, query).flatMap((group) => group.choices);

async function suggest({ item, at }, opened) {
  const least = item.min_query_length ?? 3;
  if (opened.query.length < least)
    return change(() => Object.assign(opened, { answer: undefined, short: least }));
  opened.loading = true;
  await new Promise((done) => setTimeout(done, opened.query ? TYPING_PAUSE : 0));
  if (state.popover !== opened) return undefined;
  await flush(at.surface);
  const question = {
    ...at.surface.address,
    block_id: at.block.block_id,
    action_id: item.action_id,
    value: opened.query,
  };
  const answer = await askSuggestions(question).catch((error) => ({ error: error.message }));
  return change(() => Object.assign(opened, { answer, loading: false, active: 0 }));
}

function groupsOf({ item }) {
  const { query, answer, short } = state.popover;
  return short && isExternal(item) && query.length < short
    ? []
    : matching(offered(item, answer), item, query);
}

function emptyNote({ item }) {
  const { query, answer, short, loading } = state.popover;
  if (isExternal(item) && short && query.length < short)
    return `Type a minimum of ${short} character${short > 1 ? "s" : ""} to see options.`;
  if (loading) return "Loading…";
  if (answer?.error) return "The options could not be loaded. Try again?";
  return "No results";
}

async function choose(choice, menu) {
  const { item, standing } = menu;
  const on = standing.some((other) => other.value === choice.value);
  if (full(menu) && !on) return;
  if (!isMulti(item)) popover.close();
  if (item.confirm && !(await ask(item.confirm))) return;
  if (!isMulti(item)) put([choice], menu);
  else put(on ? standing.filter((other) => other.value !== choice.value) : [...standing, choice], menu);
}

function put(choices, { item, at }) {
  if (isMulti(item) && popover.isOpen(at.key) && state.popover.query && !isExternal(item))
    change((s) => Object.assign(s.popover, { query: "", active: 0 }));
  setValue(at.surface, at.block.block_id, item, valueFor(item, choices));
}

const full = ({ item, standing }) =>
  Boolean(item.max_selected_items && isMulti(item) && standing.length >= item.max_selected_items);
const optionId = (at, index) => `${at.id}-option-${index}`;
