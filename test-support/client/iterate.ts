/** Takes the next `count` items. @throws Error if the iterator ends before */
export async function take<T>(items: AsyncIterator<T, undefined>, count: number): Promise<T[]> {
  const taken: T[] = [];
  while (taken.length < count) {
    const { value } = await items.next();
    if (value === undefined) throw new Error("it ended");
    taken.push(value);
  }
  return taken;
}

/** Takes events up to the next one of this type, and returns that. @throws Error if the iterator ends before */
export async function nextOf<E extends { readonly type: string }, K extends E["type"]>(
  events: AsyncIterator<E, undefined>,
  type: K,
): Promise<Extract<E, { readonly type: K }>> {
  for (;;) {
    const [event] = await take(events, 1);
    if (event?.type === type) return event as Extract<E, { readonly type: K }>;
  }
}
