/** How long the rate looks back, in milliseconds. */
const WINDOW = 5000;

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** Counts bytes and measures their rate. */
export class Meter {
  total = 0;
  private readonly now: () => number;
  private start: number;
  /** Totals of the last {@link WINDOW}, oldest first. */
  private marks: { readonly at: number; readonly total: number }[];

  /** @param now milliseconds of a clock that does not jump */
  constructor(now: () => number) {
    this.now = now;
    this.start = now();
    this.marks = [{ at: this.start, total: 0 }];
  }

  /** Measures from now on: not the time in which nothing could pass yet. */
  begin(): void {
    this.start = this.now();
    this.marks = [{ at: this.start, total: this.total }];
  }

  add(bytes: number): void {
    this.total += bytes;
  }

  /** Bytes a second in the last {@link WINDOW}. To be called now and then. */
  rate(): number {
    const at = this.now();
    this.marks.push({ at, total: this.total });
    const first = this.marks.findIndex((mark) => mark.at >= at - WINDOW);
    this.marks = this.marks.slice(Math.max(first, 0));
    const [oldest] = this.marks;
    return oldest === undefined ? 0 : perSecond(this.total - oldest.total, at - oldest.at);
  }

  /** Bytes a second since {@link begin}. */
  average(): number {
    return perSecond(this.total, this.now() - this.start);
  }
}

function perSecond(bytes: number, milliseconds: number): number {
  return milliseconds > 0 ? (bytes * 1000) / milliseconds : 0;
}

/** `0 B`, `12.3 MB`: units are powers of 1000, as of network rates. */
export function sizeText(bytes: number): string {
  const exponent = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const value = bytes / 1000 ** exponent;
  return `${exponent === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[exponent] ?? ""}`;
}
