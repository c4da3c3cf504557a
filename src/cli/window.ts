/** At most so many at once; whoever comes then waits for one to leave. For one who enters at a time. */
export class Window {
  private readonly size: number;
  private inside = 0;
  private left = () => {};

  constructor(size: number) {
    this.size = size;
  }

  async enter(): Promise<void> {
    await this.until(this.size - 1);
    this.inside++;
  }

  leave(): void {
    this.inside--;
    this.left();
  }

  /** Resolves when all have left. */
  empty(): Promise<void> {
    return this.until(0);
  }

  /** Resolves when so many are inside, or fewer. */
  private async until(most: number): Promise<void> {
    while (this.inside > most) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.left = resolve;
      await promise;
    }
  }
}
