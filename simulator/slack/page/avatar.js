// People as initials on a colour of their own, the app as its badge.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { personById, state } from "./store.js";

export function avatar(person, size = 36) {
  const style = `--size:${size}px;background:${colourOf(person)}`;
  const drawing = person.is_bot
    ? icon(person.id === "USLACKBOT" ? "chat" : "send", Math.round(size * 0.56))
    : initials(person.real_name);
  return h(
    "span",
    { class: `avatar${person.is_bot ? " avatar-app" : ""}`, style, "aria-hidden": "true" },
    drawing,
  );
}

/** Who wrote a message: a person, our app, or somebody that this page was never told of. */
export function authorOf(message) {
  const { app } = state.workspace;
  if (message.user === "USLACKBOT") return { id: "USLACKBOT", real_name: "Slackbot", is_bot: true };
  const person = personById(message.user);
  if (message.bot_id || person?.is_bot) {
    return {
      ...person,
      id: message.user ?? message.bot_id,
      real_name: message.username ?? person?.real_name ?? app.name,
      is_bot: true,
    };
  }
  return person ?? { id: message.user, real_name: message.username ?? "Someone", is_bot: false };
}

function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  return ((words[0]?.[0] ?? "?") + (words.length > 1 ? words.at(-1)[0] : "")).toUpperCase();
}

function colourOf(person) {
  if (person.id === "USLACKBOT") return "#5d5c62";
  if (person.is_bot) return "linear-gradient(140deg, #1f2a44, #34598f)";
  return /^[0-9a-f]{6}$/i.test(person.color ?? "") ? `#${person.color}` : "#6b6575";
}

/** The app's own badge. */
export const appBadge = (size) => avatar({ is_bot: true, real_name: state.workspace.app.name }, size);
