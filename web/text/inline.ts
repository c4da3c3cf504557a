/** A piece of a text. */
export interface InlinePart {
  readonly isCode: boolean;
  readonly text: string;
}

/** Pieces of code in one text; what follows is text. Nobody writes more, and a thousand messages of them would stop the page. */
const MAX_SPANS = 64;

/** Splits a text into `code` and the text between. Code is between two runs of equally many backticks in one line. */
export function inlineParts(text: string): InlinePart[] {
  const parts: InlinePart[] = [];
  let end = 0;
  for (const { start, length, code } of codeSpans(text)) {
    if (start > end) parts.push({ isCode: false, text: text.slice(end, start) });
    parts.push({ isCode: true, text: code });
    end = start + length;
  }
  if (end < text.length) parts.push({ isCode: false, text: text.slice(end) });
  return parts;
}

interface CodeSpan {
  /** Where its backticks begin. */
  readonly start: number;
  /** With its backticks. */
  readonly length: number;
  readonly code: string;
}

/** A run of backticks, or the end of a line. */
const MARK = /`+|\n/g;

function codeSpans(text: string): CodeSpan[] {
  const marks = [...text.matchAll(MARK)];
  const closers = closersOf(marks.map(([mark]) => mark));
  const spans: CodeSpan[] = [];
  for (let i = 0; i < marks.length && spans.length < MAX_SPANS; i++) {
    const opener = marks[i];
    const next = closers[i];
    const closer = next === undefined ? undefined : marks[next];
    if (opener === undefined || next === undefined || closer === undefined) continue;
    const code = text.slice(opener.index + opener[0].length, closer.index);
    if (code.trim() === "") continue;
    const end = closer.index + closer[0].length;
    spans.push({ start: opener.index, length: end - opener.index, code: unpad(code) });
    i = next;
  }
  return spans;
}

/** The index of the next equal mark in the same line, for each mark. Found from the end, so that nothing is searched twice. */
function closersOf(marks: readonly string[]): (number | undefined)[] {
  const closers: (number | undefined)[] = [];
  const next = new Map<number, number>();
  for (let i = marks.length - 1; i >= 0; i--) {
    const mark = marks[i] ?? "";
    if (mark === "\n") next.clear();
    else {
      closers[i] = next.get(mark.length);
      next.set(mark.length, i);
    }
  }
  return closers;
}

/** One space on both sides lets code begin or end with a backtick (CommonMark §6.1). */
function unpad(code: string): string {
  return code.startsWith(" ") && code.endsWith(" ") ? code.slice(1, -1) : code;
}
