import css from "./encrypted.css" with { type: "text" };

/** Adds the style of this part of the page. */
export function addStyle(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets.push(sheet);
}
