import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Malten } from "../../src/client/index.ts";
import { DEFAULT_TTL, MAX_TTL } from "../../src/protocol/limits.ts";
import { useLanguage } from "../components/context.ts";
import { Field } from "./field.tsx";

const HOUR = 3600;
const DAY = 24 * HOUR;

/** The times-to-live to choose from, in seconds, besides the server's default. */
const TTLS = [60, 600, HOUR, 6 * HOUR, DAY, MAX_TTL];

interface Ttl {
  /** The chosen one, in seconds. */
  readonly value: number;
  /** The server's default, in seconds. */
  readonly usual: number;
  readonly set: (value: number) => void;
}

/** The time-to-live of a new stream; the server's default until another is chosen. */
export function useTtl(malten: Malten): Ttl {
  const [value, set] = useState(DEFAULT_TTL);
  const [usual, setUsual] = useState(DEFAULT_TTL);
  useEffect(() => {
    malten.limits().then(
      (limits) => {
        setUsual(limits.ttl);
        set(limits.ttl);
      },
      () => {},
    );
  }, [malten]);
  return { value, usual, set };
}

/** Chooses the time-to-live of a new stream. */
export function NewTtl({ ttl }: { readonly ttl: Ttl }): JSX.Element {
  const language = useLanguage();
  const ttls = [...new Set([...TTLS, ttl.usual])].toSorted((a, b) => a - b);
  return (
    <Field id="new-ttl" label={language.t("newTtl")}>
      <select id="new-ttl" value={ttl.value} onChange={(event) => ttl.set(Number(event.currentTarget.value))}>
        {ttls.map((seconds) => (
          <option key={seconds} value={seconds}>
            {language.duration(seconds)}
          </option>
        ))}
      </select>
    </Field>
  );
}
