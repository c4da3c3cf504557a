/** Limits how many operations run at once. At most one caller may wait in `enter` at a time. */
export class Window {
  private readonly size: number;
  private running = 0;
  private onLeave = () => {};

  constructor(size: number) {
    this.size = size;
  }

  /** Number of operations running. */
  get count(): number {
    return this.running;
  }

  /** Resolves when an operation may start. */
  async enter(): Promise<void> {
    await this.atMost(this.size - 1);
    this.running++;
  }

  /** An operation has finished. */
  leave(): void {
    this.running--;
    this.onLeave();
  }

  /** Resolves when no operation is running. */
  empty(): Promise<void> {
    return this.atMost(0);
  }

  private async atMost(max: number): Promise<void> {
    while (this.running > max) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.onLeave = resolve;
      await promise;
    }
  }
}
