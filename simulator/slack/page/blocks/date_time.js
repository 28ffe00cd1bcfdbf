// datepicker, timepicker, datetimepicker. Each field can be typed in ("2026-12-01", "14:30", "2:30 pm") or
// picked from. A datetimepicker speaks in the time zone of the person one acts as and stores UNIX seconds.

import { ask } from "../confirm.js";
import { dayInWords, isoDay, isoTime, moment, timeInWords, unixOf, zoneName } from "../dates.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import * as popover from "../popover.js";
import { change, state } from "../store.js";
import { setValue, valueOf } from "../values.js";
import { calendar } from "./calendar.js";
import { described } from "./input.js";

const TIMES = Array.from(
  { length: 48 },
  (_, half) => `${String(half >> 1).padStart(2, "0")}:${half % 2 ? "30" : "00"}`,
);

export function datePicker(item, at) {
  const day = valueOf(at.surface, at.block.block_id, item).selected_date;
  return h(
    "div",
    { class: "dates" },
    dayField(day, at, item, (selected_date) => put(item, at, { selected_date }), at.id),
  );
}

export function timePicker(item, at) {
  const time = valueOf(at.surface, at.block.block_id, item).selected_time;
  return h(
    "div",
    { class: "dates" },
    timeField(
      time,
      at,
      item,
      (selected_time) => put(item, at, { selected_time, ...(item.timezone && { timezone: item.timezone }) }),
      at.id,
    ),
    item.timezone && h("span", { class: "zone" }, item.timezone),
  );
}

export function dateTimePicker(item, at) {
  const seconds = valueOf(at.surface, at.block.block_id, item).selected_date_time;
  const { day, time } = seconds ? { day: isoDay(moment(seconds)), time: isoTime(moment(seconds)) } : {};
  // It holds both or nothing: a time alone is today's, a day alone gets a time that the person sees.
  const set = (half) => {
    const both = { day: day ?? isoDay(new Date()), time: time ?? "09:00", ...half };
    put(item, at, { selected_date_time: both.day && both.time ? unixOf(both.day, both.time) : null });
  };
  return h(
    "div",
    { class: "dates" },
    dayField(day, at, item, (d) => set({ day: d }), at.id),
    timeField(time, at, item, (t) => set({ time: t }), `${at.id}-time`),
    h("span", { class: "zone", title: "Your time zone" }, zoneName(seconds ? moment(seconds) : new Date())),
  );
}

function dayField(day, at, item, take, id) {
  const key = `${at.key}|day`;
  const shown = popover.isOpen(key);
  const pick = (picked) => {
    popover.close();
    take(picked);
  };
  return h(
    "div",
    { class: "date-field" },
    field({
      key,
      id,
      shown,
      at,
      drawing: "calendar",
      part: "Date",
      text: day ? dayInWords(day) : "",
      hint: item.placeholder?.text ?? "Select a date",
      focus: item.focus_on_load,
      read: readDay,
      take: pick,
      open: () => popover.open(key, { month: (day ?? isoDay(new Date())).slice(0, 7) }),
    }),
    shown && calendar(state.popover.month, day, pick, (month) => change((s) => (s.popover.month = month))),
  );
}

function timeField(time, at, item, take, id) {
  const key = `${at.key}|time`;
  const shown = popover.isOpen(key);
  const pick = (picked) => {
    popover.close();
    take(picked);
  };
  return h(
    "div",
    { class: "time-field" },
    field({
      key,
      id,
      shown,
      at,
      drawing: "clock",
      part: "Time",
      text: time ? timeInWords(time) : "",
      read: readTime,
      take: pick,
      hint: item.type === "timepicker" ? (item.placeholder?.text ?? "Select a time") : "Time",
      open: () => popover.open(key),
    }),
    shown &&
      popover.popover(
        {
          class: "listbox",
          role: "listbox",
          tabindex: "-1", // a browser would let the Tab key stop at what scrolls
          width: "anchor",
          "aria-label": "Times",
          onmousedown: (event) => event.preventDefault(),
        },
        TIMES.map((one) => timeRow(one, time, pick)),
      ),
  );
}

