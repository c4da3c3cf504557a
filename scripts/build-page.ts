// Builds web/ into dist/page.json: the files of the page and the hashes for its content security policy. The server embeds it.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { BuiltFile, BuiltPage } from "../src/server/pages.ts";

const root = join(import.meta.dir, "..");
const web = join(root, "web");

/** The directory of files whose names contain a hash of their content. */
const HASHED = "/assets/";

/** The entry in web/ of what is loaded for encrypted streams only, and not kept by the service worker. */
const ENCRYPTED = "encrypted/encrypted-streams.ts";

/** The parts of web/ with texts of their own, which are loaded with them. */
const PARTS = ["encrypted", "logs"] as const;

/** A file of texts. */
interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** The files of texts of each part, by language. */
type PartTexts = Readonly<Record<(typeof PARTS)[number], ReadonlyMap<string, TextFile>>>;

/** The cascade layers of the style, the strongest last. Declared here because the bundler drops the statement. */
const LAYERS = "@layer tokens,base,controls,views,parts;";

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  json: "application/json",
  js: "text/javascript; charset=utf-8",
  png: "image/png",
  svg: "image/svg+xml",
  webmanifest: "application/manifest+json",
};

/** The page's code, split into files that are loaded on demand. */
interface Modules {
  /** The text of each file by path. */
  readonly files: ReadonlyMap<string, string>;
  /** The output path of an input in web/. @throws Error if there is none */
  readonly pathOf: (input: string) => string;
  /** The paths a module imports statically. */
  readonly importsOf: (path: string) => readonly string[];
  /** The paths that main.tsx imports, statically or not, directly or not, except through an input in web/. */
  readonly reachedWithout: (input: string) => readonly string[];
}

if (import.meta.main) await buildPage();

/** Builds the page. @throws AggregateError if a source does not compile */
export async function buildPage(): Promise<void> {
  const texts: PartTexts = { encrypted: await textsOf("encrypted"), logs: await textsOf("logs") };
  const modules = await bundleModules(texts);
  const integrity = Object.fromEntries([...modules.files].map(([path, text]) => [path, digest(text)]));
  const style = LAYERS + (await bundleStyle("first.css"));
  const rest = await bundleStyle("rest.css");
  const restPath = hashedPath("style", rest, "css");
  const main = modules.pathOf("main.tsx");
  const request = await bundle("first-request.ts", {});
  const boot = await bundle("boot.ts", {
    DICTIONARIES: dictionaries(modules),
    MODULES: [main, ...modules.importsOf(main)],
    STYLE: { href: restPath, integrity: digest(rest) },
  });
  const importMap = JSON.stringify({ integrity });
  const html = await assemble({ boot, importMap, request, style });

  const files = new Map<string, BuiltFile>([["/", pack("html", html)]]);
  for (const [path, text] of modules.files) files.set(path, pack("js", text));
  for (const part of PARTS)
    for (const { path, text } of texts[part].values()) files.set(path, pack("json", text));
  files.set(restPath, pack("css", rest));
  for (const name of [
    "icon.svg",
    "icon-192.png",
    "icon-512.png",
    "icon-maskable.png",
    "manifest.webmanifest",
  ]) {
    files.set(`/${name}`, pack(extension(name), await Bun.file(join(web, "icons", name)).bytes()));
  }
  const version = digest(JSON.stringify([...files])).slice(-12);
  const shell = [
    "/",
    "/icon.svg",
    "/manifest.webmanifest",
    restPath,
    ...modules.reachedWithout(ENCRYPTED),
    ...[...texts.logs.values()].map(({ path }) => path),
  ];
  const worker = await bundle("worker/worker.ts", { SHELL: shell, VERSION: version });
  files.set("/worker.js", pack("js", worker));

  const page: BuiltPage = {
    scripts: [request, importMap, boot].map((text) => digest(text)),
    styles: [digest(style)],
    files: Object.fromEntries(files),
  };
  await mkdir(join(root, "dist"), { recursive: true });
  await Bun.write(join(root, "dist", "page.json"), JSON.stringify(page));
}

/**
 * Reads the texts of a part of the page, by language. They are files of their own, and not modules: the HTML would have to contain the
 * hash of each.
 */
async function textsOf(part: (typeof PARTS)[number]): Promise<ReadonlyMap<string, TextFile>> {
  const folder = join(web, part, "language");
  const tags = [...new Bun.Glob("*.json").scanSync(folder)]
    .map((file) => file.replace(".json", ""))
    .toSorted();
  const files = tags.map(async (tag) => {
    const text = JSON.stringify(await Bun.file(join(folder, `${tag}.json`)).json());
    return [tag, { path: hashedPath(`${part}-${tag}`, text, "json"), text }] as const;
  });
  return new Map(await Promise.all(files));
}

