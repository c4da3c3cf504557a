import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { OpenPipe } from "./open-pipe.ts";
import { texts } from "./texts.ts";

/** Sends a file. */
export function FileButton({ pipe }: { readonly pipe: OpenPipe }): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file !== undefined) void pipe.sendFile(file);
        }}
      />
      <button
        type="button"
        class="icon-button"
        aria-label={texts().t("fileSend")}
        title={`${texts().t("fileSend")}. ${texts().t("fileSendHint")}`}
        onClick={() => input.current?.click()}
      >
        {/* A paper clip. */}
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M19 11l-7.500 7.500a4 4 0 0 1-5.700-5.700L14 4.600a2.700 2.700 0 0 1 3.800 3.800l-8 8a1.300 1.300 0 0 1-1.900-1.900L15 7.400" />
        </svg>
      </button>
    </>
  );
}
