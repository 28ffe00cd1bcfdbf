// Writes every moment of a page in the visitor's own time zone. Without this script they stand there in UTC.
"use strict";

const format = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const { timeZone } = format.resolvedOptions();
const isUtc = /^(Etc\/)?(UTC|UCT|GMT|Universal|Zulu|Greenwich)$/.test(timeZone);
const zone = isUtc ? "UTC" : `(${timeZone.split("/").at(-1).replaceAll("_", " ")} time)`;

for (const time of document.querySelectorAll("time[datetime]")) {
  time.title = time.textContent;
  time.textContent = `${format.format(new Date(time.dateTime))} ${zone}`;
}
