import type { StreamSession } from "../state/stream-session.ts";
import { useApp } from "./context.ts";

/** Returns whether the page hears of every message now. If not, others may have renewed the stream. */
export function useInformed(session: StreamSession): boolean {
  const { offline } = useApp();
  const { kind } = session.connection.value;
  return !offline.value && (kind === "live" || kind === "throttled");
}
