// What the composer offers while one types: slash commands, people after "@", channels after "#", emoji
// after ":".

import { avatar } from "./avatar.js";
import { INVITE } from "./commands.js";
import { h } from "./dom.js";
import { EMOJI, emoji } from "./emoji.js";
import { icon } from "./icons.js";
import { state } from "./store.js";

const MOST = 8;

const SOURCES = { "/": commands, "@": people, "#": channels, ":": emojis };

/** What fits the word at the caret: {from, choices, active}, or null. */
export function completions({ key, thread, draft }) {
  const word = /(?:^|\s)([/@#:])([^\s]*)$/.exec(draft.text.slice(0, draft.caret ?? draft.text.length));
  if (!word || draft.shut) return null;
  const [, sign, letters] = word;
  const from = draft.caret - letters.length - 1;
  if (sign === "/" && (thread || from !== 0)) return null;
  if (sign === ":" && letters.length < 2) return null;
  const choices = SOURCES[sign](letters.toLowerCase()).slice(0, MOST);
  return choices.length
    ? { key, from, choices, active: Math.min(draft.active ?? 0, choices.length - 1) }
    : null;
}

export function completionList({ choices, active }, take) {
  return h(
    "div",
    {
      class: "completions",
      role: "listbox",
      id: "completions",
      "aria-label": "Suggestions",
      onmousedown: (event) => event.preventDefault(),
    },
    choices.map((choice, index) =>
      h(
        "div",
        {
          key: choice.insert,
          id: `completion-${index}`,
          role: "option",
          class: `completion${index === active ? " completion-active" : ""}`,
          "aria-selected": String(index === active),
          onclick: () => take(choice),
        },
        h("span", { class: "completion-drawing" }, choice.drawing),
        h(
          "span",
          { class: "completion-words" },
          h(
            "span",
            null,
            h("strong", null, choice.title),
            choice.usage && h("span", { class: "completion-usage" }, ` ${choice.usage}`),
          ),
          choice.detail && h("span", { class: "completion-detail" }, choice.detail),
        ),
        choice.owner && h("span", { class: "completion-owner" }, choice.owner),
      ),
    ),
  );
}

/** Keys while the list is open. Returns true when the key was for the list. */
export function moveIn(event, { choices, active }, move, take, shut) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const typed = event.target.value.trim();
  if (step) move((active + step + choices.length) % choices.length);
  else if (event.key === "Tab" || (event.key === "Enter" && typed !== choices[active].insert))
    take(choices[active]);
  else if (event.key === "Escape") shut();
  else return false;
  event.preventDefault();
  event.stopPropagation();
  return true;
}

function commands(letters) {
  const { app, commands: known } = state.workspace;
  const mine = known.map((command) => ({
    ...command,
    owner: app.name,
    drawing: avatar({ is_bot: true, real_name: app.name }, 28),
  }));
  return [...mine, { ...INVITE, owner: "Built in", drawing: icon("plus", 20) }]
    .filter(({ command }) => command.slice(1).startsWith(letters))
    .map(({ command, description, usage_hint: usage, owner, drawing }) => ({
      insert: command,
      title: command,
      usage,
      detail: description,
      owner,
      drawing,
    }));
}

function people(letters) {
  return state.workspace.people
    .filter(
      (person) =>
        person.id !== state.as && `${person.name} ${person.real_name}`.toLowerCase().includes(letters),
    )
    .map((person) => ({
      insert: `@${person.name}`,
      title: person.real_name,
      usage: `@${person.name}`,
      owner: person.is_bot ? "App" : undefined,
      drawing: avatar(person, 24),
    }));
}

function channels(letters) {
  return state.workspace.channels
    .filter((channel) => !channel.is_im && channel.name.includes(letters))
    .map((channel) => ({
      insert: `#${channel.name}`,
      title: channel.name,
      drawing: icon(channel.is_private ? "lock" : "channel", 16),
    }));
}

function emojis(letters) {
  return Object.keys(EMOJI)
    .filter((name) => name.includes(letters))
    .map((name) => ({ insert: `:${name}:`, title: `:${name}:`, drawing: emoji(name) }));
}
