// The service worker: makes the page open offline. Caches the files of the page, and never a message.
declare const self: ServiceWorkerGlobalScope;

/** The paths of the page's files; defined by the build. */
declare const SHELL: readonly string[];

/** Changes with the content of these files; defined by the build. */
declare const VERSION: string;

const CACHE = `malten-${VERSION}`;

/** How long a window may take to answer, in milliseconds: focusing is allowed only soon after a click. */
const PATIENCE = 500;

/** Paths that serve the same HTML. */
const VIEWS = ["/", "/new", "/share"];

self.addEventListener("install", (event) => {
  // No skipWaiting: open windows still need the files that the current worker has cached.
  event.waitUntil(fillCache());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(deleteOldCaches().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && VIEWS.includes(pathname)) {
    event.respondWith(fetch(event.request).catch(() => cached("/")));
  } else if (SHELL.includes(pathname) && pathname !== "/") {
    event.respondWith(cached(pathname).catch(() => fetch(event.request)));
  }
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(showStream(event.notification.tag));
});

async function fillCache(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(SHELL);
}

async function deleteOldCaches(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
}

/** @throws TypeError if the path is not cached */
async function cached(path: string): Promise<Response> {
  const response = await caches.match(path);
  if (response === undefined) throw new TypeError(`${path} is not cached`);
  return response;
}

/** Focuses the window that shows the stream, or opens one. */
async function showStream(stream: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: "window" });
  const shown = await Promise.all(windows.map((client) => streamOf(client)));
  const open = windows[shown.indexOf(stream)];
  await (open === undefined ? self.clients.openWindow(`/#${stream}`) : open.focus());
}

/** Asks a window which stream it shows: its URL is the one that it was opened with. Resolves with undefined if it does not answer. */
function streamOf(client: WindowClient): Promise<unknown> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.addEventListener("message", ({ data }) => resolve(data));
    port1.start();
    setTimeout(resolve, PATIENCE);
    client.postMessage("stream", [port2]);
  });
}
