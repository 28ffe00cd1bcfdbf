// Where one writes: text, files, slash commands, and the menu of shortcuts. Enter sends, Shift+Enter breaks
// the line.

import * as api from "./api.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { appChannel, change, channelById, personById, state, threadKey, toast } from "./store.js";
import { loadMessages, loadThread } from "./load.js";
import { pendingFiles, takeFiles } from "./pending_files.js";
import * as popover from "./popover.js";
import { shortcutItems } from "./shortcuts.js";
import { runTyped } from "./commands.js";
import { completionList, completions, moveIn } from "./completions.js";

export function composer(channel, thread) {
  const key = thread ? threadKey(channel, thread) : channel;
  const draft = state.composers.get(key) ?? { text: "", files: [], caret: 0 };
  const at = { key, channel, thread, draft };
  const found = completions(at);
  const ready = draft.text.trim() || draft.files.some((file) => file.id);
  return h(
    "form",
    {
      class: "composer",
      key: `composer ${key}`,
      "data-composer": thread ? "thread" : "channel",
      onsubmit: (event) => (event.preventDefault(), send(at)),
      ondragover: (event) => event.preventDefault(),
      ondrop: (event) => (event.preventDefault(), takeFiles(key, [...event.dataTransfer.files])),
    },
    found && completionList(found, (choice) => complete(at, found, choice)),
    h(
      "div",
      { class: "composer-box" },
      h(
        "div",
        { class: "composer-marks", role: "toolbar", "aria-label": "Formatting" },
        MARKS.map((mark) => markButton(mark, at)),
      ),
      h("textarea", {
        rows: 1,
        value: draft.text,
        "aria-label": label(channel, thread),
        placeholder: label(channel, thread),
        role: "combobox",
        "aria-expanded": String(Boolean(found)),
        "aria-controls": found ? "completions" : null,
        "aria-autocomplete": "list",
        "aria-activedescendant": found ? `completion-${found.active}` : null,
        oninput: (event) =>
          write(at, { text: event.target.value, caret: event.target.selectionStart, active: 0, shut: false }),
        onclick: (event) => write(at, { caret: event.target.selectionStart }),
        onkeydown: (event) => keyed(event, at, found),
        onpaste: (event) =>
          event.clipboardData.files.length &&
          (event.preventDefault(), takeFiles(key, [...event.clipboardData.files])),
        updated: grow,
      }),
      pendingFiles(key, draft.files),
      h(
        "div",
        { class: "composer-foot" },
        plusMenu(at),
        h(
          "button",
          {
            type: "button",
            class: "icon-button",
            "aria-label": "Mention someone",
            title: "Mention someone",
            onclick: (event) => insert(event, at, "@"),
          },
          h("span", { class: "at-sign" }, "@"),
        ),
        !thread &&
          h(
            "button",
            {
              type: "button",
              class: "icon-button",
              "aria-label": "Slash commands",
              title: "Slash commands",
              onclick: (event) => insert(event, at, "/"),
            },
            h("span", { class: "slash-sign" }, "/"),
          ),
        h(
          "button",
          {
            type: "submit",
            class: `send${ready ? " send-ready" : ""}`,
            "aria-label": "Send now",
            title: "Send now",
            "aria-disabled": ready ? null : "true",
          },
          icon("send"),
        ),
      ),
    ),
  );
}

const MARKS = [
  { name: "Bold", drawing: "bold", mark: "*" },
  { name: "Italic", drawing: "italic", mark: "_" },
  { name: "Strikethrough", drawing: "strike", mark: "~" },
  { name: "Code", drawing: "code", mark: "`" },
];

function markButton({ name, drawing, mark }, at) {
  const wrap = (event) => {
    const field = fieldOf(event);
    const { selectionStart: from, selectionEnd: to, value } = field;
    field.setRangeText(`${mark}${value.slice(from, to)}${mark}`, from, to, "end");
    if (from === to) field.setSelectionRange(from + 1, from + 1);
    write(at, { text: field.value, caret: field.selectionStart });
    field.focus();
  };
  return h(
    "button",
    { type: "button", class: "icon-button", "aria-label": name, title: name, tabindex: "-1", onclick: wrap },
    icon(drawing, 16),
  );
}

