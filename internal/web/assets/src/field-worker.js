// The service worker of the field pages: it keeps a run's page with its style and scripts, so that the crew can read it
// where there is no link, until the code opens nothing any more. It keeps no other page, and it sends nothing.

const cacheName = "field";
const patience = 6000; // ms, then what is kept is shown

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (e) => e.waitUntil(Promise.all([self.clients.claim(), sweep()])));
self.addEventListener("message", (e) => {
  if (e.data.sweep) e.waitUntil(sweep());
  if (e.data.keep) e.waitUntil(keepAll(e.data.keep));
  if (e.data.wipe) e.waitUntil(wipe(e.data.wipe));
});

const isPage = (path) => /^\/f\/[a-z0-9]+$/i.test(path);

self.addEventListener("fetch", (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (e.request.mode === "navigate" && isPage(url.pathname)) e.respondWith(show(e.request, url.pathname));
  else if (url.pathname.startsWith("/assets/")) e.respondWith(asset(e.request));
});

async function keepAll(paths) {
  const cache = await caches.open(cacheName);
  for (const path of paths) {
    if (isPage(path)) await keepPage(path, await fetch(path));
    else if (!(await cache.match(path))) await cache.add(path);
  }
}

/** Keeps a page with the moment at which it must be gone, or forgets it where its run has ended. */
async function keepPage(path, answer) {
  const left = Number(answer.headers.get("X-Field-Left"));
  if ([403, 404, 410].includes(answer.status)) await wipe(path);
  if (!answer.ok || answer.redirected || !(left > 0)) return;
  const headers = new Headers(answer.headers);
  headers.set("X-Field-Until", String(Date.now() + left * 1000));
  const cache = await caches.open(cacheName);
  await cache.put(path, new Response(await answer.clone().blob(), { status: 200, headers }));
}

async function wipe(path) {
  const cache = await caches.open(cacheName);
  await cache.delete(path);
  const kept = await cache.keys();
  if (!kept.some((r) => isPage(new URL(r.url).pathname))) await caches.delete(cacheName);
}

const alive = (kept) => Number(kept.headers.get("X-Field-Until")) > Date.now();

/** Forgets the pages whose code opens nothing any more. */
async function sweep() {
  if (!(await caches.has(cacheName))) return;
  const cache = await caches.open(cacheName);
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    const kept = isPage(pathname) && (await cache.match(request));
    if (kept && !alive(kept)) await wipe(pathname);
  }
}

async function show(request, path) {
  await sweep();
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(patience) });
    if (answer.type !== "opaqueredirect") await keepPage(path, answer.clone());
    return answer;
  } catch {
    const kept = await caches.match(path);
    if (kept) return kept;
    await wipe(path);
    return Response.error();
  }
}

async function asset(request) {
  return (await caches.match(request)) || fetch(request);
}
