import type { StreamState } from "../../client/index.ts";
import { lifeLine, span } from "../life-line.ts";
import type { Output } from "../output.ts";
import { plain, type Plain } from "../plain.ts";
import { widthOf } from "../width.ts";
import type { Life } from "./remaining-life.ts";

/** Shortest life line that is worth drawing, in columns. */
const MIN_LINE = 8;

interface Status {
  /** What is known, the most important first: at least one. */
  readonly parts: readonly Plain[];
  readonly life: Life | undefined;
}

/** The line between the messages and the draft: what is known, and how much life the stream has left. */
export function statusLine({ parts, life }: Status, output: Output): Plain {
  const room = output.columns - 1;
  const words = [...parts, ...(life === undefined ? [] : [output.dim(plain`${span(life.left)} left`)])];
  const sentence = () => words.reduce((before, word) => plain`${before}${output.dim(plain` · `)}${word}`);
  let text = sentence();
  while (words.length > 1 && widthOf(text) > room) {
    words.pop();
    text = sentence();
  }
  const rest = room - widthOf(text) - 1;
  if (rest < MIN_LINE) return text;
  if (life === undefined) return plain`${text} ${output.dim(plain`${"─".repeat(rest)}`)}`;
  return plain`${text} ${lifeLine(life.left / life.ttl, rest, output)}`;
}

/** What is wrong with the connection; undefined if nothing is. */
export function problemOf(state: StreamState, now: number): Plain | undefined {
  switch (state.kind) {
    case "connecting":
      return plain`connecting…`;
    case "reconnecting": {
      const seconds = Math.ceil((Number(state.retryAt) - now) / 1000);
      return seconds > 0 ? plain`connection lost, trying again in ${seconds} s` : plain`reconnecting…`;
    }
    case "throttled":
      return plain`the server asks to wait`;
    case "idle":
    case "live":
    case "closed":
      return undefined;
  }
}
