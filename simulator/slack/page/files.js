// Files in messages: pictures and films large, everything else as a card.

import { fileAddress } from "./api.js";
import { modalBox } from "./dialog.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { change, state } from "./store.js";

export function attachments(files) {
  const shown = files.filter((file) => file.mode !== "tombstone");
  if (!shown.length) return null;
  return h(
    "div",
    { class: `attachments${shown.length > 1 ? " attachments-many" : ""}` },
    shown.map(attachment),
  );
}

function attachment(file) {
  const props = { key: file.id, "data-file-id": file.id };
  if (file.mimetype?.startsWith("image/")) {
    const open = () =>
      change(
        (s) =>
          (s.picture = {
            src: fileAddress(file.id),
            alt: file.alt_txt ?? file.name,
            name: file.title || file.name,
          }),
      );
    return h(
      "figure",
      { ...props, class: "attachment" },
      h("figcaption", null, file.title || file.name),
      h(
        "button",
        { type: "button", class: "image-open", "aria-label": `Enlarge: ${file.name}`, onclick: open },
        h("img", { src: fileAddress(file.id), alt: file.alt_txt ?? file.name, loading: "lazy" }),
      ),
    );
  }
  if (file.mimetype?.startsWith("video/")) {
    return h(
      "figure",
      { ...props, class: "attachment" },
      h("figcaption", null, file.title || file.name),
      h("video", { src: fileAddress(file.id), controls: true, preload: "metadata", "aria-label": file.name }),
    );
  }
  return h(
    "a",
    { ...props, class: "file-card", href: fileAddress(file.id), download: file.name },
    h("span", { class: "file-thumb" }, icon("file", 22)),
    h(
      "span",
      { class: "file-words" },
      h("span", { class: "file-name" }, file.title || file.name),
      h("span", { class: "file-detail" }, `${(file.filetype ?? "file").toUpperCase()} · ${size(file.size)}`),
    ),
    icon("download"),
  );
}

/** The picture that was clicked, over everything. */
export function largePicture() {
  const { picture } = state;
  if (!picture) return null;
  const shut = () => change((s) => (s.picture = null));
  return modalBox(
    { key: "picture", class: "picture", "aria-label": picture.name, dismiss: shut },
    h(
      "header",
      { class: "picture-head" },
      h("span", null, picture.name),
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": "Close", onclick: shut },
        icon("close"),
      ),
    ),
    h("img", { src: picture.src, alt: picture.alt, onclick: shut }),
  );
}

/** Bytes in words: "340 kB". */
export function size(bytes) {
  if (!bytes) return "";
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
