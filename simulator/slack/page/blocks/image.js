// Pictures in blocks: from an address, or from a file of the workspace.

import { fileAddress } from "../api.js";
import { h } from "../dom.js";
import { plain } from "../mrkdwn.js";
import { change } from "../store.js";

export function imageBlock(block) {
  return h(
    "figure",
    { class: "image-block" },
    block.title && h("figcaption", null, plain(block.title.text)),
    h(
      "button",
      {
        type: "button",
        class: "image-open",
        "aria-label": `Enlarge: ${block.alt_text}`,
        onclick: () => enlarge(block),
      },
      picture(block, "image-large"),
    ),
  );
}

export function picture(item, className) {
  return h("img", {
    class: className,
    src: sourceOf(item),
    alt: item.alt_text ?? "",
    title: item.alt_text ?? null,
    loading: "lazy",
    onerror: broken,
  });
}

function enlarge(block) {
  change(
    (s) =>
      (s.picture = { src: sourceOf(block), alt: block.alt_text, name: block.title?.text ?? block.alt_text }),
  );
}

function sourceOf({ image_url: url, slack_file: file }) {
  if (url) return url;
  return fileAddress(file?.id ?? /(F[A-Z0-9]{8,})/.exec(file?.url ?? "")?.[1] ?? "unknown");
}

function broken(event) {
  event.target.classList.add("image-broken");
}
