/**
 * Copies a text. One that is not known yet is passed as a promise, since browsers allow writing only soon after a click. Resolves with
 * false if the browser does not allow it.
 */
export async function copyText(text: string | Promise<string>): Promise<boolean> {
  try {
    // Only where the browser trusts the page: over HTTPS and from the machine itself.
    if (!("clipboard" in navigator)) return copySelected(await text);
    if (typeof text === "string") await navigator.clipboard.writeText(text);
    else {
      const blob = text.then((known) => new Blob([known], { type: "text/plain" }));
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    }
    return true;
  } catch {
    return false;
  }
}

/** The way before the Clipboard API: copies what is selected. In the open dialog, if any, since everything else is inert. */
function copySelected(text: string): boolean {
  const field = document.createElement("textarea");
  const { activeElement } = document;
  field.value = text;
  field.className = "unseen";
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (activeElement instanceof HTMLElement) activeElement.focus();
  return copied;
}
