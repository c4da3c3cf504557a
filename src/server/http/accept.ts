/** An element of `Accept` or `Accept-Encoding`. */
interface Preference {
  /** A media range or an encoding, in lower case. */
  readonly value: string;
  /** 0: not acceptable. */
  readonly weight: number;
}

/** Reads `Accept` or `Accept-Encoding` (RFC 9110 §12.4.2). The weight is 1 if it is not given, and NaN if it is malformed. */
export function readPreferences(header: string): Preference[] {
  return header.split(",").map((item) => {
    const [value = "", ...parameters] = item.split(";").map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    return { value, weight: Number(weight ?? 1) };
  });
}

/**
 * Returns the format that an `Accept` header prefers (RFC 9110 §12.5.1), the first of equals; `usual` if it accepts none.
 * @param formats formats by media range
 */
export function negotiate<Format>(
  accept: string,
  formats: Readonly<Record<string, Format>>,
  usual: Format,
): Format {
  let best = usual;
  let highest = 0;
  for (const { value, weight } of readPreferences(accept)) {
    const format = Object.hasOwn(formats, value) ? formats[value] : undefined;
    if (format === undefined || !(weight > highest)) continue;
    best = format;
    highest = weight;
  }
  return best;
}

/** Returns the encodings of Accept-Encoding (RFC 9110 §12.5.3) except those with a weight of 0. The order is the server's. */
export function acceptedEncodings(header: string): Set<string> {
  return new Set(readPreferences(header).flatMap(({ value, weight }) => (weight === 0 ? [] : [value])));
}
