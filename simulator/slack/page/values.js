// What stands in a form. The server holds state.values; here is only what was typed or chosen and not yet
// read back. Values have the shape that Slack gives them in state.values: {type, value}, {type,
// selected_option: {…}}, …

import * as api from "./api.js";
import { change, state, toast } from "./store.js";

const TYPING_PAUSE = 350; // ms

const edits = new Map(); // key -> {value, timer, send, sending, settled}
let clock = 0;

/** The one name of an element: its surface (a view, a message), block and action. */
export const elementKey = (surface, blockId, element) => `${surface.key}|${blockId}|${element.action_id}`;

export function valueOf(surface, blockId, element) {
  const edit = edits.get(elementKey(surface, blockId, element));
  if (edit) return edit.value;
  return surface.values?.[blockId]?.[element.action_id] ?? initialOf(element);
}

/** Take a new value: shown at once, told to the server now, or for typing after a short pause. */
export function setValue(surface, blockId, element, value, { typing = false, trigger } = {}) {
  const key = elementKey(surface, blockId, element);
  const edit = edits.get(key) ?? {};
  clearTimeout(edit.timer);
  Object.assign(edit, { value: { type: element.type, ...value }, settled: undefined });
  edit.send = () => deliver(surface, blockId, element, edit, trigger);
  edits.set(key, edit);
  if (typing) edit.timer = setTimeout(edit.send, TYPING_PAUSE);
  else edit.send();
  change();
}

/** Resolves when the server knows everything that was typed on this surface. */
export async function flush(surface) {
  const mine = [...edits].filter(([key]) => key.startsWith(`${surface.key}|`)).map(([, edit]) => edit);
  await Promise.all(mine.map((edit) => (edit.timer ? edit.send() : edit.sending)));
}

/** A moment; forgetSettled(moment) drops edits that had reached the server by then. */
export const mark = () => ++clock;

export function forgetSettled(since, views) {
  const open = new Set(views.map((view) => view.id));
  for (const [key, edit] of edits) {
    const surface = key.split("|")[0];
    const readBack = edit.settled !== undefined && edit.settled <= since;
    if (surface.startsWith("V") && (readBack || !open.has(surface))) edits.delete(key);
  }
}

export const forgetAll = () => edits.clear();

async function deliver(surface, blockId, element, edit, trigger) {
  clearTimeout(edit.timer);
  edit.timer = undefined;
  const sent = edit.value;
  const before = edit.sending; // one after the other, so that the last value wins
  edit.sending = Promise.resolve(before).then(() =>
    act(surface, blockId, element, { ...wire(sent), ...(trigger && { trigger }) }),
  );
  await edit.sending;
  if (edit.value === sent) edit.settled = ++clock;
}

/** Send one action; what went wrong is shown at the element. */
export async function act(surface, blockId, element, value) {
  const key = elementKey(surface, blockId, element);
  change((s) => s.busy.add(key) && s.troubles.delete(key));
  try {
    const body = { ...surface.address, block_id: blockId, action_id: element.action_id, ...value };
    const { ok, error } = await api.sendAction(body);
    if (ok === false) state.troubles.set(key, error ?? "This did not work.");
  } catch (error) {
    state.troubles.set(key, error.message);
    toast(error.message); // what was pressed may be gone, and its place with it
  } finally {
    change((s) => s.busy.delete(key));
  }
}

function wire({ type, selected_option, selected_options, files, ...rest }) {
  if (selected_option !== undefined) return { selected_option: selected_option?.value ?? null };
  if (selected_options !== undefined)
    return { selected_options: selected_options.map((option) => option.value) };
  if (files !== undefined) return { files: files.map((file) => file.id) };
  return rest;
}

function initialOf(element) {
  const type = element.type;
  const value = { type };
  if (type.endsWith("_text_input") || type === "number_input") value.value = element.initial_value ?? null;
  for (const [name, given] of Object.entries(element)) {
    if (name.startsWith("initial_")) value[name.replace("initial_", "selected_")] = given;
  }
  return value;
}
