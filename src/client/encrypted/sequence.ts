/** Runs tasks one after the other, in the order of the calls. */
export class Sequence {
  #last: Promise<unknown> = Promise.resolve();

  /** Settles as the task does, which begins when the tasks before it are done or have failed. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => {});
    return result;
  }
}
