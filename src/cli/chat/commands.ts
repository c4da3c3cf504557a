/** What the user entered. */
export type Entry =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "who" | "quit" | "help" }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "unknown"; readonly word: string };

/** Lines of `/help`. */
export const HELP = [
  "/who          who is here",
  "/name [NAME]  change your name; without NAME, have none",
  "/quit         leave (also Ctrl-D)",
  "//text        send a text that begins with /",
  "Alt+Enter begins a new line; pasted lines are one message.",
];

/** Reads what was entered: a text, or a command, which begins with one slash. */
export function readEntry(entered: string): Entry {
  if (!entered.startsWith("/")) return { kind: "text", text: entered };
  if (entered.startsWith("//")) return { kind: "text", text: entered.slice(1) };
  const [, word = "", rest = ""] = /^\/(\S*)\s*(.*)$/su.exec(entered) ?? [];
  switch (word) {
    case "who":
    case "quit":
    case "help":
      return rest === "" ? { kind: word } : { kind: "unknown", word: entered };
    case "name":
      return { kind: "name", name: rest.trim() };
    default:
      return { kind: "unknown", word };
  }
}
