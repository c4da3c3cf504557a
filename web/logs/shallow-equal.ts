/** Reports whether two objects of the same type have the same values. */
export function shallowEqual<T extends object>(one: T, other: T): boolean {
  const entries = Object.entries(one);
  const others = new Map(Object.entries(other));
  return entries.length === others.size && entries.every(([name, value]) => others.get(name) === value);
}
