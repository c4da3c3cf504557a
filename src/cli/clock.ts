/** `20:15:03`, preceded by the date unless it is today's. In the local time zone. */
export function clockTime(time: Date, now: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
  if (time.toDateString() === now.toDateString()) return clock;
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock}`;
}

/** Converts nanoseconds since 1970 to a date, to the millisecond. */
export function timeOf(nanoseconds: string): Date {
  return new Date(Number(nanoseconds.slice(0, -6)));
}
