// rich_text blocks: what people's own messages are made of.

import { h } from "../dom.js";
import { emoji, withEmoji } from "../emoji.js";
import { link } from "../links.js";
import { broadcast, channelMention, dateMention, decode, userMention } from "../mrkdwn.js";

const PARTS = {
  rich_text_section: (part) => h("div", { class: "rich-section" }, part.elements.map(leaf)),
  rich_text_quote: (part) => h("blockquote", null, part.elements.map(leaf)),
  rich_text_preformatted: (part) => h("pre", { class: "code-block" }, part.elements.map(leaf)),
  rich_text_list: (part) =>
    h(
      part.style === "ordered" ? "ol" : "ul",
      {
        class: "rich-list",
        style: `--indent:${part.indent ?? 0}`,
        start: part.offset ? part.offset + 1 : null,
      },
      part.elements.map((item) => h("li", null, item.elements.map(leaf))),
    ),
};

const LEAVES = {
  text: (item) => lines(item.text),
  link: (item) => link(item.url, item.text ?? item.url),
  user: (item) => userMention(item.user_id),
  channel: (item) => channelMention(item.channel_id),
  broadcast: (item) => broadcast(item.range),
  usergroup: (item) => h("span", { class: "mention" }, `@${item.usergroup_id}`),
  emoji: (item) => emoji(item.name) ?? `:${item.name}:`,
  date: (item) => dateMention(item.timestamp, item.format, item.url),
  color: (item) =>
    h(
      "span",
      {
        class: "rich-colour",
        style: `--colour:${/^#[0-9a-f]{3,8}$/i.test(item.value) ? item.value : "#888"}`,
      },
      item.value,
    ),
};

const STYLES = { bold: "strong", italic: "em", strike: "s", code: "code", underline: "u" };

export function richText(block) {
  return h(
    "div",
    { class: "rich" },
    block.elements.map((part) => PARTS[part.type]?.(part)),
  );
}

function leaf(item) {
  const drawn = LEAVES[item.type]?.(item) ?? null;
  return Object.keys(STYLES).reduce(
    (inner, style) => (item.style?.[style] ? h(STYLES[style], null, inner) : inner),
    drawn,
  );
}

const lines = (text) =>
  text.split("\n").map((line, index) => [index > 0 && h("br"), withEmoji(decode(line))]);
