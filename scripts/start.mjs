import "./setup.mjs"; // first: installs the runtime
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runInBun } from "../bin/bun.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

runInBun(join(root, "src", "main.ts"));
