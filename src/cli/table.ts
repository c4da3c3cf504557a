import type { Listed } from "../client/index.ts";
import { isolated, plain, visible, type Plain } from "./plain.ts";

const MAX_NAME_WIDTH = 64;

/** Formats streams as a table for a terminal, with a header line. */
export function rows(listed: readonly Listed[], now: Date, columns: number): Plain[] {
  if (listed.length === 0) return [plain`No public streams`];
  const cells = listed.map(({ name, observers, updated, ttl }) => {
    const idle = Math.max((now.getTime() - updated.getTime()) / 1000, 0);
    return [visible(name), `${observers}`, `${span(idle)} ago`, span(Math.max(ttl - idle, 0))] as const;
  });
  const all = [["STREAM", "LISTENERS", "LAST", "EXPIRES IN"] as const, ...cells];
  const [, second, third, fourth] = [0, 1, 2, 3].map((i) =>
    Math.max(...all.map((row) => row[i]?.length ?? 0)),
  );
  const room = Math.max(columns - (second ?? 0) - (third ?? 0) - (fourth ?? 0) - 6, 8);
  const width = Math.min(Math.max(...all.map(([name]) => name.length)), room, MAX_NAME_WIDTH);
  return all.map(([name, ...rest], i) => {
    const short = name.length > width ? `${name.slice(0, width - 1)}…` : name;
    const numbers = [second, third, fourth].map((size, j) => (rest[j] ?? "").padStart(size ?? 0));
    const padding = " ".repeat(width - short.length);
    // Only the name is text from others.
    const first = i === 0 ? short : isolated(short);
    return plain`${first}${padding}  ${numbers.join("  ")}`;
  });
}

/** Formats seconds as `12 s`, `5 min`, `2 h` or `3 d`, rounded down. */
function span(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