async function bundleModules(texts: PartTexts): Promise<Modules> {
  const dictionariesOf = (part: (typeof PARTS)[number]): string =>
    JSON.stringify(
      Object.fromEntries(
        [...texts[part]].map(([tag, { path, text }]) => [tag, { path, integrity: digest(text) }]),
      ),
    );
  const names = "[name]-[hash].[ext]";
  const { outputs, metafile } = await Bun.build({
    entrypoints: [join(web, "main.tsx")],
    root: web,
    splitting: true,
    plugins: [withoutNode(), wholeDictionaries()],
    minify: true,
    metafile: true,
    target: "browser",
    publicPath: HASHED,
    naming: { entry: names, chunk: names, asset: names },
    define: {
      "process.env.NODE_ENV": '"production"',
      ENCRYPTED_DICTIONARIES: dictionariesOf("encrypted"),
      LOGS_DICTIONARIES: dictionariesOf("logs"),
    },
  });
  const files = new Map<string, string>();
  for (const output of outputs) files.set(publicPath(output.path), await output.text());
  const graph = Object.entries(metafile?.outputs ?? {}).map(([path, { entryPoint, imports }]) => ({
    path: publicPath(path),
    entryPoint,
    imports: imports.filter(({ kind }) => kind === "import-statement").map((one) => publicPath(one.path)),
    all: imports.map((one) => publicPath(one.path)),
  }));
  const pathOf = (input: string): string => {
    const found = graph.find(({ entryPoint }) => entryPoint?.replaceAll("\\", "/").endsWith(`web/${input}`));
    if (found === undefined) throw new Error(`no output for web/${input}`);
    return found.path;
  };
  return {
    files,
    pathOf,
    importsOf: (path) => graph.find((one) => one.path === path)?.imports ?? [],
    reachedWithout(input) {
      const without = pathOf(input);
      const reached = new Set([pathOf("main.tsx")]);
      // A set can grow while it is iterated over.
      for (const path of reached)
        for (const next of graph.find((one) => one.path === path)?.all ?? [])
          if (next !== without && files.has(next)) reached.add(next);
      return [...reached];
    },
  };
}

/** Leaves out the polyfill of a module of Node's, which the cryptography imports only where the platform has no Web Cryptography. */
function withoutNode(): Bun.BunPlugin {
  return {
    name: "without Node's modules",
    setup(build) {
      build.onResolve({ filter: /^crypto$/ }, ({ path }) => ({ path, external: true }));
    },
  };
}

/** Makes a module of each dictionary without an export for each of its entries, whose names would be in it twice. */
function wholeDictionaries(): Bun.BunPlugin {
  return {
    name: "whole dictionaries",
    setup(build) {
      build.onLoad({ filter: /[/\\]language[/\\]\w+\.json$/ }, async ({ path }) => ({
        contents: `export default ${await Bun.file(path).text()}`,
        loader: "js",
      }));
    },
  };
}

/** Bundles one self-contained file, with `values` that only the build knows. */
async function bundle(input: string, values: Readonly<Record<string, unknown>>): Promise<string> {
  const define = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]),
  );
  const { outputs } = await Bun.build({
    entrypoints: [join(web, input)],
    minify: true,
    target: "browser",
    format: "iife",
    // Loaded at run time, from paths known already.
    external: [`${HASHED}*`],
    define,
  });
  const text = (await outputs[0]?.text()) ?? "";
  if (text.includes("</script")) throw new Error(`web/${input} contains </script`);
  return text.trim();
}

async function bundleStyle(input: string): Promise<string> {
  const { outputs } = await Bun.build({ entrypoints: [join(web, "style", input)], minify: true });
  return ((await outputs[0]?.text()) ?? "").trim();
}

function dictionaries({ pathOf }: Modules): Record<string, string> {
  const languages = [...new Bun.Glob("*.json").scanSync(join(web, "language"))].toSorted();
  return Object.fromEntries(languages.map((file) => [file.replace(".json", ""), pathOf(`language/${file}`)]));
}

interface Parts {
  readonly boot: string;
  readonly importMap: string;
  readonly request: string;
  readonly style: string;
}

/** Inlines everything that the first view needs into the HTML, to save round trips. */
async function assemble({ boot, importMap, request, style }: Parts): Promise<string> {
  const parts: Readonly<Record<string, string>> = {
    importmap: `<script type="importmap">${importMap}</script>`,
    boot: `<script>${boot}</script>`,
    request: `<script>${request}</script>`,
    style: `<style>${style}</style>`,
  };
  const template = await Bun.file(join(web, "index.html")).text();
  return template
    .replaceAll(/<!-- (\w+) -->/g, (comment, name: string) => parts[name] ?? comment)
    .replaceAll(/>\s+</g, "><");
}

function pack(kind: string, content: string | Uint8Array): BuiltFile {
  const bytes = Buffer.from(content);
  const type = TYPES[kind] ?? "application/octet-stream";
  const identity = bytes.toString("base64");
  if (kind === "png") return { type, identity };
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  return {
    type,
    identity,
    br: brotliCompressSync(bytes, quality).toString("base64"),
    gzip: gzipSync(bytes, { level: 9 }).toString("base64"),
  };
}

function publicPath(path: string): string {
  return HASHED + path.replace(/^.*[/\\]/, "");
}

function hashedPath(name: string, text: string, kind: string): string {
  return `${HASHED}${name}-${digest(text).replaceAll(/\W/g, "").slice(6, 14)}.${kind}`;
}

function extension(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** The digest in the format of Subresource Integrity and Content Security Policy. */
function digest(text: string): string {
  return `sha256-${new Bun.CryptoHasher("sha256").update(text).digest("base64")}`;
}