function plusMenu(at) {
  const key = `plus ${at.key}`;
  const shown = popover.isOpen(key);
  const upload = {
    name: "Upload from your computer",
    drawing: icon("upload"),
    run: () => document.getElementById(`files ${at.key}`).click(),
  };
  const global = shortcutItems("global", (callback_id) => api.runShortcut({ callback_id }));
  return h(
    "div",
    { class: "plus" },
    h(
      "button",
      {
        type: "button",
        class: "icon-button plus-button",
        "aria-label": "Attach and shortcuts",
        title: "Attach and shortcuts",
        "aria-haspopup": "menu",
        "aria-expanded": String(shown),
        "data-opens": "",
        onclick: () => popover.toggle(key),
      },
      icon("plus"),
    ),
    shown && popover.menu("Attach and shortcuts", [upload, ...(at.thread ? [] : global)]),
    h("input", {
      type: "file",
      multiple: true,
      class: "visually-hidden",
      id: `files ${at.key}`,
      tabindex: "-1",
      "aria-label": "Upload files",
      onchange: (event) => {
        takeFiles(at.key, [...event.target.files]);
        event.target.value = "";
      },
    }),
  );
}

function write(at, draft) {
  change((s) => s.composers.set(at.key, { ...at.draft, ...s.composers.get(at.key), ...draft }));
}

function keyed(event, at, found) {
  if (event.isComposing) return;
  if (
    found &&
    moveIn(
      event,
      found,
      (active) => write(at, { active }),
      (choice) => complete(at, found, choice),
      () => write(at, { shut: true }),
    )
  )
    return;
  if (event.key !== "Enter" || event.shiftKey) return;
  event.preventDefault();
  send(at);
}

function complete(at, found, choice) {
  const text = `${at.draft.text.slice(0, found.from)}${choice.insert} ${at.draft.text.slice(at.draft.caret)}`;
  const caret = found.from + choice.insert.length + 1;
  write(at, { text, caret, active: 0 });
  requestAnimationFrame(() => document.activeElement.setSelectionRange?.(caret, caret));
}

function insert(event, at, character) {
  const field = fieldOf(event);
  if (character === "/" && field.value) return field.focus();
  field.setRangeText(
    /\S$/.test(field.value.slice(0, field.selectionStart)) ? ` ${character}` : character,
    field.selectionStart,
    field.selectionEnd,
    "end",
  );
  field.focus();
  return write(at, { text: field.value, caret: field.selectionStart, active: 0, shut: false });
}

async function send(at) {
  const { text, files } = at.draft;
  if (files.some((file) => !file.id)) return toast("Wait until the upload is done.");
  if (!text.trim() && !files.length) return undefined;
  change((s) => s.composers.set(at.key, { text: "", files: [], caret: 0 }));
  try {
    if (text.startsWith("/") && !text.startsWith("//")) await runTyped(at, text.trim());
    else
      await api.sendMessage({
        channel: at.channel,
        text: text.trim(),
        thread_ts: at.thread,
        file_ids: files.map((file) => file.id),
      });
  } catch (error) {
    toast(error.message);
    change((s) => s.composers.set(at.key, { text, files, caret: text.length }));
  }
  await Promise.all([loadMessages(at.channel), at.thread && loadThread()]);
  return document.querySelectorAll(".messages").forEach((list) => (list.scrollTop = list.scrollHeight));
}

function label(channel, thread) {
  if (thread) return "Reply…";
  if (channel === appChannel()?.id) return `Message ${state.workspace.app.name}`;
  const { is_im: direct, name, member_ids: members } = channelById(channel) ?? {};
  return `Message ${direct ? personById(members.find((id) => id !== state.as))?.real_name : `#${name}`}`;
}

const fieldOf = (event) => event.currentTarget.closest("form").querySelector("textarea");

function grow(el) {
  el.style.height = "auto";
  el.style.height = `${Math.min(el.scrollHeight, 220)}px`;
}
