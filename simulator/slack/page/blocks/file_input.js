// file_input: files are uploaded as the person, then named in the view's state.

import { fileAddress, uploadFile } from "../api.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { size } from "../files.js";
import { change, toast } from "../store.js";
import { setValue, valueOf } from "../values.js";

const uploading = new Map(); // element key -> names

export function fileInput(item, at) {
  const files = valueOf(at.surface, at.block.block_id, item).files ?? [];
  const waiting = uploading.get(at.key) ?? [];
  const most = item.max_files ?? 10;
  const room = files.length + waiting.length < most;
  return h(
    "div",
    {
      class: "file-input",
      "data-busy": waiting.length ? "" : null,
      ondragover: (event) => event.preventDefault(),
      ondrop: (event) => dropped(event, item, at),
    },
    files.length + waiting.length > 0 &&
      h(
        "ul",
        { class: "file-list" },
        files.map((file) => row(file, files, item, at)),
        waiting.map((name) => waitingRow(name)),
      ),
    h(
      "label",
      { class: `file-choose${room ? "" : " file-choose-full"}` },
      icon("upload", 20),
      h(
        "span",
        { class: "button file-button" },
        files.length ? "Add a file" : most > 1 ? "Add files" : "Upload a file",
      ),
      h("span", { class: "file-note" }, note(item, most)),
      h("input", {
        id: at.id,
        type: "file",
        class: "visually-hidden",
        multiple: most > 1,
        disabled: !room,
        accept: accept(item),
        "aria-label": at.label,
        onchange: (event) => {
          take([...event.target.files], item, at);
          event.target.value = "";
        },
      }),
    ),
  );
}

async function take(chosen, item, at) {
  const waiting = uploading.get(at.key) ?? [];
  uploading.set(at.key, [...waiting, ...chosen.map((file) => file.name)]);
  change();
  for (const file of chosen) {
    try {
      const uploaded = await uploadFile(file);
      const standing = valueOf(at.surface, at.block.block_id, item).files ?? [];
      setValue(at.surface, at.block.block_id, item, { files: [...standing, uploaded] });
    } catch (error) {
      toast(`${file.name}: ${error.message}`);
    }
    uploading.set(at.key, uploading.get(at.key).slice(1));
    change();
  }
}

function dropped(event, item, at) {
  event.preventDefault();
  take([...event.dataTransfer.files].slice(0, item.max_files ?? 10), item, at);
}

function row(file, files, item, at) {
  const drop = () =>
    setValue(at.surface, at.block.block_id, item, { files: files.filter((other) => other.id !== file.id) });
  return h(
    "li",
    { class: "file-row", key: file.id, "data-file-id": file.id },
    file.mimetype?.startsWith("image/")
      ? h("img", { src: fileAddress(file.id), alt: "", class: "file-thumb" })
      : h("span", { class: "file-thumb" }, icon("file", 20)),
    h(
      "span",
      { class: "file-words" },
      h("span", { class: "file-name" }, file.name),
      h("span", { class: "file-detail" }, size(file.size)),
    ),
    h(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": `Remove ${file.name}`,
        title: "Remove",
        onclick: drop,
      },
      icon("close", 16),
    ),
  );
}

function waitingRow(name) {
  return h(
    "li",
    { class: "file-row", key: `waiting ${name}` },
    h("span", { class: "file-thumb" }, h("span", { class: "spinner" })),
    h(
      "span",
      { class: "file-words" },
      h("span", { class: "file-name" }, name),
      h("span", { class: "file-detail" }, "Uploading…"),
    ),
  );
}

const accept = (item) => item.filetypes?.map((type) => `.${type}`).join(",") ?? null;

function note(item, most) {
  const kinds = item.filetypes?.length
    ? item.filetypes.map((type) => type.toUpperCase()).join(", ")
    : "Any type";
  return `${kinds} · up to ${most === 1 ? "1 file" : `${most} files`}, 10 MB each`;
}
