// The entry of everything about encrypted streams and pipes: loaded when the first one is opened or created.
import { effect, signal } from "@preact/signals";
import { create, open, pipe, type EncryptedStream } from "../../src/client/encrypted/index.ts";
import { addStyle } from "../components/add-style.ts";
import { ENCRYPTED, PIPE } from "../state/address.ts";
import type { App } from "../state/app.ts";
import css from "./encrypted.css" with { type: "text" };
import { EncryptedView } from "./encrypted-view.tsx";
import { OpenPipe } from "./open-pipe.ts";
import { OpenStream } from "./open-stream.tsx";
import { problemOf, readLink, type LinkProblem } from "./open-link.ts";
import { loadTexts } from "./texts.ts";

export { loadTexts } from "./texts.ts";

/** Codes of errors that are explained on a page of their own, wherever they arise. */
const EXPLAINED = ["insecure_context", "unsupported"];

/** A pipe whose link was opened. Joining takes a button: programs that only look at links open them, too. */
export interface Invitation {
  readonly kind: "invitation";
  readonly link: string;
}

/** The encrypted streams and pipes of this tab, by the name in the address bar. In memory only: a reload forgets them. */
export class EncryptedStreams {
  readonly View = EncryptedView;
  /** Why the link that was opened last was not. */
  readonly problem = signal<LinkProblem | undefined>();
  readonly isOpening = signal(false);
  private readonly app: App;
  private readonly streams = signal<ReadonlyMap<string, OpenStream>>(new Map());
  private readonly pipes = signal<ReadonlyMap<string, OpenPipe | Invitation>>(new Map());
  private count = 0;

  /** Its texts have to be loaded before. */
  constructor(app: App) {
    this.app = app;
    addStyle(css);
    effect(() => {
      const { tag } = app.language.value;
      loadTexts(tag).catch(() => app.showReloadNotice());
    });
    effect(() => {
      const link = app.router.link.value;
      if (link === undefined) return;
      app.router.link.value = undefined;
      void this.open(link);
    });
  }

  stream(name: string): OpenStream | undefined {
    return this.streams.value.get(name);
  }

  pipe(name: string): OpenPipe | Invitation | undefined {
    return this.pipes.value.get(name);
  }

  /** Creates an encrypted stream and shows it. @throws MaltenError */
  async create(ttl: number): Promise<void> {
    await this.explaining(async () => {
      const stream = await create(this.app.malten, { ttl });
      this.add(stream, true);
      this.app.router.go(stream.name);
    });
  }

  /** Creates a pipe and shows it. @throws MaltenError */
  async createPipe(ttl: number): Promise<void> {
    await this.explaining(async () => {
      const name = this.addPipe(new OpenPipe(await pipe.create(this.app.malten, { ttl })));
      this.app.router.go(name);
    });
  }

  /** Joins the pipe to which this is an invitation. @throws MaltenError */
  async join(name: string, { link }: Invitation): Promise<void> {
    const joined = new OpenPipe(await pipe.join(link, { malten: this.app.malten }));
    this.pipes.value = new Map(this.pipes.peek()).set(name, joined);
  }

  private async open(text: string): Promise<void> {
    // Before the link is read: a better one would not help.
    this.problem.value = isSecureContext ? undefined : { code: "insecure_context", detail: "" };
    if (!isSecureContext) return;
    this.isOpening.value = true;
    try {
      const { link, isPipe } = readLink(text);
      this.show(isPipe ? this.addPipe({ kind: "invitation", link }) : this.add(await this.streamOf(link)));
    } catch (error) {
      this.problem.value = problemOf(error);
    }
    this.isOpening.value = false;
  }

  private streamOf(link: string): Promise<EncryptedStream> {
    return open(link, { malten: this.app.malten });
  }

  /** Shows what a link opened, unless the user has gone elsewhere meanwhile. */
  private show(name: string): void {
    if (this.app.router.stream === ENCRYPTED) this.app.router.rename(name);
  }

  private add(stream: EncryptedStream, isCreated = false): string {
    const known = this.streams.peek().get(stream.name);
    const isMore = known === undefined || RANK[stream.right] > RANK[known.stream.right];
    if (isMore) {
      const opened = new OpenStream(stream, this.app, isCreated);
      this.streams.value = new Map(this.streams.peek()).set(stream.name, opened);
    }
    return stream.name;
  }

  private addPipe(added: OpenPipe | Invitation): string {
    this.count++;
    const name = `${PIPE}${this.count}`;
    this.pipes.value = new Map(this.pipes.peek()).set(name, added);
    return name;
  }

  /** Runs an action. A problem that concerns all encryption here gets its page. @throws MaltenError for others */
  private async explaining(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      const problem = problemOf(error);
      if (!EXPLAINED.includes(problem.code)) throw error;
      this.problem.value = problem;
      this.app.router.go(ENCRYPTED);
    }
  }
}

/** Of two links of the same stream, the one that allows more counts. */
const RANK = { reader: 0, writer: 1, owner: 2 } as const;
