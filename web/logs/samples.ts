/** How many of the newest messages are looked at to decide whether a stream is a log, and how many there have to be. */
export const SAMPLES = 24;
export const MIN_SAMPLES = 5;