function timeRow(one, time, pick) {
  const near = time ? one <= time && time.slice(0, 2) === one.slice(0, 2) : one === "09:00";
  return h(
    "div",
    {
      role: "option",
      class: "option",
      key: one,
      "data-value": one,
      "aria-selected": String(one === time),
      onclick: () => pick(one),
      created: near ? (el) => el.scrollIntoView({ block: "center" }) : undefined,
    },
    timeInWords(one),
  );
}

/** A field of words that opens a picker, and also takes what one types: Enter, Tab, or leaving it, reads the text. */
function field({ key, id, shown, at, drawing, part, text, hint, focus, read, take, open }) {
  const finish = (el) => {
    if (el.value === text) return;
    const value = read(el.value);
    if (value !== undefined) take(value);
    else (popover.close(), (el.value = text));
  };
  return h(
    "div",
    { class: "field date-box", "data-opens": "" },
    icon(drawing, 16),
    h("input", {
      id,
      type: "text",
      placeholder: hint,
      autocomplete: "off",
      value: state.popover?.key === key && state.popover.typed !== undefined ? state.popover.typed : text,
      role: "combobox",
      "aria-expanded": String(shown),
      "aria-haspopup": part === "Date" ? "dialog" : "listbox",
      "data-part": part.toLowerCase(),
      ...described(at),
      "aria-label":
        at.block.type === "input" && part === "Date" && id === at.id
          ? null
          : `${at.label}${part === "Time" && id !== at.id ? " time" : ""}`,
      // What one types takes the place of what stands there, also of what stands there only since one came.
      onfocus: ({ target }) => queueMicrotask(() => target.select()),
      onclick: (event) => !shown && (open(), event.target.select()),
      oninput: (event) =>
        change(
          (s) =>
            (s.popover = {
              ...(s.popover?.key === key ? s.popover : { key, month: isoDay(new Date()).slice(0, 7) }),
              typed: event.target.value,
            }),
        ),
      onkeydown: (event) => {
        if (event.key === "Enter") (event.preventDefault(), finish(event.target));
        else if (event.key === "Tab") finish(event.target);
        else if (event.key === "ArrowDown" && !shown) (event.preventDefault(), open());
        else if (event.key === "Escape" && shown)
          (event.stopPropagation(), event.preventDefault(), popover.close());
      },
      onblur: (event) => {
        if (event.relatedTarget?.closest?.("[data-popover]")) return;
        finish(event.target);
        if (popover.isOpen(key)) popover.close();
      },
      created: focus ? (el) => el.focus() : undefined,
    }),
  );
}

async function put(item, at, value) {
  if (item.confirm && !(await ask(item.confirm))) return change();
  return setValue(at.surface, at.block.block_id, item, value);
}

/** "2026-12-01" or anything that the browser reads as a date; "" clears; undefined when it is neither. */
function readDay(text) {
  if (!text.trim()) return null;
  const iso = /^\s*(\d{4})-(\d{1,2})-(\d{1,2})\s*$/.exec(text);
  const date = iso
    ? new Date(Date.UTC(iso[1], iso[2] - 1, iso[3]))
    : new Date(`${text.replace(/(\d)(st|nd|rd|th)/, "$1")} UTC`);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().slice(0, 10);
}

function readTime(text) {
  if (!text.trim()) return null;
  const match = /^\s*(\d{1,2})(?:[:.](\d{2}))?\s*([ap])?\.?m?\.?\s*$/i.exec(text);
  if (!match) return undefined;
  const [, hour, minute = "00", half] = match;
  const shift = half ? (Number(hour) % 12) + (half.toLowerCase() === "p" ? 12 : 0) : Number(hour);
  return shift < 24 && Number(minute) < 60 ? `${String(shift).padStart(2, "0")}:${minute}` : undefined;
}
