import type { JSX } from "preact";

/** Strokes on a 24 × 24 grid. */
const PATHS = {
  back: "M15 5l-7 7 7 7",
  share: "M12 15V4m0 0L8 8m4-4l4 4M5 13v6h14v-6",
  settings: "M4 7h10m4 0h2M4 17h2m4 0h10M16 5v4M8 15v4",
  people:
    "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zm-6 9c.6-3.4 3-5 6-5s5.4 1.6 6 5m1-9.500a3 3 0 1 0-1-5.800M21 19c-.4-2.500-1.600-4-3.500-4.600",
  plus: "M12 5v14M5 12h14",
  send: "M5 12h13m0 0l-6-6m6 6l-6 6",
  down: "M12 5v14m0 0l-6-6m6 6l6-6",
  up: "M12 19V5m0 0l-6 6m6-6l6 6",
  reply: "M10 7L5 12l5 5m-5-5h9a5 5 0 0 1 5 5v1",
  search: "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zm4.700-1.800L20 20",
  close: "M6 6l12 12M18 6L6 18",
  log: "M4 6h9M4 12h16M4 18h12",
  pause: "M8 5v14m8-14v14",
  play: "M8 5l11 7-11 7z",
  save: "M12 4v11m0 0l-4-4m4 4l4-4M5 19h14",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zm0-14v5l3 2",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M5 11h14v9H5z",
  more: "M5.500 11v2M12 11v2M18.500 11v2",
  talk: "M4 5h16v11H11l-4 4v-4H4zM8 9h8M8 12h5",
  terminal: "M4 5h16v14H4zM7 9l3 3-3 3M12 15h5",
  copy: "M9 9h10v11H9zM5 15V4h10",
  check: "M5 12.500l4.500 4.500L19 7",
  again: "M19 8a8 8 0 1 0 1 6M20 3v5h-5",
} as const;

export type IconName = keyof typeof PATHS;

/** What points backward or forward, which is the other way in pages from right to left. */
const MIRRORED = new Set<IconName>(["back", "send", "reply"]);

/** A decorative icon, next to a text or inside a labelled button. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" data-mirror={MIRRORED.has(name)}>
      <path d={PATHS[name]} />
    </svg>
  );
}
