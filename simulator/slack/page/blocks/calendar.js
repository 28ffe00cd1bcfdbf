// One month to pick a day from. Arrow keys move by day and week, Page Up and Down by month.

import { dayInWords, isoDay } from "../dates.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import * as popover from "../popover.js";

const WEEKDAYS = ["Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"];

export function calendar(month, chosen, pick, turn) {
  const days = daysOf(month);
  const today = isoDay(new Date());
  const start = [chosen, today].find((day) => day?.startsWith(month)) ?? days[0];
  return popover.popover(
    {
      class: "calendar",
      role: "dialog",
      "aria-label": "Choose a date",
      onkeydown: (event) => keyed(event, turn),
      onmousedown: (event) => event.preventDefault(),
    },
    h(
      "div",
      { class: "calendar-head" },
      h(
        "button",
        {
          type: "button",
          class: "icon-button",
          "aria-label": "Previous month",
          onclick: () => turn(shifted(month, -1)),
        },
        icon("back", 16),
      ),
      h("span", { class: "calendar-month", "aria-live": "polite" }, title(month)),
      h(
        "button",
        {
          type: "button",
          class: "icon-button icon-flipped",
          "aria-label": "Next month",
          onclick: () => turn(shifted(month, 1)),
        },
        icon("back", 16),
      ),
    ),
    h(
      "div",
      { class: "calendar-grid", "aria-hidden": "true" },
      WEEKDAYS.map((name) => h("span", { class: "calendar-weekday" }, name)),
    ),
    h(
      "div",
      { class: "calendar-grid", key: month },
      days.map((day, index) =>
        h(
          "button",
          {
            type: "button",
            key: day,
            "data-day": day,
            "aria-label": dayInWords(day),
            "aria-pressed": String(day === chosen),
            "aria-current": day === today ? "date" : null,
            class: "calendar-day",
            tabindex: day === start ? "0" : "-1",
            style: index === 0 ? `grid-column:${weekday(day) + 1}` : null,
            onclick: () => pick(day),
          },
          String(Number(day.slice(8))),
        ),
      ),
    ),
  );
}

function keyed(event, turn) {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
  const day = document.activeElement.dataset.day;
  if (event.key === "Escape") {
    event.stopPropagation();
    event.preventDefault();
    event.currentTarget.parentElement.querySelector("input").focus();
    popover.close();
  } else if (day && (step || event.key.startsWith("Page"))) {
    event.preventDefault();
    const to = step ? addDays(day, step) : `${shifted(day.slice(0, 7), event.key === "PageUp" ? -1 : 1)}-01`;
    if (to.slice(0, 7) !== day.slice(0, 7)) turn(to.slice(0, 7));
    const grid = event.currentTarget;
    requestAnimationFrame(() => grid.querySelector(`[data-day="${to}"]`)?.focus());
  }
}

function daysOf(month) {
  const [year, number] = month.split("-").map(Number);
  const count = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return Array.from({ length: count }, (_, index) => `${month}-${String(index + 1).padStart(2, "0")}`);
}

const weekday = (day) => new Date(`${day}T00:00:00Z`).getUTCDay();
const addDays = (day, count) =>
  new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
const shifted = (month, count) =>
  new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)) - 1 + count, 1))
    .toISOString()
    .slice(0, 7);
const title = (month) =>
  new Intl.DateTimeFormat("en-US", { month: "long", year: "numeric", timeZone: "UTC" }).format(
    new Date(`${month}-01T00:00:00Z`),
  );
