import type { JSX } from "preact";
import { HomeLink } from "./home-link.tsx";
import { texts } from "./texts.ts";

/** Says what to do where browsers offer no cryptography: in pages over plain HTTP from another machine. */
export function InsecurePage(): JSX.Element {
  const { host, port } = location;
  const local = `http://localhost${port === "" ? "" : `:${port}`}`;
  return (
    <main class="home">
      <div class="home-inner">
        <div role="alert">
          <h1 class="heading">{texts().t("insecureTitle")}</h1>
          <p class="tagline">{texts().t("insecure", { host })}</p>
        </div>
        <div class="explanation remedies">
          <p>{texts().t("insecureYou")}</p>
          <p>{texts().t("insecureRun")}</p>
          <ul>
            <li>
              {texts().t("insecureCertificate")}
              <pre dir="ltr">malten --tls-cert cert.pem --tls-key key.pem</pre>
            </li>
            <li>
              {texts().t("insecureTry")}
              <pre dir="ltr">malten --tls-self-signed</pre>
            </li>
            <li>{texts().t("insecureProxy")}</li>
            <li>{texts().t("insecureLocal", { address: local })}</li>
          </ul>
        </div>
        <HomeLink />
      </div>
    </main>
  );
}
