#!/usr/bin/env node
// What npm installs as `malten`.
import { fileURLToPath } from "node:url";
import { runInBun } from "./bun.mjs";

runInBun(fileURLToPath(new URL("../dist/npm/main.js", import.meta.url)));
