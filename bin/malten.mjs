#!/usr/bin/env node
// The `malten` command of the npm package.
import { fileURLToPath } from "node:url";
import { runInBun } from "./bun.mjs";

runInBun(fileURLToPath(new URL("../dist/npm/main.js", import.meta.url)));
