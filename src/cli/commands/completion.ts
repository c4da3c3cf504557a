import type { Option } from "../../options/option.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../failure.ts";
import { COMMON } from "../parse.ts";
import { Plain } from "../plain.ts";

const SHELLS: Readonly<Record<string, (commands: readonly Command[]) => string>> = { bash, zsh, fish };

/** `malten completion` */
export function completionCommand(commands: readonly Command[]): Command {
  return {
    name: "completion",
    summary: "print a shell completion script",
    details: [
      "Prints a script that completes commands, options, and the names of public",
      "streams on the server in MALTEN_SERVER. To load it:",
      "  bash  source <(malten completion bash)",
      "  zsh   source <(malten completion zsh)",
      "  fish  malten completion fish | source",
    ],
    arguments: [{ name: "SHELL", choices: Object.keys(SHELLS) }],
    options: [],
    async run({ first }, { output }) {
      await output.line(Plain.own(SHELLS[first]?.(commands) ?? ""));
      return EXIT.done;
    },
  };
}

/**
 * Needs only `complete -F` of bash itself, not the bash-completion package. `compgen` would run commands in what a hostile server calls
 * its streams, so only the characters of names pass.
 */
function bash(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name);
  return `_malten_streams() {
  local name rest
  case $previous:$current in *:-*) return ;; $command:*|-*:*) ;; *) return ;; esac
  while IFS=$'\\t' read -r name rest; do
    case $name in ''|*[!A-Za-z0-9._~-]*) ;; *) words+=" $name" ;; esac
  done < <(malten streams "$current" 2>/dev/null </dev/null)
}
_malten() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command= words= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in ${names.join("|")}) command=\${COMP_WORDS[i]}; break ;; esac
  done
  case $command:$previous in
${values(commands)}
    :*) words="${[...names, ...dashed(commands[0]?.options ?? [])].join(" ")}" ;;
${commands.map((command) => `    ${command.name}:*) words="${wordsOf(command).join(" ")}"${takesStream(command) ? "; _malten_streams" : ""} ;;`).join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _malten malten`;
}

/** Completions after an option that takes a value: its choices, or none. */
function values(commands: readonly Command[]): string {
  const rows = commands.flatMap(({ name, options }) =>
    options
      .filter(({ value }) => value !== undefined)
      .map((option) => `    ${name}:--${option.name}) words="${option.choices?.join(" ") ?? ""}" ;;`),
  );
  return rows.join("\n");
}

/** Uses bashcompinit, zsh's emulation of bash's `complete`. */
function zsh(commands: readonly Command[]): string {
  return `autoload -U +X compinit && compinit
autoload -U +X bashcompinit && bashcompinit
${bash(commands)}`;
}

function fish(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  const bare = `not __fish_seen_subcommand_from ${names}`;
  const lines = ["complete -c malten -f"];
  for (const { name, summary } of commands)
    lines.push(`complete -c malten -n '${bare}' -a ${name} -d '${quoted(summary)}'`);
  for (const option of commands[0]?.options ?? [])
    lines.push(`complete -c malten -n '${bare}' ${fishOption(option)}`);
  for (const option of COMMON) lines.push(`complete -c malten ${fishOption(option)}`);
  for (const command of commands) {
    const inside = `complete -c malten -n '__fish_seen_subcommand_from ${command.name}'`;
    const choices = command.arguments.flatMap((argument) => argument.choices ?? []);
    if (choices.length > 0) lines.push(`${inside} -a '${choices.join(" ")}'`);
    if (takesStream(command)) lines.push(fishStreams(command));
    for (const option of command.options) lines.push(`${inside} ${fishOption(option)}`);
  }
  return lines.join("\n");
}

/** After the command or an option without a value. */
function fishStreams({ name }: Command): string {
  const here = `string match -qr -- "^(${name}|-.*)\\$" (commandline -opc)[-1]`;
  return `complete -c malten -n '__fish_seen_subcommand_from ${name}; and ${here}' -a '(malten streams (commandline -ct) 2>/dev/null </dev/null | string match -rg "^([A-Za-z0-9._~-]+)\\t")'`;
}

function fishOption({ name, short, value, help, choices }: Option<unknown>): string {
  const names = `-l ${name}${short === undefined ? "" : ` -s ${short}`}`;
  const takes = value === undefined ? "" : " -x";
  return `${names}${takes}${choices === undefined ? "" : ` -a '${choices.join(" ")}'`} -d '${quoted(help)}'`;
}

function takesStream(command: Command): boolean {
  return command.arguments[0]?.name === "STREAM";
}

function wordsOf(command: Command): string[] {
  return [
    ...command.arguments.flatMap(({ choices }) => choices ?? []),
    ...dashed([...command.options, ...COMMON]),
  ];
}

function dashed(options: readonly Option<unknown>[]): string[] {
  return options.map(({ name }) => `--${name}`);
}

/** Escapes for single quotes in fish. */
function quoted(words: string): string {
  return words.replaceAll(/['\\]/g, "\\$&");
}
