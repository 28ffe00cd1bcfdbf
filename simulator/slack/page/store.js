// What the page knows. Everything shown is drawn from here; change() redraws once per frame.

export const state = {
  as: null, //            the person one acts as
  workspace: null, //     GET /_sim/ui/state
  place: null, //         {kind: "channel", id} | {kind: "app", tab: "home" | "messages" | "about"}
  thread: null, //        {channel, ts} of the thread in the right panel
  focus: null, //         ts of the message that a permalink points at
  messages: new Map(), // channel -> root messages
  threads: new Map(), //  channel:ts -> root and replies
  notices: new Map(), //  channel or channel:ts -> lines that only this page shows (a command that failed)
  views: [], //           the modal stack, bottom first
  home: null, //          the published Home view
  homeLoaded: false,
  popover: null, //       {key, ...} the one open menu or list
  question: null, //      an open confirmation dialog
  picture: null, //       the file shown large
  toast: null,
  busy: new Set(), //     what waits for an answer: element keys, "submit:V…"
  troubles: new Map(), // element key -> what went wrong with its last action
  composers: new Map(), // channel or channel:ts -> {text, files, …}
  sidebarOpen: false,
  online: true,
};

let draw = () => {};
let scheduled = false;

/** Redraw at the next frame; several changes become one drawing. */
export function change(mutation) {
  mutation?.(state);
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    draw();
  });
}

export function onChange(drawing) {
  draw = drawing;
}

export const personById = (id) => state.workspace.people.find((person) => person.id === id);
export const channelById = (id) => state.workspace.channels.find((channel) => channel.id === id);
export const threadKey = (channel, ts) => `${channel}:${ts}`;

/** The direct message channel with the app, once it exists. */
export function appChannel() {
  const bot = state.workspace.app.bot_user_id;
  return state.workspace.channels.find((channel) => channel.is_im && channel.member_ids.includes(bot));
}

export function toast(text) {
  const shown = { text };
  change((s) => (s.toast = shown));
  setTimeout(() => change((s) => s.toast === shown && (s.toast = null)), 3500);
}
