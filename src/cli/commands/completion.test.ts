// In the shells themselves: each is given the script and asked what it would complete.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";

const malten = `${process.execPath} ${join(import.meta.dir, "..", "..", "main.ts")}`;

/** Half a command line, and what completes its last word. */
const HALVES: Record<string, string[]> = {
  "malten co": ["completion"],
  "malten --max": ["--max-memory"],
  "malten serve --max": ["--max-memory"],
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

/** What bash does at a press of Tab, and zsh's bashcompinit as well. */
function complete(half: string): string {
  const words = half.split(" ");
  return `COMP_WORDS=(${words.join(" ")}); COMP_CWORD=${words.length - 1}; _malten; printf '%s\\n' "\${COMPREPLY[@]}"`;
}

const SHELLS: Record<string, (half: string) => string> = {
  bash: (half) => `source <(${malten} completion bash); ${complete(half)}`,
  // Its compgen leaves it to zsh to pick the words that begin like the last one.
  zsh: (half) =>
    `source <(${malten} completion zsh); emulate sh; ${complete(half)} | grep -e '^${half.split(" ").at(-1)}' || true`,
  fish: (half) => `${malten} completion fish | source; complete -C '${half}'`,
};

for (const [shell, script] of Object.entries(SHELLS)) {
  describe.skipIf(Bun.which(shell) === null)(`in ${shell}`, () => {
    for (const [half, expected] of Object.entries(HALVES)) {
      test(`${half}…`, () => {
        const completed = ask(shell, script(half)).map((line) => line.split("\t")[0] ?? "");
        expect(completed).toEqual(expected);
      });
    }
  });
}
