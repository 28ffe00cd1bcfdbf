// The switcher: which of the people one is. Shift- or Ctrl-click opens another tab as that person.

import { avatar } from "./avatar.js";
import { h } from "./dom.js";
import { actAs } from "./place.js";
import { state, toast } from "./store.js";

export function peopleSwitcher() {
  const people = state.workspace.people.filter((person) => !person.is_bot);
  return h(
    "div",
    { class: "people", role: "group", "aria-label": "Act as" },
    h("span", { class: "people-label", "aria-hidden": "true" }, "Act as"),
    people.map((person) => {
      const me = person.id === state.as;
      return h(
        "a",
        {
          key: person.id,
          class: `person${me ? " person-me" : ""}`,
          href: `/?as=${person.id}`,
          "data-person": person.id,
          "aria-current": me ? "true" : null,
          "aria-label": `Act as ${person.real_name}`,
          title: titleOf(person, me),
          onclick: (event) => become(event, person),
        },
        avatar(person, 24),
        h("span", { class: "person-name" }, person.real_name.split(" ")[0]),
      );
    }),
  );
}

function become(event, person) {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  if (person.id !== state.as) actAs(person.id).catch((error) => toast(error.message));
}

const titleOf = (person, me) =>
  me
    ? `You are ${person.real_name}`
    : `Act as ${person.real_name}${person.is_stranger ? " (another workspace)" : ""}. Ctrl-click: in a new tab`;
