import { useEffect, useState } from "preact/hooks";
import type { FrameQueue } from "./frame-queue.ts";

interface Progress {
  readonly count: number;
  /** How many to begin with: what is seen. */
  readonly first: number;
  /** How many more in each frame, so that no frame takes long. */
  readonly step: number;
  /** Another one begins again. */
  readonly reason: unknown;
  readonly frames: FrameQueue;
  /** What the work is about. */
  readonly about: string;
}

/** Returns how many of `count` blocks, from the end, to work on: some at first, and some more in each frame. */
export function useProgress({ count, first, step, reason, frames, about }: Progress): number {
  const [begun, setBegun] = useState({ reason, done: first });
  const done = begun.reason === reason ? Math.max(begun.done, first) : first;
  const isDone = done >= count;

  useEffect(() => {
    if (isDone) return;
    frames.add(about, () => setBegun({ reason, done: done + step }));
    return () => frames.remove(about);
  }, [done, isDone, step, reason, frames, about]);

  return done;
}
