// Block Kit: one function per block. A surface says where the blocks stand:
//   {key, kind: "message" | "modal" | "home", address: {view_id} | {channel, message_ts}, values, errors}
// https://docs.slack.dev/reference/block-kit/blocks

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { mrkdwn, plain, textObject, words } from "../mrkdwn.js";
import { element } from "./element.js";
import { imageBlock, picture } from "./image.js";
import { input } from "./input.js";
import { richText } from "./rich_text.js";

const BLOCKS = {
  header,
  section,
  context,
  actions,
  divider,
  image: imageBlock,
  input,
  rich_text: richText,
  markdown,
  alert,
};

export function blocks(list, surface) {
  return h(
    "div",
    { class: `blocks blocks-${surface.kind}` },
    list.map((block, index) => one(block, index, surface)),
  );
}

function one(block, index, surface) {
  const draw = BLOCKS[block.type] ?? unknown;
  const key = block.block_id ?? index;
  return h(
    "div",
    {
      key,
      class: `block block-${block.type}`,
      "data-block-id": block.block_id,
      "data-block-type": block.type,
    },
    draw(block, surface),
  );
}

function header(block) {
  return h("h3", { class: "block-title" }, textObject(block.text));
}

function section(block, surface) {
  return [
    h(
      "div",
      { class: "section-body" },
      block.text && h("div", { class: "rich" }, textObject(block.text)),
      block.fields &&
        h(
          "div",
          { class: "section-fields" },
          block.fields.map((field) => h("div", { class: "rich" }, textObject(field))),
        ),
    ),
    block.accessory &&
      h("div", { class: "section-accessory" }, element(block.accessory, block, surface, words(block.text))),
  ];
}

function context(block) {
  return block.elements.map((item) =>
    item.type === "image" ? picture(item, "context-image") : h("span", { class: "rich" }, textObject(item)),
  );
}

function actions(block, surface) {
  return block.elements.map((item, index) =>
    h("div", { key: item.action_id ?? index, class: "action" }, element(item, block, surface)),
  );
}

function divider() {
  return h("hr");
}

function markdown(block) {
  const slackish = block.text
    .replace(/\*\*(.+?)\*\*/g, "*$1*")
    .replace(/^#+ (.*)$/gm, "*$1*")
    .replace(/\[([^\]]+)\]\((https?:[^)\s]+)\)/g, "<$2|$1>");
  return h("div", { class: "rich" }, mrkdwn(slackish));
}

function alert(block) {
  const level = block.level ?? "default";
  const drawing = icon(
    ["warning", "error"].includes(level) ? "warning" : level === "success" ? "check" : "info",
  );
  return h(
    "div",
    { class: `alert alert-${level}`, role: level === "error" ? "alert" : "note" },
    drawing,
    h("div", { class: "rich" }, textObject(block.text)),
  );
}

function unknown(block) {
  return h(
    "p",
    { class: "unknown-block" },
    plain(`A block of type “${block.type}” stands here. This page cannot draw it.`),
  );
}
