// The plan. Stops are moved with Shift+arrows and with the mouse: what a place costs is shown before the stop is
// dropped there; Enter, or letting go, does it. All of it works as plain forms, too.
import htmx from "htmx.org";


const form = () => document.getElementById("put");

let target = null; // the place that would be taken

/** Every place of the chosen stop: {crew, at, x, say, ok, here}, by crews in their order. */
function offers() {
  const f = form();
  if (!f) return [];
  if (!f.offers) f.offers = JSON.parse(f.dataset.offers);
  return f.offers;
}

function lane(crew) {
  return document.querySelector(`[data-lane="${crew}"]`);
}

/** Shows a place: the line on the axis, what it costs in the panel; null takes it away. */
function aim(offer) {
  target = offer;
  for (const l of document.querySelectorAll(".lane.drop")) l.classList.remove("drop", "no");
  for (const g of document.querySelectorAll(".ghost.on")) g.classList.remove("on", "no");
  const f = form();
  if (!f) return;
  const box = f.querySelector("[data-ghost]");
  box.hidden = !offer;
  if (!offer) return;
  const bad = !offer.ok && !offer.here;
  box.classList.toggle("no", bad);
  box.querySelector("[data-say]").textContent = offer.say;
  const confirm = box.querySelector("[data-confirm]");
  confirm.value = offer.crew + ":" + offer.at;
  confirm.disabled = bad || offer.here;
  const row = lane(offer.crew);
  if (!row) return;
  row.classList.add("drop");
  row.classList.toggle("no", bad);
  const ghost = row.querySelector(".ghost");
  ghost.setAttribute("x1", offer.x + "%");
  ghost.setAttribute("x2", offer.x + "%");
  ghost.classList.add("on");
  ghost.classList.toggle("no", bad);
  row.scrollIntoView({ block: "nearest" });
}

/** From the place that is shown, or from where the stop is. */
function from() {
  if (target) return target;
  return offers().find((o) => o.here) || null;
}

function along(step) {
  const here = from();
  if (!here) return across(step > 0 ? 1 : -1);
  const next = offers().find((o) => o.crew === here.crew && o.at === here.at + step);
  if (next) aim(next);
}

function across(step) {
  const crews = [...new Set(offers().map((o) => o.crew))];
  if (crews.length === 0) return;
  const here = from();
  const at = here ? crews.indexOf(here.crew) + step : step > 0 ? 0 : crews.length - 1;
  const crew = crews[at];
  if (crew === undefined) return;
  const places = offers().filter((o) => o.crew === crew);
  const x = here ? here.x : 0;
  aim(nearest(places, x));
}

function nearest(places, x) {
  return places.reduce((best, o) => (!best || Math.abs(o.x - x) < Math.abs(best.x - x) ? o : best), null);
}

let wanted = null; // the stop that should be in the panel
let fetching = null;

/** Brings a stop into the panel; of several that are asked for at once the last one stays. */
function choose(stop) {
  wanted = stop;
  fetching ||= fetchWanted().finally(() => (fetching = null));
  return fetching;
}

async function fetchWanted() {
  while (!form() || form().elements.stop.value !== wanted) {
    const stop = wanted;
    const link = [...document.querySelectorAll("[data-stop]")].find((a) => a.dataset.stop === stop);
    const url = new URL(link ? link.href : location.href);
    url.searchParams.set("stop", stop);
    for (const name of ["to", "at", "with"]) url.searchParams.delete(name);
    target = null;
    await htmx.ajax("GET", url.pathname + url.search, { target: "#panel", select: "#panel", swap: "outerHTML" });
    if (!form()) return; // it is gone
    history.replaceState(null, "", url);
    document.getElementById("plan").setAttribute("hx-get", url.pathname + url.search); // what a refresh asks for
    mark(stop);
  }
}

/** Marks a stop on the axis, on the map and in the table. */
function mark(stop) {
  for (const g of document.querySelectorAll("[data-block]")) g.classList.toggle("here", g.dataset.block === stop);
  for (const tr of document.querySelectorAll("tr.tone-accent")) tr.classList.remove("tone-accent");
  const row = document.getElementById("stop-" + stop) || document.getElementById("left-" + stop);
  if (row) row.classList.add("tone-accent");
}

const arrows = { ArrowLeft: () => along(-1), ArrowRight: () => along(1), ArrowUp: () => across(-1), ArrowDown: () => across(1) };

document.addEventListener("keydown", (e) => {
  if (document.querySelector("dialog[open]") || e.target.matches("input, select, textarea")) return;
  if (e.shiftKey && !e.ctrlKey && !e.altKey && arrows[e.key] && form()) {
    e.preventDefault();
    arrows[e.key]();
  } else if (e.key === "Escape" && target) {
    e.preventDefault();
    aim(null);
  }
}, true);

document.addEventListener("focusin", (e) => {
  const link = e.target.closest("a[data-stop]");
  if (link) choose(link.dataset.stop);
});

// The mouse: a block is taken, the nearest place under the pointer is shown with its cost, letting go moves it.
let held = null;

document.addEventListener("pointerdown", (e) => {
  const block = e.target.closest("[data-block]");
  if (!block || e.button !== 0) return;
  e.preventDefault();
  held = { x: e.clientX, y: e.clientY, moved: false, ready: choose(block.dataset.block) };
});

document.addEventListener("pointermove", (e) => {
  if (!held) return;
  held.moved ||= Math.hypot(e.clientX - held.x, e.clientY - held.y) > 5;
  if (!held.moved) return;
  const row = (document.elementFromPoint(e.clientX, e.clientY) || document.body).closest("[data-lane]");
  if (!row) return aim(null);
  const box = row.querySelector(".lane-time").getBoundingClientRect();
  aim(nearest(offers().filter((o) => String(o.crew) === row.dataset.lane), ((e.clientX - box.left) / box.width) * 100));
});

document.addEventListener("pointerup", async () => {
  if (!held) return;
  const { moved, ready } = held;
  held = null;
  await ready;
  if (!moved) return;
  if (target && target.ok && !target.here) form().querySelector("[data-confirm]").click();
  else if (target && !target.here) refuse(target);
  else aim(null);
});

/** A place that is refused says why in full: the rule, the time and the way out. */
async function refuse(offer) {
  const url = new URL(location.href);
  url.searchParams.set("stop", form().elements.stop.value);
  url.searchParams.set("to", offer.crew);
  url.searchParams.set("at", offer.at);
  await htmx.ajax("GET", url.pathname + url.search, { target: "#panel", select: "#panel", swap: "outerHTML" });
  aim(null);
}

document.addEventListener("keydown", (e) => {
  if (e.key === "Enter" && target && !target.ok && !target.here) {
    e.preventDefault();
    refuse(target);
  }
}, true);

// After an act the page is where it was.
const kept = "plan-scroll";
document.addEventListener("submit", () => sessionStorage.setItem(kept, String(scrollY)));
const before = sessionStorage.getItem(kept);
if (before) scrollTo({ top: Number(before), behavior: "instant" });
sessionStorage.removeItem(kept);
const chosen = new URL(location.href).searchParams.get("stop");
const row = chosen && (document.getElementById("stop-" + chosen) || document.getElementById("left-" + chosen));
if (row && !document.querySelector("[data-focus]")) row.querySelector("[data-open]").focus({ preventScroll: true });
document.documentElement.dataset.plan = "on"; // the arrows work now
