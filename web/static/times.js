// Writes every moment of a page in the visitor's own time zone. Without this script they stand there in UTC.
"use strict";

const format = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const zone = format.resolvedOptions().timeZone.split("/").at(-1).replaceAll("_", " ");

for (const time of document.querySelectorAll("time[datetime]")) {
  time.title = time.textContent;
  time.textContent = `${format.format(new Date(time.dateTime))} (${zone} time)`;
}
