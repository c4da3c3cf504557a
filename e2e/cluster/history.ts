// What must hold of a stream after faults, whatever happened.

export interface Item {
  readonly text: string;
  /** Microseconds since 1970. */
  readonly created: number;
}

/** What a listener received of a stream, in order. */
export interface Heard {
  /** Where it began. */
  readonly since: number;
  readonly items: (Item | { readonly from: number; readonly to: number })[];
}

/** What publishers did, what listeners received, and what is kept in the end. */
export interface StreamHistory {
  /** By publisher, in the order in which they were acknowledged. */
  readonly acknowledged: readonly (readonly Item[])[];
  readonly heard: readonly Heard[];
  readonly kept: readonly Item[];
}

/** What was found. All but `gaps` should be 0. */
export interface Findings {
  /** Acknowledged, but neither kept nor told as missing. */
  lost: number;
  /** Messages that are kept or were delivered twice. */
  doubled: number;
  /** Messages that came before earlier ones, of a publisher or of the stream. */
  disordered: number;
  /** Kept messages that a listener neither received nor was told of. */
  unheard: number;
  /** Messages that a listener received and that are not kept. */
  vanished: number;
  gaps: number;
}

/** Compares what publishers, listeners and the end of a stream say. */
export function checkHistory({ acknowledged, heard, kept }: StreamHistory): Findings {
  const texts = new Map(kept.map(({ text }, i) => [text, i]));
  const findings: Findings = {
    lost: 0,
    doubled: kept.length - texts.size,
    disordered: inversions(kept.map(({ created }) => created)),
    unheard: 0,
    vanished: 0,
    gaps: 0,
  };
  for (const items of acknowledged) {
    findings.lost += items.filter(({ text }) => !texts.has(text)).length;
    findings.disordered += inversions(items.flatMap(({ text }) => texts.get(text) ?? []));
  }
  for (const { since, items } of heard) {
    const messages = items.filter((item) => "text" in item);
    const gaps = items.filter((item) => "from" in item);
    const received = new Set(messages.map(({ text }) => text));
    findings.doubled += messages.length - received.size;
    findings.disordered += inversions(messages.map(({ created }) => created));
    findings.vanished += messages.filter(({ text }) => !texts.has(text)).length;
    findings.gaps += gaps.length;
    findings.unheard += kept.filter(
      ({ text, created }) =>
        created > since &&
        !received.has(text) &&
        !gaps.some(({ from, to }) => created > from && created < to),
    ).length;
  }
  return findings;
}

/** How often a number is not greater than the one before it. */
function inversions(numbers: readonly number[]): number {
  return numbers.filter((number, i) => i > 0 && number <= (numbers[i - 1] ?? 0)).length;
}
