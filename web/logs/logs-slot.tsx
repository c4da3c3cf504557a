import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useApp, useLanguage } from "../components/context.ts";
import { LogView } from "../components/log-view.tsx";
import type { StreamSession } from "../state/stream-session.ts";
import type * as LogsModule from "./logs-view.tsx";

/** The view of logs, loaded when it is needed. Until then, and if that fails, the messages are shown as talk. */
export function LogsSlot({ session }: { readonly session: StreamSession }): JSX.Element {
  const app = useApp();
  const { tag } = useLanguage();
  const [logs, setLogs] = useState<typeof LogsModule | undefined>();

  useEffect(() => {
    const load = async (): Promise<void> => {
      const module = await import("./logs-view.tsx");
      await module.loadTexts(tag);
      setLogs(module);
    };
    load().catch(() => app.showReloadNotice());
  }, [app, tag]);

  return logs === undefined ? <LogView session={session} /> : <logs.LogsView session={session} />;
}
