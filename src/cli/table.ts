import type { Listed } from "../client/index.ts";
import { lifeLine, span } from "./life-line.ts";
import type { Output } from "./output.ts";
import { join, plain, type Plain } from "./plain.ts";
import { cut, widthOf } from "./width.ts";

/** Columns of the life line. */
const LIFE = 10;

/** Names are not cut below this for the sake of another column. */
const NAME = 24;

const GAP = "  ";

/** A stream in the table. Times in seconds. */
interface Row {
  readonly name: string;
  readonly idle: number;
  readonly left: number;
  readonly ttl: number;
  readonly observers: number;
}

interface Column {
  readonly title: string;
  /** At least so wide: a table that is drawn again should stay in its place. */
  readonly width: number;
  cell(row: Row, output: Output): Plain;
}

/** All but the name, in the order in which they are shown. */
const COLUMNS = {
  life: {
    title: "LIFE".padEnd(LIFE),
    width: LIFE,
    cell: ({ left, ttl }, output) => lifeLine(left / ttl, LIFE, output),
  },
  left: { title: "LEFT", width: 6, cell: ({ left }) => plain`${span(left)}` },
  listeners: { title: "LISTENERS", width: 9, cell: ({ observers }) => plain`${observers}` },
  last: { title: "LAST", width: 10, cell: ({ idle }) => plain`${span(idle)} ago` },
} satisfies Record<string, Column>;

/** The columns to leave out, one after the other, where the terminal is narrow. */
const LEAST_IMPORTANT: readonly Column[] = [COLUMNS.last, COLUMNS.life, COLUMNS.listeners, COLUMNS.left];

/** Formats streams as a table of the width of a terminal, with a header line. */
export function table(listed: readonly Listed[], now: Date, output: Output): Plain[] {
  if (listed.length === 0) return [output.dim(plain`No public streams`)];
  const rows = listed.map(({ name, observers, updated, ttl }) => {
    const idle = Math.max((now.getTime() - updated.getTime()) / 1000, 0);
    return { name, observers, ttl, idle, left: Math.max(ttl - idle, 0) };
  });
  const columns = Object.values(COLUMNS).map((column: Column) => {
    const cells = rows.map((row) => column.cell(row, output));
    return { column, cells, width: Math.max(column.width, ...cells.map(widthOf)) };
  });
  const longest = Math.max("STREAM".length, ...rows.map(({ name }) => widthOf(cut(name, Infinity))));
  let shown = columns;
  const room = () => output.columns - shown.reduce((sum, { width }) => sum + GAP.length + width, 0);
  for (const least of LEAST_IMPORTANT)
    if (room() < Math.min(longest, NAME)) shown = shown.filter(({ column }) => column !== least);
  const name = Math.min(longest, Math.max(room(), 1));
  const line = (first: Plain, rest: readonly Plain[]) => {
    const cells = rest.map((cell, i) => plain`${" ".repeat((shown[i]?.width ?? 0) - widthOf(cell))}${cell}`);
    return join([plain`${first}${" ".repeat(name - widthOf(first))}`, ...cells], GAP);
  };
  const titles = shown.map(({ column }) => plain`${column.title}`);
  return [
    output.dim(line(cut("STREAM", name), titles)),
    ...rows.map((row, i) => {
      const cells = shown.map((column) => column.cells[i] ?? plain``);
      return line(cut(row.name, name), cells);
    }),
  ];
}
