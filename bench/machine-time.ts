import { cpus } from "node:os";
import type { Browser } from "playwright-core";

/** Who used the processors. */
export class MachineTime {
  private readonly browser: Browser;
  private readonly before: Usage;

  private constructor(browser: Browser, before: Usage) {
    this.browser = browser;
    this.before = before;
  }

  static async start(browser: Browser): Promise<MachineTime> {
    return new MachineTime(browser, await usage(browser));
  }

  /** Says who had which share since the start. */
  async shares(): Promise<string> {
    const [before, now] = [this.before, await usage(this.browser)];
    const of = (part: keyof Usage): number => now[part] - before[part];
    const percent = (part: number): string => `${Math.round((100 * part) / of("all"))} %`;
    const others = of("all") - of("idle") - of("browser") - of("bench");
    return `processors: browser ${percent(of("browser"))}, this program ${percent(of("bench"))}, server and others ${percent(others)}, idle ${percent(of("idle"))}`;
  }
}

/** Processor time so far, in milliseconds. */
interface Usage {
  readonly all: number;
  readonly idle: number;
  readonly browser: number;
  readonly bench: number;
}

async function usage(browser: Browser): Promise<Usage> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const times = cpus().map((one) => one.times);
  const { user, system } = process.cpuUsage();
  return {
    all: sum(times.flatMap((one) => Object.values(one))),
    idle: sum(times.map(({ idle }) => idle)),
    browser: sum(processInfo.map(({ cpuTime }) => cpuTime * 1000)),
    bench: (user + system) / 1000,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
