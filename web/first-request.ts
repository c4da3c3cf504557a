// Inlined at the beginning of the HTML: requests the newest messages while the rest of the HTML is still on its way.
import { looksLikeLink } from "../src/crypto/looks-like-link.ts";
import { isName } from "../src/protocol/name.ts";
import { isEncrypted } from "./state/address.ts";
import { FIRST_PAGE, FIRST_PAGE_TIMEOUT, readPage } from "./state/first-page.ts";
import { hideLink } from "./state/link.ts";

if (looksLikeLink(location.hash)) hideLink();

const stream = location.pathname === "/" ? location.hash.slice(1) : "";
if (isName(stream) && !isEncrypted(stream)) {
  const answer = fetch(`/messages?stream=${stream}&limit=${FIRST_PAGE}`, {
    signal: AbortSignal.timeout(FIRST_PAGE_TIMEOUT),
  });
  globalThis.firstPage = { stream, page: answer.then(readPage) };
}
