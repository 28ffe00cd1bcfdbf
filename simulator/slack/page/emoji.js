// The emoji that a workspace knows by name. Those that carry a status are drawn here, so that they look the
// same on a machine without an emoji font.

import { h } from "./dom.js";
import { ART } from "./emoji_art.js";

export const EMOJI = {
  "+1": "👍",
  "-1": "👎",
  alarm_clock: "⏰",
  arrow_down: "⬇️",
  arrow_left: "⬅️",
  arrow_right: "➡️",
  arrow_up: "⬆️",
  art: "🎨",
  bar_chart: "📊",
  bell: "🔔",
  black_circle: "⚫",
  blue_circle: "🔵",
  blush: "😊",
  bookmark: "🔖",
  books: "📚",
  bulb: "💡",
  calendar: "📆",
  camera: "📷",
  camera_with_flash: "📸",
  chart_with_upwards_trend: "📈",
  clap: "👏",
  clipboard: "📋",
  clock3: "🕒",
  coffee: "☕",
  date: "📅",
  double_vertical_bar: "⏸️",
  exclamation: "❗",
  electric_plug: "🔌",
  eyes: "👀",
  facebook: "📘",
  fallen_leaf: "🍂",
  maple_leaf: "🍁",
  leaves: "🍃",
  herb: "🌿",
  snowflake: "❄️",
  sun_with_face: "🌞",
  cake: "🍰",
  croissant: "🥐",
  pumpkin: "🎃",
  tea: "🍵",
  bagel: "🥯",
  house: "🏠",
  birthday: "🎂",
  gift: "🎁",
  sunflower: "🌻",
  cherry_blossom: "🌸",
  slightly_smiling_face: "🙂",
  heart_eyes: "😍",
  muscle: "💪",
  trophy: "🏆",
  fire: "🔥",
  frame_with_picture: "🖼️",
  gear: "⚙️",
  globe_with_meridians: "🌐",
  grey_question: "❔",
  hand: "✋",
  heart: "❤️",
  heavy_check_mark: "✔️",
  heavy_plus_sign: "➕",
  hourglass: "⌛",
  hourglass_flowing_sand: "⏳",
  inbox_tray: "📥",
  information_source: "ℹ️",
  instagram: "📷",
  iphone: "📱",
  joy: "😂",
  key: "🔑",
  large_blue_circle: "🔵",
  large_green_circle: "🟢",
  large_orange_circle: "🟠",
  large_red_circle: "🔴",
  large_yellow_circle: "🟡",
  leftwards_arrow_with_hook: "↩️",
  link: "🔗",
  lock: "🔒",
  loudspeaker: "📢",
  mag: "🔍",
  mega: "📣",
  memo: "📝",
  moneybag: "💰",
  movie_camera: "🎥",
  negative_squared_cross_mark: "❎",
  newspaper: "📰",
  no_entry: "⛔",
  no_entry_sign: "🚫",
  octagonal_sign: "🛑",
  ok_hand: "👌",
  outbox_tray: "📤",
  package: "📦",
  page_facing_up: "📄",
  paperclip: "📎",
  pause_button: "⏸️",
  pencil: "📝",
  pencil2: "✏️",
  pray: "🙏",
  pushpin: "📌",
  question: "❓",
  raised_hand: "✋",
  raised_hands: "🙌",
  recycle: "♻️",
  red_circle: "🔴",
  repeat: "🔁",
  rocket: "🚀",
  rotating_light: "🚨",
  scroll: "📜",
  shield: "🛡️",
  smile: "😄",
  sparkles: "✨",
  speech_balloon: "💬",
  star: "⭐",
  stopwatch: "⏱️",
  sunny: "☀️",
  tada: "🎉",
  thinking_face: "🤔",
  thumbsdown: "👎",
  thumbsup: "👍",
  timer_clock: "⏲️",
  unlock: "🔓",
  video_camera: "📹",
  warning: "⚠️",
  wastebasket: "🗑️",
  wave: "👋",
  white_check_mark: "✅",
  white_circle: "⚪",
  x: "❌",
  zap: "⚡",
  zzz: "💤",
};

const NAMES = new Map(Object.entries(EMOJI).map(([name, character]) => [plain(character), name]));
const CHARACTERS = [...NAMES.keys()].filter((character) => ART[NAMES.get(character)]);
const DRAWN = new RegExp(`(${CHARACTERS.join("|")})\\uFE0F?`, "gu");

/** `:name:` as an image, or null if nobody knows that emoji. */
export function emoji(name) {
  const base = name.split("::")[0];
  const character = EMOJI[base];
  if (!character) return null;
  const art = ART[base] ?? ART[NAMES.get(plain(character))];
  if (!art && !drawable()) return h("span", { class: "emoji-name" }, `:${base}:`);
  const props = {
    class: `emoji${art ? " emoji-drawn" : ""}`,
    role: "img",
    "aria-label": `${base} emoji`,
    title: `:${base}:`,
  };
  return h("span", props, art ? drawing(art) : character);
}

/** Text with emoji characters in it, with those that we can draw, drawn. */
export function withEmoji(text) {
  return text.split(DRAWN).map((part, index) => (index % 2 ? emoji(NAMES.get(part)) : part));
}

let known; // whether this machine has an emoji font

function drawable() {
  if (known === undefined) {
    const canvas = Object.assign(document.createElement("canvas"), { width: 16, height: 16 }).getContext(
      "2d",
      { willReadFrequently: true },
    );
    canvas.font = "12px sans-serif";
    canvas.fillText("😀", 0, 12);
    const pixels = canvas.getImageData(0, 0, 16, 16).data;
    known = pixels.some((value, at) => at % 4 === 0 && value !== pixels[at + 1]); // a letter is black, an emoji has colours
  }
  return known;
}

function drawing(art) {
  return h(
    "svg",
    { viewBox: "0 0 20 20", "aria-hidden": "true" },
    art.map(([shape, props]) => h(shape, props)),
  );
}

function plain(character) {
  return character.replace(/\uFE0F/g, "");
}
