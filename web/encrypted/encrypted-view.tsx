import type { JSX } from "preact";
import { useApp } from "../components/context.ts";
import { PIPE } from "../state/address.ts";
import { LinkNeeded } from "./link-needed.tsx";
import { LinkProblemView } from "./link-problem.tsx";
import { PipeInvitation } from "./pipe-invitation.tsx";
import { PipeView } from "./pipe-view.tsx";
import { texts } from "./texts.ts";

/** What is shown at the address of an encrypted stream that is not open, or of a pipe. */
export function EncryptedView(): JSX.Element {
  const { router, encrypted } = useApp();
  const name = router.stream ?? "";
  const open = encrypted.value;
  const pipe = open?.pipe(name);
  if (pipe?.kind === "pipe") return <PipeView key={name} pipe={pipe} />;
  if (pipe?.kind === "invitation") return <PipeInvitation key={name} name={name} invitation={pipe} />;
  if (open?.isOpening.value) {
    return (
      <main class="home">
        <p class="tagline" role="status">
          {texts().t("opening")}
        </p>
      </main>
    );
  }
  const problem = open?.problem.value;
  if (problem !== undefined) return <LinkProblemView problem={problem} />;
  return <LinkNeeded isPipe={name.startsWith(PIPE)} />;
}
