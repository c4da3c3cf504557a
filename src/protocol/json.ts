/** An object that was parsed from JSON. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Reports whether a value that was parsed from JSON is an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Whether an object in this JSON text names a member twice, of which `JSON.parse` keeps only the last. `value` is the parsed text.
 * Most texts are too short to repeat any of their members. Otherwise quotes are counted: every name and every string has two, so a
 * repeated name leaves more of them in the text than in the value.
 */
export function hasDuplicateNames(json: string, value: JsonObject): boolean {
  return !isTooShort(json, value) && hasMoreQuotes(json, value);
}

/** Whether the text of a flat object has no room for one of its members again: for `"name":0,` at least. In UTF-16 code units. */
function isTooShort(json: string, value: JsonObject): boolean {
  let least = 1;
  let shortestName = json.length;
  for (const name of Object.keys(value)) {
    const member = value[name];
    if (typeof member === "object" && member !== null) return false;
    least += name.length + (typeof member === "string" ? member.length + 6 : 5);
    shortestName = Math.min(shortestName, name.length);
  }
  return json.length < least + shortestName + 5;
}

/**
 * Quotes are found natively, which costs a message frame about 0.2 µs; a scan of its characters would cost ten times as much.
 */
function hasMoreQuotes(json: string, value: JsonObject): boolean {
  let strings = 0;
  for (const member of Object.values(value)) {
    if (typeof member === "object" && member !== null)
      return countQuotes(json) !== countQuotes(JSON.stringify(value));
    strings += typeof member === "string" ? 2 : 1;
  }
  return countQuotes(json) !== 2 * strings;
}

/** Counts the quotes that begin or end a string. */
function countQuotes(json: string): number {
  let count = 0;
  for (let at = json.indexOf('"'); at !== -1; at = json.indexOf('"', at + 1)) {
    let backslash = at;
    while (json.charCodeAt(backslash - 1) === 0x5c) backslash--;
    if ((at - backslash) % 2 === 0) count++;
  }
  return count;
}
