// Slack's mrkdwn as vnodes. Everything is built as text nodes and elements; no HTML is ever put together.
// Rules: https://docs.slack.dev/messaging/formatting-message-text

import { dateToken, fullTime, moment, zoneName } from "./dates.js";
import { h } from "./dom.js";
import { emoji, withEmoji } from "./emoji.js";
import { link } from "./links.js";
import { channelById, personById, state } from "./store.js";

const MARKS = { "*": "strong", _: "em", "~": "s" };

/** A text object ({type, text, emoji?, verbatim?}) as children of an element. */
export function textObject(object) {
  if (!object) return null;
  return object.type === "mrkdwn" ? mrkdwn(object.text) : plain(object.text, object.emoji !== false);
}

/** Plain text: nothing but emoji is interpreted. */
export function plain(text, named = true) {
  return decode(text)
    .split(/(:[a-z0-9_+'-]+:)/)
    .map((part) => (named && /^:.+:$/.test(part) && emoji(part.slice(1, -1))) || withEmoji(part));
}

/** Plain text as a string, for names and titles of elements. */
export const words = (object) => decode(object?.text ?? "");

export function mrkdwn(text) {
  return text
    .split(/```(?:\n?)([\s\S]+?)```\n?/)
    .map((part, index) =>
      index % 2
        ? h("pre", { class: "code-block" }, tokensOnly(part.replace(/\n$/, "")))
        : quotesAndLines(part),
    );
}

/** Mentions in mrkdwn and in rich text look alike. */
export function userMention(id, label) {
  const person = personById(id);
  const me = id === state.as ? " mention-me" : "";
  return h("span", { class: `mention${me}`, "data-user": id }, `@${person?.real_name ?? label ?? id}`);
}

export function channelMention(id, label) {
  const channel = channelById(id);
  if (!channel) return h("span", { class: "mention" }, label ? `#${label}` : "#private-channel");
  return link(`/archives/${id}`, `#${channel.name}`, "mention");
}

export const broadcast = (range) => h("span", { class: "mention mention-me" }, `@${range}`);

export function dateMention(seconds, pattern, address) {
  const date = moment(seconds);
  const time = h(
    "time",
    { datetime: date.toISOString(), title: `${fullTime(date)} ${zoneName(date)}` },
    dateToken(seconds, pattern),
  );
  return address ? link(address, time) : time;
}

export const decode = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

function quotesAndLines(text) {
  const parts = [];
  for (const line of text.split("\n")) {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line);
    const last = parts.at(-1);
    if (last && last.quote === Boolean(quoted)) last.lines.push(quoted ? quoted[1] : line);
    else parts.push({ quote: Boolean(quoted), lines: [quoted ? quoted[1] : line] });
  }
  return parts.map(({ quote, lines }) => {
    const drawn = lines.map((line, index) => [index > 0 && h("br"), inline(line)]);
    return quote ? h("blockquote", null, drawn) : drawn;
  });
}

function inline(text) {
  const out = [];
  let from = 0;
  let at = 0;
  const leaf = (to) => from < to && out.push(leaves(text.slice(from, to)));
  while (at < text.length) {
    const span = spanAt(text, at);
    if (!span) at = Math.max(at + 1, skipToken(text, at));
    else {
      leaf(at);
      out.push(
        span.mark === "`"
          ? h("code", null, tokensOnly(span.inner))
          : h(MARKS[span.mark], null, inline(span.inner)),
      );
      from = at = span.end;
    }
  }
  leaf(text.length);
  return out;
}

/** A formatted span that opens at `at`: *bold*, _italic_, ~strike~ or `code`, on one line, at word boundaries. */
function spanAt(text, at) {
  const mark = text[at];
  if (mark === "`") {
    const end = text.indexOf("`", at + 1);
    return end > at + 1 ? { mark, inner: text.slice(at + 1, end), end: end + 1 } : null;
  }
  if (!MARKS[mark] || /[\p{L}\p{N}]/u.test(text[at - 1] ?? " ") || /\s/.test(text[at + 1] ?? " "))
    return null;
  for (let end = at + 1; end < text.length; end = Math.max(end + 1, skipToken(text, end))) {
    const closes =
      text[end] === mark &&
      end > at + 1 &&
      !/\s/.test(text[end - 1]) &&
      !/[\p{L}\p{N}]/u.test(text[end + 1] ?? " ");
    if (closes) return { mark, inner: text.slice(at + 1, end), end: end + 1 };
  }
  return null;
}

/** Where a <token>, :emoji: or `code` that starts here ends, so that marks inside of it mean nothing. */
function skipToken(text, at) {
  if (!"<:`h".includes(text[at])) return at;
  const token = /^(?:<[^<>\n]+>|:[a-z0-9_+'-]+:|`[^`\n]+`|https?:\/\/[^\s<>|*~]+)/.exec(text.slice(at));
  return token ? at + token[0].length : at;
}

const LEAF = /(<[^<>\n]+>|:[a-z0-9_+'-]+:|https?:\/\/[^\s<>|*~]+[^\s<>|*~.,;:!?)\]])/;

function leaves(text) {
  return text.split(LEAF).map((part, index) => {
    if (index % 2 === 0) return withEmoji(decode(part));
    if (part.startsWith("<")) return token(part.slice(1, -1));
    if (part.startsWith(":")) return emoji(part.slice(1, -1)) ?? part;
    return link(decode(part), decode(part));
  });
}

const tokensOnly = (text) =>
  text.split(/(<[^<>\n]+>)/).map((part, index) => (index % 2 ? token(part.slice(1, -1)) : decode(part)));

function token(body) {
  const bar = body.indexOf("|");
  const target = bar < 0 ? body : body.slice(0, bar);
  const label = bar < 0 ? undefined : decode(body.slice(bar + 1));
  if (target.startsWith("@")) return userMention(target.slice(1), label);
  if (target.startsWith("#")) return channelMention(target.slice(1), label);
  if (target.startsWith("!")) return special(target.slice(1), label);
  return link(decode(target), label ? withEmoji(label) : decode(target).replace(/^mailto:/, ""));
}

function special(target, label) {
  const [name, seconds, pattern, address] = target.split("^");
  if (name === "date" && Number.isFinite(Number(seconds)) && pattern)
    return dateMention(seconds, decode(pattern), address && decode(address));
  if (["here", "channel", "everyone"].includes(name)) return broadcast(name);
  return label ?? `@${name}`;
}
