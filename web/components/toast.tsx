import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useApp } from "./context.ts";

/** How long a toast is shown, in milliseconds. */
const SHOWN = 5000;

/** What has just been done, said once and gone by itself. */
export function Toast(): JSX.Element {
  const { toast } = useApp();
  const shown = toast.value;
  useEffect(() => {
    if (shown === undefined) return;
    const timer = setTimeout(() => {
      toast.value = undefined;
    }, SHOWN);
    return () => clearTimeout(timer);
  }, [shown, toast]);
  return (
    <div class="toast" role="status">
      {shown !== undefined && <p>{shown.text}</p>}
    </div>
  );
}
