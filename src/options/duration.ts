/** In seconds. */
export const DAY = 24 * 60 * 60;

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 60 * 60, d: DAY };

/** Reads `90`, `90s`, `15m`, `2h` or `7d` in seconds; undefined for anything else. */
export function parseDuration(given: string): number | undefined {
  const [, digits, unit = "s"] = /^([0-9]{1,9})([smhd]?)$/.exec(given) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * (SECONDS[unit] ?? 1);
}
