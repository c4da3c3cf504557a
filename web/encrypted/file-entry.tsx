import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useLanguage } from "../components/context.ts";
import type { Language } from "../language/language.ts";
import type { FileLine } from "./pipe-line.ts";
import { texts } from "./texts.ts";

/** Bytes that are sent or received, and a way to save those that were. */
export function FileEntry({ line }: { readonly line: FileLine }): JSX.Element {
  const language = useLanguage();
  const failed = line.state === "failed" || line.state === "too-large";
  return (
    <li class="message file" data-own={line.own} data-sending={failed ? "failed" : undefined}>
      <p class="body" dir="auto">
        {fileText(line, language)}
      </p>
      {line.content !== undefined && <Save content={line.content} />}
    </li>
  );
}

function Save({ content }: { readonly content: Blob }): JSX.Element | null {
  const [url, setUrl] = useState<string | undefined>();
  useEffect(() => {
    const created = URL.createObjectURL(content);
    setUrl(created);
    return () => URL.revokeObjectURL(created);
  }, [content]);
  if (url === undefined) return null;
  return (
    <a class="button small" href={url} download="malten.bin">
      {texts().t("fileSave")}
    </a>
  );
}

const KILO = 1000;

function sizeOf({ tag }: Language, bytes: number): string {
  const unit = bytes < KILO ? "byte" : bytes < KILO * KILO ? "kilobyte" : "megabyte";
  const divisor = unit === "byte" ? 1 : unit === "kilobyte" ? KILO : KILO * KILO;
  // The short form of bytes is "24 byte" in English.
  const unitDisplay = unit === "byte" ? "long" : "short";
  const format = { style: "unit", unit, unitDisplay, maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(tag, format).format(bytes / divisor);
}

function fileText({ own, name = "", state, done, size = 0 }: FileLine, language: Language): string {
  const t = texts();
  if (own) {
    if (state === "done") return t.t("fileSent", { name, size: sizeOf(language, size) });
    if (state === "failed") return t.t("fileFailed", { name });
    return t.t("fileSending", { name, done: sizeOf(language, done), size: sizeOf(language, size) });
  }
  switch (state) {
    case "done":
      return t.t("fileReceived", { size: sizeOf(language, done) });
    case "failed":
      return t.t("fileCut", { size: sizeOf(language, done) });
    case "too-large":
      return t.t("fileTooLarge");
    case "passing":
      return t.t("fileReceiving", { size: sizeOf(language, done) });
  }
}
