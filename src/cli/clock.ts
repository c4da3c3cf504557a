/** `20:15:03` in the local time zone. */
export function timeOfDay(time: Date): string {
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
}

/** `20:15:03`, preceded by the date unless it is today's. In the local time zone. */
export function clockTime(time: Date, now: Date): string {
  if (isSameDay(time, now)) return timeOfDay(time);
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${timeOfDay(time)}`;
}

/** `Thursday 26 November 2026` in the local time zone. */
export function dayOf(time: Date): string {
  const word = (part: "weekday" | "month") => time.toLocaleDateString("en", { [part]: "long" });
  return `${word("weekday")} ${time.getDate()} ${word("month")} ${time.getFullYear()}`;
}

export function isSameDay(one: Date, other: Date): boolean {
  return one.toDateString() === other.toDateString();
}

/** Converts nanoseconds since 1970 to a date, to the millisecond. */
export function timeOf(nanoseconds: string): Date {
  return new Date(Number(nanoseconds.slice(0, -6)));
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
