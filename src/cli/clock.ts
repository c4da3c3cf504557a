/** `20:15:03` of today, else with the date before it; in the time zone of this machine. */
export function clockTime(time: Date, now: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
  if (time.toDateString() === now.toDateString()) return clock;
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock}`;
}

/** The moment of a cursor, which is nanoseconds since 1970, to the millisecond. */
export function timeOf(cursor: string): Date {
  return new Date(Number(cursor.slice(0, -6)));
}
