/** An element of at most one array that stores its index there, so that removing it takes constant time. */
export interface Positioned {
  position: number;
}

/** Appends an element. */
export function insert<E extends Positioned>(elements: E[], added: E): void {
  added.position = elements.push(added) - 1;
}

/** Removes an element. The last one takes its place. */
export function remove<E extends Positioned>(elements: E[], removed: E): void {
  const last = elements.pop();
  if (last === undefined || last === removed) return;
  elements[removed.position] = last;
  last.position = removed.position;
}
