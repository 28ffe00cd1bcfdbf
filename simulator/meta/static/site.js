// Keeps the page as the public would find it now, and opens Instagram posts over the profile.
"use strict";

const EVERY = 1500;
const viewer = document.getElementById("viewer");
const viewed = document.getElementById("viewed");
let changes = document.body.dataset.changes;

async function parsed(address) {
  const answer = await fetch(address, { cache: "no-store" });
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

async function follow() {
  try {
    const answer = await fetch("/_sim/live", { cache: "no-store" });
    const now = String((await answer.json()).changes);
    if (now !== changes && !document.hidden) {
      await refresh();
      changes = now;
    }
  } catch {
    // The simulator is being restarted; the next look finds it.
  }
  setTimeout(follow, EVERY);
}

async function refresh() {
  const fresh = (await parsed(location.href)).getElementById("main");
  const main = document.getElementById("main");
  if (!fresh || fresh.innerHTML === main.innerHTML) return;
  const known = new Set([...main.querySelectorAll("[data-id]")].map((node) => node.dataset.id));
  for (const node of fresh.querySelectorAll("[data-id]")) {
    if (!known.has(node.dataset.id)) node.classList.add("fresh");
  }
  main.replaceChildren(...fresh.childNodes);
}

document.addEventListener("click", async (event) => {
  const tile = event.target.closest("a[data-view]");
  if (!tile || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const post = (await parsed(tile.href)).querySelector("[data-post]");
  if (!post) return;
  viewed.replaceChildren(post);
  viewer.showModal();
});
viewer.addEventListener("click", (event) => event.target === viewer && viewer.close());

setTimeout(follow, EVERY);
