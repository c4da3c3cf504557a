// Sends generated requests, WebSocket frames and resumes to a real server, and checks everything that must hold whatever is sent.
import type { ServerProcess } from "../process.ts";
import { checkAnswer } from "./answer.ts";
import { exchange } from "./connection.ts";
import { httpCase, resumeCase } from "./http-cases.ts";
import { mutate, split } from "./mutate.ts";
import { Random } from "./random.ts";
import { socketCase } from "./socket-cases.ts";
import { Witness } from "./witness.ts";

/** Connections at the same time. */
const PARALLEL = 32;

/** Cases between two rounds of the witness and looks at the server. */
const ROUND = 250;

export interface FuzzLimits {
  /** Resident memory that the server may use, in bytes. */
  readonly maxResident: number;
  /** Whether to go on after this number of cases. */
  readonly goOn: (cases: number) => boolean;
}

/** What a run did. */
export interface FuzzReport {
  readonly seed: number;
  readonly cases: number;
  /** Responses by status. */
  readonly statuses: ReadonlyMap<number, number>;
  readonly peakResident: number;
  /** Messages that the witness published and received in both ways. */
  readonly witnessed: number;
  readonly rejected: number;
}

/** Returns the bytes of a case, in the pieces in which they are sent. The same seed and number always give the same bytes. */
function caseOf(seed: number, number: number): readonly Buffer[] {
  const random = new Random(Math.imul(seed, 0x9e3779b1) + number);
  const make = random.pick([httpCase, httpCase, httpCase, socketCase, socketCase, resumeCase]);
  const bytes = make(random);
  return split(random, random.oneIn(5) ? mutate(random, bytes) : bytes);
}

/** Runs cases until `goOn` says no. @throws Error with the seed and the number of the case that broke something */
export async function fuzz(server: ServerProcess, seed: number, limits: FuzzLimits): Promise<FuzzReport> {
  const statuses = new Map<number, number>();
  let peakResident = 0;
  let next = 0;
  await using witness = await Witness.open(server.url.origin);
  const look = async () => {
    await expectHealthy(server);
    await witness.round();
    peakResident = Math.max(peakResident, server.residentMemory());
    if (peakResident > limits.maxResident)
      throw new Error(`${peakResident} bytes resident: seed ${seed}, case ${next}`);
  };
  let looking = Promise.resolve();
  const worker = async () => {
    while (limits.goOn(next)) {
      const number = next++;
      await runCase(server.port, seed, number, statuses);
      if (number % ROUND === 0) await (looking = looking.then(look));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  await look();
  return {
    seed,
    cases: next,
    statuses,
    peakResident,
    witnessed: witness.received,
    rejected: witness.rejected,
  };
}

/** Runs one case. @throws Error if the answer is malformed */
export async function runCase(
  port: number,
  seed: number,
  number: number,
  statuses = new Map<number, number>(),
): Promise<void> {
  const pieces = caseOf(seed, number);
  const sent = Buffer.concat(pieces);
  try {
    const answer = await exchange(port, pieces);
    for (const status of checkAnswer(answer, sent.includes("HEAD ")).statuses)
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new Error(
      `case ${number} of seed ${seed}: ${detail}\nsent ${JSON.stringify(sent.toString("latin1").slice(0, 2000))}`,
      {
        cause: error,
      },
    );
  }
}

async function expectHealthy(server: ServerProcess): Promise<void> {
  const response = await fetch(new URL("/health", server.url), { signal: AbortSignal.timeout(10_000) });
  if (response.status !== 200) throw new Error(`/health answered ${response.status}`);
  await response.body?.cancel();
}
