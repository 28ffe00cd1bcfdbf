// Small drawings, each a list of SVG shapes on a 20 by 20 grid.

const line = (d, stroke, width = 2.2) => [
  "path",
  { d, stroke, "stroke-width": width, fill: "none", "stroke-linecap": "round", "stroke-linejoin": "round" },
];
const area = (d, fill) => ["path", { d, fill }];
const disc = (cx, cy, r, fill) => ["circle", { cx, cy, r, fill }];
const box = (x, y, width, height, rx, fill) => ["rect", { x, y, width, height, rx, fill }];

const circle = (colour) => [disc(10, 10, 8, colour)];
const calendar = [
  box(2.5, 4, 15, 13.5, 2, "#f4f4f2"),
  area("M2.5 6a2 2 0 0 1 2-2h11a2 2 0 0 1 2 2v2.8h-15z", "#d6453d"),
  line("M6.5 2.6v3M13.5 2.6v3", "#8b8a91", 1.6),
  box(5.4, 11, 2.4, 2, 0.4, "#a6a5ac"),
  box(8.8, 11, 2.4, 2, 0.4, "#a6a5ac"),
  box(12.2, 11, 2.4, 2, 0.4, "#a6a5ac"),
  box(5.4, 14, 2.4, 2, 0.4, "#a6a5ac"),
  box(8.8, 14, 2.4, 2, 0.4, "#d6453d"),
];
const glass = [
  area(
    "M5 2.5h10v2c0 2.6-2.4 4-3.6 5.5C12.6 11.5 15 13 15 15.5v2H5v-2c0-2.5 2.4-4 3.6-5.5C7.4 8.5 5 7.1 5 4.5z",
    "#dcebf5",
  ),
  area(
    "M7 5.8h6c-.6 1.4-2.2 2.3-3 3.4-.8-1.1-2.4-2-3-3.4zM10 11.5c1 1.5 3.3 2.5 3.3 4.5H6.7c0-2 2.3-3 3.3-4.5z",
    "#e0a33e",
  ),
  line("M4.3 2.5h11.4M4.3 17.5h11.4", "#8a5a34", 2),
];
const clock = [
  disc(10, 10, 8, "#f4f4f2"),
  ["circle", { cx: 10, cy: 10, r: 7.2, fill: "none", stroke: "#5b6b7b", "stroke-width": 1.7 }],
  line("M10 5.6V10l3 1.9", "#34404c", 1.7),
];
const camera = [
  box(2, 5.5, 16, 11.5, 2.2, "#4d535b"),
  box(6.8, 3.5, 6.4, 3.2, 1, "#4d535b"),
  disc(10, 11.2, 4, "#dfe6ec"),
  disc(10, 11.2, 2.6, "#3c7fb5"),
  disc(15.3, 8, 0.9, "#f2c14e"),
];
const paper = [
  box(4, 2.3, 12, 15.4, 1.5, "#f7f5ef"),
  line("M6.7 6.2h6.6M6.7 9.2h6.6M6.7 12.2h4", "#9aa0a6", 1.3),
];
const pencil = [...paper, line("M16.6 8.8l-5.4 5.4-1.6.5.5-1.6 5.4-5.4z", "#e0a33e", 1.8)];
const padlock = (open) => [
  line(open ? "M6.6 9V6.3a3.4 3.4 0 0 1 6.5-1.4" : "M6.6 9V6.3a3.4 3.4 0 0 1 6.8 0V9", "#8b8f96", 2),
  box(4.3, 8.8, 11.4, 8.7, 1.8, "#e6a93a"),
  disc(10, 12.6, 1.5, "#6b4a12"),
];
const horn = [
  area("M3 8.2l9.5-4.7v11.8L3 11.8z", "#d6453d"),
  area("M12.5 3.5c2.6.8 2.6 11 0 11.8z", "#f1d3c2"),
  line("M6 12.5l1.3 4.3h2.2", "#8b8a91", 1.8),
];
const thumb = [
  area(
    "M8.5 9l2.7-6.2c1.8 0 2.5 1.3 2 3L12.6 8h3.2c1.3 0 2 1.1 1.7 2.3l-1.3 5.5c-.3 1.1-1 1.7-2.1 1.7H8.5z",
    "#f2b84b",
  ),
  box(3, 8.8, 4.2, 8.9, 1, "#4178b5"),
];
const bars = [
  box(2, 2, 16, 16, 2, "#eef1f4"),
  box(4.5, 10, 2.8, 5.5, 0.5, "#3f8158"),
  box(8.6, 5, 2.8, 10.5, 0.5, "#3c7fb5"),
  box(12.7, 7.5, 2.8, 8, 0.5, "#d6453d"),
];
const pause = [
  box(2, 2, 16, 16, 3.5, "#4a86c5"),
  box(6, 5.5, 2.8, 9, 0.8, "#fff"),
  box(11.2, 5.5, 2.8, 9, 0.8, "#fff"),
];
const ban = [disc(10, 10, 8, "#d6453d"), disc(10, 10, 5.4, "#fff"), line("M6 6l8 8", "#d6453d", 2.6)];
const repeat = [
  box(2, 2, 16, 16, 3.5, "#4a86c5"),
  line(
    "M5.5 9.5a4.5 3.5 0 0 1 8-1.8M14.5 10.5a4.5 3.5 0 0 1-8 1.8M13.8 5.3v2.7h-2.7M6.2 14.7V12h2.7",
    "#fff",
    1.6,
  ),
];

