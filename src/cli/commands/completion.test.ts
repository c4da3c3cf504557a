// Runs the completion scripts in the shells themselves.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";

const malten = `${process.execPath} ${join(import.meta.dir, "..", "..", "main.ts")}`;

/** Unfinished command lines and the completions of their last word. */
const COMPLETIONS: Record<string, string[]> = {
  "malten co": ["completion"],
  "malten --max-m": ["--max-memory"],
  "malten serve --max-m": ["--max-memory"],
  "malten --port 1 com": ["completion"],
  "malten completion z": ["zsh"],
  "malten serve --hos": ["--host"],
  "malten help --ver": ["--version"],
  "malten tail --status t": ["typing"],
  "malten tail --js": ["--json"],
  "malten send --js": [],
};

function ask(shell: string, script: string): string[] {
  const { stdout, stderr, success } = Bun.spawnSync([shell, "-c", script], {
    env: { ...process.env, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
  });
  if (!success || stderr.length > 0) throw new Error(`${shell}: ${stderr.toString()}`);
  return stdout.toString().split("\n").filter(Boolean);
}

/** What bash, and zsh's bashcompinit, run when Tab is pressed. */
function complete(line: string): string {
  const words = line.split(" ");
  return `COMP_WORDS=(${words.join(" ")}); COMP_CWORD=${words.length - 1}; _malten; printf '%s\\n' "\${COMPREPLY[@]}"`;
}

const SHELLS: Record<string, (line: string) => string> = {
  bash: (line) => `source <(${malten} completion bash); ${complete(line)}`,
  // Its compgen does not filter by the last word; zsh itself does.
  zsh: (line) =>
    `source <(${malten} completion zsh); emulate sh; ${complete(line)} | grep -e '^${line.split(" ").at(-1)}' || true`,
  fish: (line) => `${malten} completion fish | source; complete -C '${line}'`,
};

for (const [shell, script] of Object.entries(SHELLS)) {
  describe.skipIf(Bun.which(shell) === null)(`in ${shell}`, () => {
    for (const [line, expected] of Object.entries(COMPLETIONS)) {
      test(`${line}…`, () => {
        const completed = ask(shell, script(line)).map((found) => found.split("\t")[0] ?? "");
        expect(completed).toEqual(expected);
      });
    }
  });
}
