import { usageOf, type Command } from "./command.ts";
import { EXIT, UsageError } from "./failure.ts";
import { variableOf, type Option } from "./option.ts";
import { COMMON } from "./parse.ts";

/** `malten help` */
export function helpCommand(commands: readonly Command[]): Command {
  return {
    name: "help",
    summary: "show this, or how to use a command",
    details: ["Shows what malten can do, or how to use one of its commands."],
    arguments: [{ name: "COMMAND", optional: true }],
    options: [],
    async run({ first }, { output }) {
      const command = commands.find(({ name }) => name === first);
      if (command === undefined && first !== "") throw new UsageError(`There is no command ${first}`);
      await output.line(command === undefined ? overview(commands) : helpOf(command));
      return EXIT.done;
    },
  };
}

/** What `malten --help` says: fits a screen of 24 lines of 80 characters. */
export function overview(commands: readonly Command[]): string {
  return `malten: ephemeral message streams, in memory only

Usage: malten [COMMAND] [OPTIONS]

${columns(commands.map((command) => [usageOf(command), command.summary]))}

${columns(COMMON.map(rowOf))}

malten COMMAND --help shows its options. Each can be a variable: MALTEN_SERVER
is --server. Without a command, malten serves; malten serve --help shows how.

Exit codes: 0 done, 1 failed or refused, 2 used wrongly, 69 server not reached,
130 interrupted.`;
}

/** What `malten COMMAND --help` says. */
export function helpOf(command: Command): string {
  const { details, options } = command;
  const sections = [`Usage: malten ${usageOf(command)}${options.length > 0 ? " [OPTIONS]" : ""}`];
  sections.push(details.join("\n"), columns([...options, ...COMMON].map(rowOf)));
  if (options.length > 0) sections.push(wrapped(["Variables:", ...options.map(variableOf)]));
  return sections.join("\n\n");
}

/** `-v, --version`, what it does, its preset. */
function rowOf({ name, short, value, help, preset }: Option<unknown>): [string, string] {
  const names = `${short === undefined ? "" : `-${short}, `}--${name}`;
  return [
    value === undefined ? names : `${names} ${value}`,
    preset === undefined ? help : `${help} (${preset})`,
  ];
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}

/** The words, in lines of at most 80 characters. */
function wrapped(words: readonly string[]): string {
  const lines = [""];
  for (const word of words) {
    const line = lines.at(-1) ?? "";
    if (line.length + word.length < 80) lines.splice(-1, 1, line === "" ? word : `${line} ${word}`);
    else lines.push(`  ${word}`);
  }
  return lines.join("\n");
}
