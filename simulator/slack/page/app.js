// The page. Draws everything from the state, and starts.

import { fileAddress } from "./api.js";
import { channelPane } from "./channel.js";
import { confirmDialog } from "./confirm.js";
import { h, render } from "./dom.js";
import { largePicture } from "./files.js";
import { appPane } from "./home.js";
import { placeOf } from "./links.js";
import { modal } from "./modal.js";
import { peopleSwitcher } from "./people.js";
import { actAs, followAddress, fromAddress, goTo, openThread } from "./place.js";
import { dismiss } from "./popover.js";
import { rail } from "./rail.js";
import { sidebar } from "./sidebar.js";
import { change, onChange, state } from "./store.js";
import { threadPanel } from "./thread.js";

const FIRST_PERSON = "U0DANA0001"; // who one is when the address does not say
const root = document.getElementById("app");

function draw() {
  if (!state.workspace || !state.place) return;
  const { team, me } = state.workspace;
  document.title = `${state.place.kind === "app" ? state.workspace.app.name : "Chat"} · ${me.real_name} · ${team.name}`;
  render(
    root,
    h(
      "div",
      { class: `workspace${state.thread ? " with-thread" : ""}` },
      h("header", { class: "topbar" }, h("span", { class: "topbar-name" }, team.name), peopleSwitcher()),
      rail(),
      sidebar(),
      state.sidebarOpen &&
        h("div", { class: "scrim", onclick: () => change((s) => (s.sidebarOpen = false)) }),
      state.place.kind === "app" ? appPane() : channelPane(),
      threadPanel(),
    ),
    modal(),
    largePicture(),
    confirmDialog(),
    !state.online &&
      h(
        "p",
        { key: "offline", class: "offline", role: "status" },
        h("span", { class: "spinner" }),
        "Connecting to the simulator…",
      ),
    state.toast &&
      h(
        "p",
        {
          key: "toast",
          class: "toast",
          role: "status",
          popover: "manual",
          created: (el) => el.showPopover(),
        },
        state.toast.text,
      ),
  );
}

async function start() {
  onChange(draw);
  document.addEventListener("mousedown", dismiss);
  document.addEventListener("keydown", (event) => event.key === "Escape" && dismiss(event));
  document.addEventListener(
    "scroll",
    (event) => state.popover && !event.target.closest?.("[data-popover]") && change(),
    true,
  );
  addEventListener("resize", () => state.popover && change());
  addEventListener("hashchange", () => followAddress());
  const { as, place, thread } = fromAddress();
  const permalink = placeOf(new URL(location.href));
  const file = /^\/files\/\w+\/(F\w+)\/([^/]+)$/.exec(location.pathname);
  state.place = place;
  await actAs(as ?? FIRST_PERSON).catch(() => actAs(FIRST_PERSON));
  if (file)
    change(
      (s) => (s.picture = { src: fileAddress(file[1]), alt: file[2], name: decodeURIComponent(file[2]) }),
    );
  if (permalink) await goTo(permalink);
  else if (thread) await openThread(thread.channel, thread.ts);
}

start().catch((error) =>
  root.replaceChildren(
    Object.assign(document.createElement("p"), { className: "booting", textContent: error.message }),
  ),
);
