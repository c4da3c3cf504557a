// What screen readers announce by themselves in the view of a stream: what is added to, or changed in, a live region that was there
// before, and alerts. What is hidden from them is left out, as is what is in a region that is off at the moment.
import type { Page } from "playwright-core";

const LISTEN = `(() => {
  window.announced = [];
  const REGIONS = "[aria-live], [role=log], [role=status], [role=alert]";
  const textOf = (node) => {
    if (!(node instanceof Element)) return node.data ?? "";
    return node.ariaHidden === "true" ? "" : [...node.childNodes].map(textOf).join(" ");
  };
  const say = (node) => announced.push(textOf(node).replaceAll(/\\s+/g, " ").trim());
  new MutationObserver((changes) => {
    const changed = new Set();
    for (const { type, target, addedNodes } of changes)
      for (const node of type === "childList" ? addedNodes : [target]) {
        const element = node instanceof Element ? node : node.parentElement;
        if (!element?.closest("main") || element.closest("[aria-hidden=true]")) continue;
        const region = element.closest(REGIONS);
        if (node === region ? node.role === "alert" : region !== null && region.ariaLive !== "off")
          changed.add(region.role === "log" ? node : region);
        if (region === null) for (const alert of element.querySelectorAll("[role=alert]")) changed.add(alert);
      }
    for (const node of changed) say(node);
    announced.splice(0, Infinity, ...announced.filter((text) => text !== ""));
  }).observe(document, { childList: true, characterData: true, subtree: true });
})()`;

/** Listens from the beginning of each document that the page opens. */
export async function listen(page: Page): Promise<void> {
  await page.addInitScript(LISTEN);
}

/** Returns what was announced since it was called last. */
export function announced(page: Page): Promise<string[]> {
  return page.evaluate<string[]>("announced.splice(0)");
}
