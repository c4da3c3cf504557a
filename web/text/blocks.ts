/** Whole lines of a message. */
export interface Block {
  readonly kind: "text" | "quote" | "code";
  readonly text: string;
}

/** Backticks that begin and end a block of code (CommonMark §4.5). */
const FENCE = 3;

/** Blocks of one message. One that has more is shown as it came: a thousand of them would stop the page. */
const MAX_BLOCKS = 64;

/** What may follow the first fence: the name of a language, which is not shown. */
const LANGUAGE = /^[\w+#.-]{0,20}$/;

/**
 * Splits a message into quotes (`> `), blocks of code (between lines of backticks), and the text between them. One that has neither is
 * one block, unchanged. Reads each line a fixed number of times.
 */
export function blocksOf(text: string): Block[] {
  const lines = text.split("\n");
  const blocks: Block[] = [];
  let waiting: string[] = [];
  const endText = (): void => {
    const rest = trimBlank(waiting);
    if (rest.length > 0) blocks.push({ kind: "text", text: rest.join("\n") });
    waiting = [];
  };
  for (let i = 0; i < lines.length;) {
    const block = codeAt(lines, i) ?? quoteAt(lines, i);
    const end = block?.end ?? i + 1;
    // Marks around nothing are text.
    if (block === undefined || block.text === "") waiting.push(...lines.slice(i, end));
    else {
      endText();
      blocks.push({ kind: block.kind, text: block.text });
    }
    i = end;
  }
  if (blocks.length === 0) return [{ kind: "text", text }];
  endText();
  return blocks.length > MAX_BLOCKS ? [{ kind: "text", text }] : blocks;
}

interface FoundBlock extends Block {
  /** The line after it. */
  readonly end: number;
}

function quoteAt(lines: readonly string[], start: number): FoundBlock | undefined {
  let end = start;
  while (isQuote(lines[end])) end++;
  if (end === start) return undefined;
  const quoted = trimBlank(lines.slice(start, end).map((line) => line.slice(2)));
  return { kind: "quote", text: quoted.join("\n"), end };
}

function isQuote(line: string | undefined): boolean {
  return line === ">" || line?.startsWith("> ") === true;
}

/** Code from one fence to the next one of at least its length, which may be at the end of a line; else to the end of the message. */
function codeAt(lines: readonly string[], start: number): FoundBlock | undefined {
  const first = lines[start] ?? "";
  const length = first.length - withoutLeading(first).length;
  const opening = withoutLeading(first);
  const isLast = start + 1 === lines.length;
  if (length < FENCE || isLast || opening.includes("`".repeat(FENCE))) return undefined;
  const code = LANGUAGE.test(opening.trim()) ? [] : [opening];
  let end = start + 1;
  for (; end < lines.length; end++) {
    const line = (lines[end] ?? "").trimEnd();
    const content = withoutTrailing(line);
    if (line.length - content.length < length) code.push(lines[end] ?? "");
    else {
      if (content !== "") code.push(content);
      end++;
      break;
    }
  }
  return { kind: "code", text: trimBlank(code).join("\n"), end };
}

function withoutLeading(line: string): string {
  let at = 0;
  while (line[at] === "`") at++;
  return line.slice(at);
}

function withoutTrailing(line: string): string {
  let end = line.length;
  while (line[end - 1] === "`") end--;
  return line.slice(0, end);
}

/** Leaves out blank lines at both ends. */
function trimBlank(lines: readonly string[]): string[] {
  const isText = (line: string): boolean => line.trim() !== "";
  const start = lines.findIndex(isText);
  return start < 0 ? [] : lines.slice(start, lines.findLastIndex(isText) + 1);
}
