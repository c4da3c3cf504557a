import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useApp, useLanguage } from "../components/context.ts";
import { LinkTo } from "../components/link-to.tsx";
import { Logo } from "../components/logo.tsx";
import { problemText } from "../language/problem-text.ts";
import type { Invitation } from "./encrypted-streams.ts";
import { problemOf, type LinkProblem } from "./open-link.ts";
import { texts } from "./texts.ts";

interface PipeInvitationProps {
  readonly name: string;
  readonly invitation: Invitation;
}

/** Asks before joining, which uses up the link. */
export function PipeInvitation({ name, invitation }: PipeInvitationProps): JSX.Element {
  const { encrypted } = useApp();
  const language = useLanguage();
  const title = useRef<HTMLHeadingElement>(null);
  const [joining, setJoining] = useState(false);
  const [problem, setProblem] = useState<LinkProblem | undefined>();

  // Read out, and one step before the button: to join uses up the link.
  useEffect(() => title.current?.focus(), []);

  const join = (): void => {
    if (joining) return;
    setJoining(true);
    setProblem(undefined);
    encrypted
      .peek()
      ?.join(name, invitation)
      .catch((error: unknown) => {
        setJoining(false);
        setProblem(problemOf(error));
      });
  };

  return (
    <main class="home">
      <div class="home-inner">
        <Logo />
        <h1 class="heading" ref={title} tabIndex={-1}>
          {texts().t("joinTitle")}
        </h1>
        <p class="tagline">{texts().t("join")}</p>
        {problem !== undefined && (
          <p class="hint warn" role="alert">
            {problemText(language, problem.code, problem.detail)}
          </p>
        )}
        <p class="choices">
          <button class="primary" aria-disabled={joining} onClick={join}>
            {texts().t("joinButton")}
          </button>
          <LinkTo class="button quiet" stream={undefined}>
            {texts().t("joinLater")}
          </LinkTo>
        </p>
      </div>
    </main>
  );
}
