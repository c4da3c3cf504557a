import type { JSX } from "preact";
import { Logo } from "../components/logo.tsx";
import { HomeLink } from "./home-link.tsx";
import { LinkForm } from "./link-form.tsx";
import { texts } from "./texts.ts";

/** Shown after a reload: the link was in memory only. */
export function LinkNeeded({ isPipe }: { readonly isPipe: boolean }): JSX.Element {
  return (
    <main class="home">
      <div class="home-inner">
        <Logo />
        <h1 class="heading">{texts().t("neededTitle")}</h1>
        <p class="tagline">{texts().t(isPipe ? "neededPipe" : "needed")}</p>
        <LinkForm />
        <HomeLink />
      </div>
    </main>
  );
}
