// The page that waits: opens Meta's dialog in a popup, and shows what was connected there.
// Without this script, or with popups blocked, the same form leads on in this window.
"use strict";

const NAME = "pressroom-connect";
const EVERY = 2000; // milliseconds
const STEPS = {
  waiting: "Go on in the window that has opened.",
  choosing: "Go on in the window that has opened: it shows which accounts this login reaches.",
};

const form = document.getElementById("start");
const ticket = form.elements.namedItem("ticket").value;
let popup = null;
let timer = null;

form.addEventListener("submit", () => {
  const left = Math.max(0, window.screenX + (window.outerWidth - 640) / 2);
  const top = Math.max(0, window.screenY + (window.outerHeight - 760) / 2);
  popup = window.open("", NAME, `popup,width=640,height=760,left=${left},top=${top}`);
  if (!popup) {
    form.removeAttribute("target");
    return;
  }
  form.target = NAME;
  popup.focus();
  const button = form.querySelector("button");
  button.textContent = "Open the window again";
  button.classList.add("quiet");
  document.getElementById("waiting").hidden = false;
  timer ??= setInterval(look, EVERY);
});

window.addEventListener("message", (event) => {
  const ours = event.origin === window.location.origin && event.source === popup;
  if (ours && event.data?.type === "pressroom:connected") look();
});

// Meta's dialog may cut the popup off from this page, so that no message arrives: ask, too.
window.addEventListener("focus", () => timer && look());

async function look() {
  let answer;
  try {
    answer = await fetch("/api/v1/social/connect/status", { headers: { Authorization: `Bearer ${ticket}` } });
  } catch {
    return; // no network just now; the next time will do
  }
  if (answer.ok) show(await answer.json());
  else if (answer.status < 500) show({ state: "over" });
}

function show({ state, accounts }) {
  if (state in STEPS) {
    document.getElementById("step").textContent = STEPS[state];
    return;
  }
  clearInterval(timer);
  timer = null;
  if (!document.getElementById("after").hidden) return;
  document.getElementById("before").hidden = true;
  document.getElementById(state === "connected" ? "after" : "over").hidden = false;
  if (state !== "connected") return;
  document.getElementById("accounts").replaceChildren(...accounts.map(row));
  document.getElementById("connected").focus();
}

function row({ label, platform }) {
  const item = document.createElement("li");
  const name = document.createElement("strong");
  const where = document.createElement("small");
  name.textContent = label;
  where.textContent = platform;
  item.append(name, where);
  return item;
}
