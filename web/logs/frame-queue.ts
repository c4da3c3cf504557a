/** How long a frame is waited for, in milliseconds: a page that is not seen has none. */
const PATIENCE = 250;

/** Does one piece of work in each frame: together, they would make it late. */
export class FrameQueue {
  /** By what it is about; later work about the same replaces it, at its place. */
  private readonly waiting = new Map<string, () => void>();
  private cancel: (() => void) | undefined;

  /** Puts work at the end. */
  add(about: string, work: () => void): void {
    this.waiting.set(about, work);
    if (this.cancel === undefined) this.request();
  }

  remove(about: string): void {
    this.waiting.delete(about);
  }

  close(): void {
    this.waiting.clear();
    this.cancel?.();
  }

  private request(): void {
    const run = (): void => {
      this.cancel?.();
      this.next();
    };
    const frame = requestAnimationFrame(run);
    const timer = setTimeout(run, PATIENCE);
    this.cancel = () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      this.cancel = undefined;
    };
  }

  private next(): void {
    for (const [about, work] of this.waiting) {
      this.waiting.delete(about);
      work();
      break;
    }
    if (this.waiting.size > 0 && this.cancel === undefined) this.request();
  }
}
