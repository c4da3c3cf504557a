import { readdirSync, statSync } from "node:fs";

/** Has an entry for each open descriptor of this process. Linux only. */
export const DESCRIPTORS = "/proc/self/fd";

/**
 * Returns the open descriptors of this process, one of which was only open to read the directory.
 * @throws SystemError if there is no such directory, or no free descriptor
 */
export function listDescriptors(directory = DESCRIPTORS): number[] {
  return readdirSync(directory).map(Number);
}

/** Returns the number of open descriptors of this process; undefined where {@link listDescriptors} throws. */
export function countDescriptors(): number | undefined {
  try {
    // The size is the number from Linux 6.2 on, and 0 before. Listing takes about 5 ms with 10,000 descriptors.
    return statSync(DESCRIPTORS).size || listDescriptors().length - 1;
  } catch {
    return undefined;
  }
}