export const ART = {
  "+1": thumb,
  alarm_clock: clock,
  bar_chart: bars,
  bell: [
    area(
      "M10 2.6c3 0 4.8 2.2 4.8 5.2 0 3.7 1.7 4.6 1.7 6.2h-13c0-1.6 1.7-2.5 1.7-6.2 0-3 1.8-5.2 4.8-5.2z",
      "#edb43c",
    ),
    disc(10, 16, 1.9, "#b97f16"),
  ],
  black_circle: circle("#33343a"),
  bulb: [disc(10, 8, 5.5, "#f6cf4f"), box(7.6, 12.5, 4.8, 4.8, 1.3, "#8b8f96")],
  calendar,
  camera,
  camera_with_flash: camera,
  chart_with_upwards_trend: [
    box(2, 2, 16, 16, 2, "#eef1f4"),
    line("M4.5 14l4-4.5 2.5 2.2 4.5-6", "#d6453d", 1.9),
  ],
  clipboard: [
    box(3.5, 3, 13, 15, 1.8, "#b07a4a"),
    box(5.3, 5, 9.4, 11.4, 0.8, "#f7f5ef"),
    box(7.2, 1.8, 5.6, 3.4, 1, "#8b8f96"),
    line("M7 8.6h6M7 11.3h6M7 14h3.5", "#9aa0a6", 1.2),
  ],
  clock3: clock,
  coffee: [
    area("M3.5 8h10.5v4.5a4.5 4.5 0 0 1-4.5 4.5H8a4.5 4.5 0 0 1-4.5-4.5z", "#8a5a34"),
    line("M14 9.2h1.2a2 2 0 0 1 0 4H14M7 3v2.3M10.5 3v2.3", "#8a5a34", 1.6),
  ],
  date: calendar,
  double_vertical_bar: pause,
  electric_plug: [
    line("M6.8 2.4v4.4M13.2 2.4v4.4", "#8b8f96", 2.2),
    area("M3.8 6.8h12.4v3a6.2 5 0 0 1-12.4 0z", "#4d535b"),
    line("M10 14.5v1.2c0 1.2 1 1.9 2.2 1.9h3.6", "#4d535b", 2.2),
  ],
  exclamation: [line("M10 3.5v8", "#d6453d", 3.2), disc(10, 16, 1.8, "#d6453d")],
  eyes: [
    ["ellipse", { cx: 6, cy: 10, rx: 3.8, ry: 5.4, fill: "#fff", stroke: "#5b6b7b", "stroke-width": 1.2 }],
    ["ellipse", { cx: 14, cy: 10, rx: 3.8, ry: 5.4, fill: "#fff", stroke: "#5b6b7b", "stroke-width": 1.2 }],
    disc(5, 11, 1.9, "#34404c"),
    disc(13, 11, 1.9, "#34404c"),
  ],
  fire: [
    area(
      "M10.3 1.8c.6 3 4.9 5 4.9 10a5.2 5.2 0 0 1-10.4 0c0-2.2 1-3.6 2-4.8.2 1.3.7 2 1.5 2.3.1-3 .5-5.5 2-7.5z",
      "#e5582b",
    ),
    area("M10.2 9.5c.3 1.4 2.3 2.3 2.3 4.5a2.5 2.5 0 0 1-5 0c0-1.7 2.2-2.5 2.7-4.5z", "#f9c846"),
  ],
  frame_with_picture: [
    box(2, 3.5, 16, 13, 1.5, "#b07a4a"),
    box(4, 5.5, 12, 9, 0.6, "#bfe0f2"),
    area("M4 14.5l3.8-5 2.8 3.2 2.2-2.4 3.2 4.2z", "#3f8158"),
    disc(13.5, 7.8, 1.2, "#f6cf4f"),
  ],
  gear: [
    ["circle", { cx: 10, cy: 10, r: 5, fill: "none", stroke: "#6b7480", "stroke-width": 3 }],
    line(
      "M10 2v2.6M10 15.4V18M2 10h2.6M15.4 10H18M4.3 4.3l1.9 1.9M13.8 13.8l1.9 1.9M4.3 15.7l1.9-1.9M13.8 6.2l1.9-1.9",
      "#6b7480",
      2.4,
    ),
  ],
  heart: [
    area("M10 17S2.5 12.3 2.5 7.3A4 4 0 0 1 10 5.4a4 4 0 0 1 7.5 1.9C17.5 12.3 10 17 10 17z", "#d6333f"),
  ],
  heavy_check_mark: [line("M4 10.8l4 4 8-9.3", "#2f8f5b", 3)],
  hourglass: glass,
  hourglass_flowing_sand: glass,
  information_source: [
    box(2, 2, 16, 16, 3.5, "#4a86c5"),
    disc(10, 6, 1.4, "#fff"),
    line("M10 9.5v5", "#fff", 2.3),
  ],
  instagram: camera,
  key: [
    ["circle", { cx: 6.5, cy: 7, r: 3.5, fill: "none", stroke: "#e0a33e", "stroke-width": 2.4 }],
    line("M9.2 9.6l7 6.9M13.2 13.6l2-2", "#e0a33e", 2.4),
  ],
  large_blue_circle: circle("#3c7fd0"),
  large_green_circle: circle("#35a35f"),
  large_orange_circle: circle("#ee8b33"),
  large_red_circle: circle("#d6453d"),
  large_yellow_circle: circle("#f0c33c"),
  leftwards_arrow_with_hook: [
    box(2, 2, 16, 16, 3.5, "#3c7fd0"),
    line("M8.2 7.2L5.2 10.2l3 3M5.6 10.2h6.2a2.7 2.7 0 0 0 0-5.4h-1", "#fff", 1.9),
  ],
  link: [
    line(
      "M8.6 11.4a2.7 2.7 0 0 0 3.9 0l2.9-2.9a2.7 2.7 0 0 0-3.9-3.9l-1 1M11.4 8.6a2.7 2.7 0 0 0-3.9 0l-2.9 2.9a2.7 2.7 0 0 0 3.9 3.9l1-1",
      "#7b8794",
      2.2,
    ),
  ],
  lock: padlock(false),
  loudspeaker: horn,
  mag: [
    ["circle", { cx: 8.5, cy: 8.5, r: 5, fill: "#dcebf5", stroke: "#5b6b7b", "stroke-width": 2 }],
    line("M12.4 12.4l4.6 4.6", "#5b6b7b", 2.8),
  ],
  mega: horn,
  memo: pencil,
  newspaper: paper,
  no_entry: [disc(10, 10, 8, "#d6453d"), box(5, 8.6, 10, 2.8, 0.6, "#fff")],
  no_entry_sign: ban,
  octagonal_sign: [area("M6.7 2h6.6L18 6.7v6.6L13.3 18H6.7L2 13.3V6.7z", "#d6453d")],
  page_facing_up: paper,
  paperclip: [line("M14.5 9.2l-5 5a3 3 0 0 1-4.3-4.3l5.6-5.5a2 2 0 0 1 2.9 2.8l-5.6 5.6", "#7b8794", 1.9)],
  pause_button: pause,
  pencil,
  pencil2: [line("M15.5 4.5l-9 9-2.5 2.5", "#e0a33e", 3.2), line("M4 16l.3-.3", "#34404c", 2.6)],
  pushpin: [disc(12.5, 6.5, 4, "#d6453d"), line("M10 9.5l-5.5 7", "#7b8794", 1.9)],
  question: [
    line("M6.8 6.8a3.2 3.2 0 1 1 4.7 2.9c-1 .6-1.5 1.2-1.5 2.6", "#d6453d", 2.8),
    disc(10, 16.3, 1.7, "#d6453d"),
  ],
  raised_hand: [
    area(
      "M5.2 9.5c0-1.3 1.8-1.3 1.8 0V4.3c0-1.4 1.9-1.4 1.9 0v-1c0-1.4 1.9-1.4 1.9 0v1c0-1.4 1.9-1.4 1.9 0v1.4c0-1.3 1.8-1.3 1.8 0v6.6c0 3.6-2 5.9-4.9 5.9-2.6 0-4.4-1.6-4.4-4.4z",
      "#f2bf4c",
    ),
    line("M8.9 5v4.3M10.8 5v4.3M12.7 6v3.3", "#d39b2b", 0.8),
  ],
  red_circle: circle("#d6453d"),
  repeat,
  rocket: [
    area("M11 13.5L6.5 9C8 4.5 12 2 17.5 2.5 18 8 15.5 12 11 13.5z", "#c9d3dc"),
    disc(12.7, 7.3, 1.9, "#3c7fb5"),
    area("M6.8 8.8l-3.6.6L6 6.6c1-.4 2-.3 2.7 0zM11.2 13.2l-.6 3.6 2.8-2.8c.4-1 .3-2 0-2.7z", "#d6453d"),
    area("M6.6 11.5c-1.8.3-3 2.7-3.4 5.3 2.6-.4 5-1.6 5.3-3.4z", "#f0a12f"),
  ],
  rotating_light: [
    area("M4.5 14v-3.5a5.5 5.5 0 0 1 11 0V14z", "#d6453d"),
    box(3, 14, 14, 3.5, 1, "#5b6b7b"),
    line("M10 1.5v1.3M3.6 4.2l.9.9M16.4 4.2l-.9.9", "#d6453d", 1.5),
  ],
  sparkles: [
    area(
      "M8 3c.7 4 2 5.3 6 6-4 .7-5.3 2-6 6-.7-4-2-5.3-6-6 4-.7 5.3-2 6-6zM15 2c.3 1.7.9 2.3 2.6 2.6-1.7.3-2.3.9-2.6 2.6-.3-1.7-.9-2.3-2.6-2.6 1.7-.3 2.3-.9 2.6-2.6zM15 12.5c.3 1.7.9 2.3 2.6 2.6-1.7.3-2.3.9-2.6 2.6-.3-1.7-.9-2.3-2.6-2.6 1.7-.3 2.3-.9 2.6-2.6z",
      "#f0b93c",
    ),
  ],
  speech_balloon: [
    area(
      "M10 3c4.6 0 8 2.7 8 6s-3.4 6-8 6c-.8 0-1.6-.1-2.3-.2L4 17.2l.8-3.4C3 12.6 2 10.9 2 9c0-3.3 3.4-6 8-6z",
      "#d5e3ee",
    ),
    disc(6.5, 9, 1, "#5b6b7b"),
    disc(10, 9, 1, "#5b6b7b"),
    disc(13.5, 9, 1, "#5b6b7b"),
  ],
  star: [area("M10 1.8l2.5 5.3 5.8.7-4.3 4 1.1 5.7L10 14.7l-5.1 2.8L6 11.8l-4.3-4 5.8-.7z", "#f0b93c")],
  stopwatch: clock,
  tada: [
    area("M2.5 17.5L6.7 6.8l6.5 6.5z", "#e6a93a"),
    line("M10 6.5c.8-1.2.6-2.8-.2-4M13.5 10c1.2-.9 2.9-.8 4.1.1", "#c0487a", 1.7),
    disc(14, 4, 1.2, "#3c7fb5"),
    disc(16.6, 7, 1, "#35a35f"),
    disc(12.2, 8, 1, "#d6453d"),
    disc(16, 13.6, 1.1, "#7a5cc0"),
  ],
  thumbsup: thumb,
  timer_clock: clock,
  unlock: padlock(true),
  warning: [
    area(
      "M10 2.5c.5 0 .9.2 1.2.7l7 12.3c.5 1-.1 2-1.2 2H3c-1.1 0-1.7-1-1.2-2l7-12.3c.3-.5.7-.7 1.2-.7z",
      "#f5b921",
    ),
    line("M10 7.8v4.2", "#463300", 1.9),
    disc(10, 14.7, 1.15, "#463300"),
  ],
  wastebasket: [
    area("M4.5 6h11l-1 11.5h-9z", "#98a2ad"),
    line("M3.5 5.5h13M8 3.3h4M8 8.5v6M12 8.5v6", "#5b6b7b", 1.4),
  ],
  white_check_mark: [box(2, 2, 16, 16, 3.5, "#35a35f"), line("M5.7 10.4l3 3 5.6-6.4", "#fff", 2.4)],
  white_circle: [
    ["circle", { cx: 10, cy: 10, r: 7.3, fill: "#fff", stroke: "#b9bcc2", "stroke-width": 1.4 }],
  ],
  x: [line("M4.5 4.5l11 11M15.5 4.5l-11 11", "#d6453d", 3.2)],
  zap: [area("M11.5 1.5L3.5 11.5h5l-1 7 8.5-10.5h-5.3z", "#f0a92f")],
};
