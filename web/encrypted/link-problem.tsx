import type { JSX } from "preact";
import { useLanguage } from "../components/context.ts";
import { problemText } from "../language/problem-text.ts";
import { HomeLink } from "./home-link.tsx";
import { InsecurePage } from "./insecure-page.tsx";
import { LinkForm } from "./link-form.tsx";
import type { LinkProblem } from "./open-link.ts";
import { texts, type Key } from "./texts.ts";

const TEXTS: Readonly<Record<string, readonly [title: Key, hint: Key]>> = {
  link_invalid: ["invalidTitle", "invalid"],
  link_cut: ["cutTitle", "cut"],
  link_damaged: ["damagedTitle", "cut"],
  link_newer: ["newerTitle", "newer"],
  link_older: ["olderTitle", "older"],
  host: ["hostTitle", "host"],
  unsupported: ["oldBrowserTitle", "oldBrowser"],
};

/** Says why a link was not opened, and what to do. */
export function LinkProblemView({ problem }: { readonly problem: LinkProblem }): JSX.Element {
  const language = useLanguage();
  const { code, detail, link } = problem;
  if (code === "insecure_context") return <InsecurePage />;
  const [title, hint] = TEXTS[code] ?? [];
  return (
    <main class="home">
      <div class="home-inner">
        <div role="alert">
          <h1 class="heading">{texts().t(title ?? "problemTitle")}</h1>
          <p class="tagline">
            {hint === undefined ? problemText(language, code, detail) : texts().t(hint, { host: detail })}
          </p>
        </div>
        {link === undefined ? (
          <LinkForm />
        ) : (
          <a class="button primary" href={link} rel="noreferrer">
            {texts().t("hostOpen")}
          </a>
        )}
        <HomeLink />
      </div>
    </main>
  );
}
