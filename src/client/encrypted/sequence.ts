/** Runs tasks one after the other, in the order of the calls. */
export class Sequence {
  #last: Promise<unknown> = Promise.resolve();
  #unsettled = 0;

  /** Whether all tasks are done. */
  get isIdle(): boolean {
    return this.#unsettled === 0;
  }

  /** Settles as the task does, which begins when the tasks before it are done or have failed. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    const settled = () => void this.#unsettled--;
    this.#unsettled++;
    this.#last = result.then(settled, settled);
    return result;
  }
}
