import type { JSX } from "preact";
import { useApp, useLanguage } from "../components/context.ts";
import { Icon } from "../components/icon.tsx";
import { IconButton } from "../components/icon-button.tsx";
import { LinkTo } from "../components/link-to.tsx";
import { MessageBox } from "../components/message-box.tsx";
import type { OpenPipe } from "./open-pipe.ts";
import { FileButton } from "./file-button.tsx";
import { PipeLockDialog } from "./pipe-lock-dialog.tsx";
import { PipeLog } from "./pipe-log.tsx";
import { PipeAway } from "./pipe-away.tsx";
import { PipeState } from "./pipe-state.tsx";
import { PipeEnding } from "./pipe-ending.tsx";
import { PipeWords } from "./pipe-words.tsx";
import { texts } from "./texts.ts";

interface PipeProps {
  readonly pipe: OpenPipe;
}

/** An open pipe: waiting for the other end, or connected with it, or closed. */
export function PipeView({ pipe }: PipeProps): JSX.Element {
  const { router } = useApp();
  return (
    <main class="stream-view" aria-labelledby="stream-name">
      <PipeHeader pipe={pipe} />
      <PipeLog pipe={pipe} />
      <div class="notices">
        <PipeNotice pipe={pipe} />
      </div>
      {pipe.isJoined.value && !pipe.isFinished.value && (
        <MessageBox
          draft={pipe.draft}
          onSend={(all) => {
            for (const text of all) void pipe.send(text);
            return true;
          }}
          before={<FileButton pipe={pipe} />}
        />
      )}
      {router.dialog.value === "lock" && <PipeLockDialog pipe={pipe} />}
    </main>
  );
}

/** What matters most: that the pipe is closed, that the other end is away, or that words have to be compared. */
function PipeNotice({ pipe }: PipeProps): JSX.Element | null {
  if (pipe.state.value.kind === "closed") return <PipeEnding pipe={pipe} />;
  if (!pipe.isJoined.value) return null;
  return pipe.isAway.value ? <PipeAway pipe={pipe} /> : <PipeWords pipe={pipe} />;
}

function PipeHeader({ pipe }: PipeProps): JSX.Element {
  const { router } = useApp();
  const language = useLanguage();
  return (
    <header class="bar">
      <LinkTo class="button icon-button back" stream={undefined} label={language.t("back")}>
        <Icon name="back" />
      </LinkTo>
      <IconButton class="lock" icon="lock" label={texts().t("lock")} onClick={() => router.open("lock")} />
      <div class="bar-title">
        <h1 class="name phrase" id="stream-name">
          {texts().t("titlePipe")}
        </h1>
        <PipeState state={pipe.state.value} isAway={pipe.isAway.value} />
      </div>
      {pipe.isJoined.value && (
        <span class="badge" role="status" data-verified={pipe.isVerified.value}>
          {texts().t(pipe.isVerified.value ? "verified" : "unverified")}
        </span>
      )}
    </header>
  );
}
