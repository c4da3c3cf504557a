import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useLanguage } from "../components/context.ts";

type Modules = readonly (readonly boolean[])[];

interface QrCodeProps {
  /** Undefined: not to be loaded yet. */
  readonly text: string | undefined;
  /** By default, the code is of a link. */
  readonly label?: string;
}

/** A QR code (ISO/IEC 18004), dark on light in any colour scheme: not all cameras read the inverse. */
export function QrCode({ text, label }: QrCodeProps): JSX.Element {
  const language = useLanguage();
  const [modules, setModules] = useState<Modules | undefined>();
  useEffect(() => {
    if (text === undefined) return;
    import("uqr").then(
      ({ encode }) => setModules(encode(text, { ecc: "M", border: 2 }).data),
      // The link is still there.
      () => {},
    );
  }, [text]);
  const size = modules?.length ?? 1;
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label ?? language.t("shareQr")}>
      <path d={modules === undefined ? "" : pathOf(modules)} />
    </svg>
  );
}

/** One square for each dark module. */
function pathOf(modules: Modules): string {
  return modules
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")))
    .filter((stroke) => stroke !== "")
    .join("");
}
