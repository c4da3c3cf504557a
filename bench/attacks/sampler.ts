import { existsSync } from "node:fs";
import { openFiles, resident } from "../measure.ts";

/** Milliseconds between two samples. */
const INTERVAL = 200;

/** Descriptors are counted with every fifth sample only: listing thousands of them takes time. */
const FILES_EVERY = 5;

/** Keeps the peaks of a server's memory and descriptors. */
export class Sampler {
  rss = 0;
  anonymous = 0;
  files = 0;
  /** Whether the server is gone. */
  died = false;
  private samples = 0;
  private readonly timer: Timer;
  private readonly pid: number;

  /** @param tooMuch called when the resident memory exceeds `limit` bytes */
  constructor(pid: number, limit: number, tooMuch: () => void) {
    this.pid = pid;
    this.timer = setInterval(() => {
      this.sample();
      if (this.rss > limit) tooMuch();
    }, INTERVAL);
  }

  stop(): void {
    this.sample();
    clearInterval(this.timer);
  }

  private sample(): void {
    if (this.died) return;
    if (!existsSync(`/proc/${this.pid}/fd`)) {
      this.died = true;
      return;
    }
    const { rss, anonymous } = resident(this.pid);
    this.rss = Math.max(this.rss, rss);
    this.anonymous = Math.max(this.anonymous, anonymous);
    if (this.samples++ % FILES_EVERY === 0) this.files = Math.max(this.files, openFiles([this.pid]));
  }
}
