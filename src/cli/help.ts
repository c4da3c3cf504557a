import { variableOf, type Option } from "../options/option.ts";
import { synopsis, usageLine, type Command } from "./command.ts";
import { COMMON } from "./parse.ts";

/** Returns the text of `malten --help`, which fits a terminal of 24 lines and 80 columns. */
export function overview(commands: readonly Command[]): string {
  return `Malten: chat rooms and log streams that delete themselves

Usage: malten [COMMAND] [OPTIONS]

${columns(commands.map((command) => [synopsis(command), command.summary]))}

${columns(COMMON.map(rowOf))}

Run "malten COMMAND --help" for the options of a command. Every option has an
environment variable: MALTEN_SERVER for --server.

Exit codes: 0 success, 1 failure, 2 usage error, 69 server unreachable, 75 try
again later, 77 link used by others, 130 interrupted (Ctrl-C), 143 terminated.`;
}

/** Returns the text of `malten COMMAND --help`. */
export function helpOf(command: Command): string {
  const { details, options } = command;
  const sections = [usageLine(command)];
  sections.push(details.join("\n"), columns([...options, ...COMMON].map(rowOf)));
  if (options.length > 0) sections.push(wrap(["Environment:", ...options.map(variableOf)]));
  return sections.join("\n\n");
}

/** `--port N`, its description and default. */
function rowOf(option: Option<unknown>): [string, string] {
  const { name, short, value, help } = option;
  const names = `${short === undefined ? "" : `-${short}, `}--${name}`;
  return [
    value === undefined ? names : `${names} ${value}`,
    option.default === undefined ? help : `${help} (default ${option.default})`,
  ];
}

/** Two columns; the second is wrapped. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  const indent = " ".repeat(width + 4);
  return rows
    .map(([left, right]) => `  ${left.padEnd(width)}  ${wrap(right.split(" "), indent, indent.length)}`)
    .join("\n");
}

/** Wraps words to lines of at most 80 characters. The first line begins at column `begin`. */
function wrap(words: readonly string[], indent = "  ", begin = 0): string {
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    const used = lines.length === 0 ? begin : 0;
    if (line !== "" && used + line.length + word.length >= 80) {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join("\n");
}
