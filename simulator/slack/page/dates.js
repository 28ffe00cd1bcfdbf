// Times, always in the time zone of the person one acts as, never of the browser.

import { state } from "./store.js";

export const zone = () => state.workspace?.me.tz ?? "UTC";

/** A message's ts ("1700000000.000200") or UNIX seconds as a Date. */
export const moment = (seconds) => new Date(Number(seconds) * 1000);

export const clockTime = (date) => format(date, { hour: "numeric", minute: "2-digit" });
export const fullTime = (date) => `${format(date, { dateStyle: "full" })} at ${clockTime(date)}`;
export const zoneName = (date = new Date()) =>
  new Intl.DateTimeFormat("en-US", { timeZone: zone(), timeZoneName: "short" })
    .formatToParts(date)
    .find((part) => part.type === "timeZoneName").value;

/** "Today", "Yesterday" or "Monday, November 20th". */
export function dayName(date) {
  return (
    pretty(date) ??
    `${format(date, { weekday: "long" })}, ${format(date, { month: "long" })} ${ordinal(date)}`
  );
}

/** "2026-11-22" of a moment, in the person's zone. */
export function isoDay(date) {
  const parts = numbers(date);
  return `${parts.year}-${two(parts.month)}-${two(parts.day)}`;
}

/** "14:05" of a moment, in the person's zone. */
export function isoTime(date) {
  const parts = numbers(date);
  return `${two(parts.hour)}:${two(parts.minute)}`;
}

/** UNIX seconds of a day and a time of day on the clock of the person's zone. */
export function unixOf(day, time) {
  const asUtc = Date.parse(`${day}T${time}:00Z`);
  const guess = asUtc - offsetAt(asUtc);
  return Math.round((asUtc - offsetAt(guess)) / 1000);
}

/** A calendar day ("2026-11-22") in words: "November 22nd, 2026". */
export function dayInWords(day) {
  const date = new Date(`${day}T12:00:00Z`);
  const month = new Intl.DateTimeFormat("en-US", { month: "long", timeZone: "UTC" }).format(date);
  return `${month} ${withSuffix(date.getUTCDate())}, ${date.getUTCFullYear()}`;
}

/** A time of day ("14:05") in words: "2:05 PM". */
export function timeInWords(time) {
  const [hour, minute] = time.split(":").map(Number);
  return `${hour % 12 || 12}:${two(minute)} ${hour < 12 ? "AM" : "PM"}`;
}

/** Slack's <!date^…> token: "{date_short_pretty} at {time}" and its brothers. */
export function dateToken(seconds, pattern) {
  const date = moment(seconds);
  return pattern.replace(/\{(\w+)\}/g, (token, name, at) => {
    const words = TOKENS[name]?.(date);
    if (words === undefined) return token;
    return at === 0 ? words : words.replace(/^(Today|Yesterday|Tomorrow)$/, (word) => word.toLowerCase());
  });
}

const long = (date) => `${format(date, { month: "long" })} ${ordinal(date)}, ${numbers(date).year}`;
const short = (date) => format(date, { month: "short", day: "numeric", year: "numeric" });
const withWeekday = (date) => `${format(date, { weekday: "long" })}, ${long(date)}`;

const TOKENS = {
  date_num: isoDay,
  date: long,
  date_short: short,
  date_long: withWeekday,
  date_pretty: (date) => pretty(date) ?? long(date),
  date_short_pretty: (date) => pretty(date) ?? short(date),
  date_long_pretty: (date) => pretty(date) ?? withWeekday(date),
  day_divider_pretty: dayName,
  time: clockTime,
  time_secs: (date) => format(date, { hour: "numeric", minute: "2-digit", second: "2-digit" }),
  ago,
};

export function ago(date) {
  const seconds = Math.round((Date.now() - date) / 1000);
  const [size, unit] = [
    [86400, "day"],
    [3600, "hour"],
    [60, "minute"],
  ].find(([s]) => Math.abs(seconds) >= s) ?? [1, "second"];
  return new Intl.RelativeTimeFormat("en-US", { numeric: "auto" }).format(-Math.round(seconds / size), unit);
}

function pretty(date) {
  const away = Math.round((Date.parse(isoDay(date)) - Date.parse(isoDay(new Date()))) / 86_400_000);
  return { "-1": "Yesterday", 0: "Today", 1: "Tomorrow" }[away];
}

function numbers(date) {
  const options = {
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
    hourCycle: "h23",
  };
  const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone(), ...options }).formatToParts(date);
  return Object.fromEntries(
    parts.filter((part) => part.type !== "literal").map((part) => [part.type, Number(part.value)]),
  );
}

function offsetAt(milliseconds) {
  const { year, month, day, hour, minute, second } = numbers(new Date(milliseconds));
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(milliseconds / 1000) * 1000;
}

const format = (date, options) =>
  new Intl.DateTimeFormat("en-US", { timeZone: zone(), ...options }).format(date).replace(/\u202f/g, " ");
const two = (number) => String(number).padStart(2, "0");
const ordinal = (date) => withSuffix(numbers(date).day);

function withSuffix(day) {
  const suffix = day > 10 && day < 14 ? "th" : ({ 1: "st", 2: "nd", 3: "rd" }[day % 10] ?? "th");
  return `${day}${suffix}`;
}
