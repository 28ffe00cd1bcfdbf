// Files that are chosen but not yet sent: uploaded at once, shown in the composer, shared with the message.

import { fileAddress, uploadFile } from "./api.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { change, toast } from "./store.js";

/** Upload these files and keep them with the composer's draft. */
export function takeFiles(key, chosen) {
  for (const file of chosen) take(key, file);
}

export function pendingFiles(key, files) {
  if (!files.length) return null;
  return h(
    "ul",
    { class: "pending-files", "aria-label": "Files to send" },
    files.map((file) => pending(key, file)),
  );
}

function pending(key, file) {
  const picture = file.id && file.mimetype?.startsWith("image/");
  return h(
    "li",
    { key: file.id ?? file.name, class: "pending-file", "data-file-id": file.id ?? null, title: file.name },
    picture
      ? h("img", { src: fileAddress(file.id), alt: file.name })
      : h(
          "span",
          { class: "pending-card" },
          file.id ? icon("file", 20) : h("span", { class: "spinner" }),
          h("span", null, file.name),
        ),
    file.id &&
      h(
        "button",
        {
          type: "button",
          class: "pending-remove",
          "aria-label": `Remove ${file.name}`,
          onclick: () => edit(key, (files) => files.filter((one) => one.id !== file.id)),
        },
        icon("close", 12),
      ),
  );
}

async function take(key, file) {
  const waiting = { name: file.name };
  edit(key, (files) => [...files, waiting]);
  try {
    const uploaded = await uploadFile(file);
    edit(key, (files) => files.map((one) => (one === waiting ? uploaded : one)));
  } catch (error) {
    toast(`${file.name}: ${error.message}`);
    edit(key, (files) => files.filter((one) => one !== waiting));
  }
}

function edit(key, mutation) {
  change((s) => {
    const draft = s.composers.get(key) ?? { text: "", files: [], caret: 0 };
    s.composers.set(key, { ...draft, files: mutation(draft.files) });
  });
}
