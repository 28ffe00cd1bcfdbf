// The app's shortcuts, as entries of a menu.

import { appBadge } from "./avatar.js";
import { loadViews } from "./load.js";
import { state, toast } from "./store.js";

/** Menu entries for all shortcuts of a type ("message", "global"); `run` gets the callback_id. */
export function shortcutItems(type, run) {
  const { app, shortcuts } = state.workspace;
  const mine = shortcuts.filter((shortcut) => shortcut.type === type);
  if (!mine.length) return [];
  return [
    { heading: type === "message" ? "Message shortcuts" : "Shortcuts" },
    ...mine.map((shortcut) => ({
      name: shortcut.name,
      detail: app.name,
      drawing: appBadge(20),
      run: () => start(shortcut, run),
    })),
  ];
}

async function start(shortcut, run) {
  const { app } = state.workspace;
  try {
    const { ok, error } = await run(shortcut.callback_id);
    if (ok === false) toast(`${app.name} did not answer “${shortcut.name}” (${error}).`);
  } catch (error) {
    toast(error.message);
  }
  await loadViews();
}
