import type { Dictionary, Plural } from "./dictionary.ts";
import type { LanguageTag } from "./choose.ts";

export type Values = Readonly<Record<string, string | number>>;

/** The units of durations that are longer than seconds, the longest first. */
const UNITS = [
  { unit: "day", seconds: 86_400 },
  { unit: "hour", seconds: 3600 },
  { unit: "minute", seconds: 60 },
] as const;

const SECOND = { unit: "second", seconds: 1 } as const;

/** U+2068 and U+2069 isolate the direction of what they enclose (Unicode Bidirectional Algorithm, UAX #9). */
const ISOLATE = "\u2068";
const POP = "\u2069";

/** A dictionary: a text or a plural for each key. */
export type Entries<D> = Readonly<Record<keyof D, string | Plural>>;

/** The page's texts, numbers and times in one language. */
export class Language<D extends Entries<D> = Dictionary> {
  readonly tag: LanguageTag;
  readonly direction: "ltr" | "rtl";
  private readonly dictionary: D;
  private readonly plural: Intl.PluralRules;
  private readonly decimal: Intl.NumberFormat;
  private readonly clock: Intl.DateTimeFormat;
  private readonly calendar: Intl.DateTimeFormat;
  private readonly locale: string;
  /** The formats of durations, by unit. */
  private readonly units = new Map<string, Intl.NumberFormat>();

  constructor(tag: LanguageTag, dictionary: D) {
    this.tag = tag;
    this.direction = tag === "ar" ? "rtl" : "ltr";
    this.dictionary = dictionary;
    // The user's own region, if it has this language, decides between 14:03 and 2:03 PM.
    const locale = navigator.languages.find((own) => own.startsWith(tag)) ?? tag;
    this.locale = locale;
    this.plural = new Intl.PluralRules(locale);
    this.decimal = new Intl.NumberFormat(locale);
    this.clock = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
    this.calendar = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  }

  /** The text for a key, with `values` for its placeholders. `count` selects the plural form. */
  t(key: keyof D, values: Values = {}): string {
    const entry: string | Plural = this.dictionary[key];
    const words =
      typeof entry === "string" ? entry : (entry[this.plural.select(Number(values["count"]))] ?? entry.other);
    return words.replaceAll(/\{(\w+)\}/g, (braces, name: string) => {
      const value = values[name];
      if (value === undefined) return braces;
      return typeof value === "number" ? this.decimal.format(value) : ISOLATE + value + POP;
    });
  }

  number(value: number): string {
    return this.decimal.format(value);
  }

  /** The time of day. */
  time(date: Date): string {
    return this.clock.format(date);
  }

  /** Date and time. */
  dateTime(date: Date): string {
    return this.calendar.format(date);
  }

  /** The day, with its weekday. */
  day(date: Date): string {
    return date.toLocaleDateString(this.locale, { weekday: "long", day: "numeric", month: "long" });
  }

  /** The time of day to the second; with the date, if it is not today. */
  exactTime(date: Date): string {
    const isToday = date.toDateString() === new Date().toDateString();
    if (isToday) return date.toLocaleTimeString(this.locale, { timeStyle: "medium" });
    return date.toLocaleString(this.locale, { dateStyle: "medium", timeStyle: "medium" });
  }

  /** Formats a duration, given in seconds, in the largest unit that makes it at least 2. */
  duration(seconds: number): string {
    const { unit, seconds: length } = unitOf(seconds);
    return this.formatOf(unit).format(Math.max(0, Math.floor(seconds / length)));
  }

  /** Made once: that takes longer than to format a thousand numbers. */
  private formatOf(unit: string): Intl.NumberFormat {
    const before = this.units.get(unit);
    if (before !== undefined) return before;
    const { numberingSystem } = this.decimal.resolvedOptions();
    const format = new Intl.NumberFormat(this.tag, {
      style: "unit",
      unit,
      unitDisplay: "short",
      numberingSystem,
    });
    this.units.set(unit, format);
    return format;
  }
}

/** Returns the unit in which a duration is shown, given in seconds, and its length in seconds. */
export function unitOf(seconds: number): (typeof UNITS)[number] | typeof SECOND {
  return UNITS.find((unit) => seconds >= 2 * unit.seconds) ?? SECOND;
}
