// The end of the popup: tells the page that opened it, to exactly our own origin, and closes.
"use strict";

const CLOSES_AFTER = 2000; // milliseconds

const accounts = [...document.querySelectorAll("#accounts li")].map(({ dataset }) => ({
  label: dataset.label,
  platform: dataset.platform,
}));
window.opener?.postMessage({ type: "pressroom:connected", accounts }, window.location.origin);
setTimeout(() => window.close(), CLOSES_AFTER); // a window that no script opened stays, and says what to do
