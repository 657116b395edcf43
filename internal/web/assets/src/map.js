// Maps that move. Each <figure data-chart> holds a map that the server drew, and what it shows as data; where the browser
// can draw it, MapLibre does, with tiles from here alone. Whatever fails leaves the drawn map where it is.
import { look, pin, figures, colour, faces, grid } from "./map/look.js";
import { pick } from "./map/pick.js";

const still = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");

function capable() {
  const canvas = document.createElement("canvas");
  const gl = canvas.getContext("webgl2");
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return Boolean(gl);
}

const collection = (features) => ({ type: "FeatureCollection", features });
const turned = (points) => points.map(([lat, lon]) => [lon, lat]);
const feature = (geometry, properties) => ({ type: "Feature", geometry, properties });

const sources = {
  pins: (d) => d.pins.filter((p) => p.tone !== "home").map((p) => feature({ type: "Point", coordinates: [p.lon, p.lat] }, { ...p, open: Boolean(p.open), icon: "pin-" + p.tone + (p.open ? "-open" : "") + (p.post ? "-post" : "") + (p.rough ? "-rough" : "") })),
  home: (d) => d.pins.filter((p) => p.tone === "home").map((p) => feature({ type: "Point", coordinates: [p.lon, p.lat] }, { ...p, icon: "pin-home" })),
  lines: (d) => d.lines.map((l) => feature({ type: "LineString", coordinates: turned(l.points) }, { text: l.text, tone: l.tone })),
  zones: (d) => d.zones.map((z) => feature({ type: "Polygon", coordinates: [turned([...z.points, z.points[0]])] }, { say: z.say, tone: z.tone })),
};

/** The lists are never null for who goes through them. */
function read(figure) {
  const d = JSON.parse(figure.querySelector("[data-now]").dataset.now);
  for (const name of ["pins", "lines", "zones"]) d[name] ||= [];
  return d;
}

const count = (tone) => ["+", ["case", ["==", ["get", "tone"], tone], 1, 0]];

/** Every picture of a pin. */
function pictures(map) {
  const add = (name) => !map.hasImage(name) && map.addImage(name, pin(name), { pixelRatio: 2 });
  add("pin-home");
  for (const tone of ["urgent", "wait", "accent", "info", "good"]) {
    add(`pin-${tone}-many`);
    for (const open of ["", "-open"]) for (const post of ["", "-post"]) for (const rough of ["", "-rough"]) add("pin-" + tone + open + post + rough);
  }
}

/** Everything that a page shows on the ground. */
function dress(map, data) {
  pictures(map);
  if (!data.tiles) {
    map.addSource("grid", { type: "geojson", data: grid(map.getBounds()) });
    map.addLayer({ id: "grid", type: "line", source: "grid", paint: { "line-color": colour("--line"), "line-width": 1 } });
  }
  for (const name of Object.keys(sources)) {
    const more = name === "pins" ? { cluster: true, clusterRadius: 24, clusterMaxZoom: 16, clusterProperties: { urgent: count("urgent"), wait: count("wait"), accent: count("accent") } } : {};
    map.addSource(name, { type: "geojson", data: collection(sources[name](data)), ...more });
  }
  map.addSource("cross", { type: "geojson", data: collection([]) });
  const tone = (a, b) => ["match", ["get", "tone"], "urgent", colour("--urgent"), "wait", colour("--wait"), b || colour(a)];
  map.addLayer({ id: "zones", type: "fill", source: "zones", paint: { "fill-color": tone("--urgent"), "fill-opacity": 0.15 } });
  map.addLayer({ id: "zones-edge", type: "line", source: "zones", paint: { "line-color": tone("--urgent"), "line-width": 2, "line-dasharray": [3, 2] } });
  map.addLayer({ id: "lines", type: "line", source: "lines", layout: { "line-join": "round" }, paint: { "line-color": tone("--info"), "line-width": 4, "line-opacity": 0.75 } });
  const small = { "text-font": faces.bold, "text-size": 11, "text-allow-overlap": true, "icon-allow-overlap": true };
  map.addLayer({ id: "lines-text", type: "symbol", source: "lines", layout: { ...small, "text-field": ["get", "text"], "symbol-placement": "line-center", "text-size": 14 }, paint: { "text-color": colour("--ink"), "text-halo-color": colour("--paper"), "text-halo-width": 2 } });
  map.addLayer({ id: "here", type: "circle", source: "pins", filter: ["==", ["get", "id"], ""], paint: { "circle-radius": 17, "circle-color": "rgba(0,0,0,0)", "circle-stroke-color": colour("--focus"), "circle-stroke-width": 3 } });
  map.addLayer({ id: "home", type: "symbol", source: "home", layout: { ...small, "icon-image": ["get", "icon"] } });
  map.addLayer({ id: "many", type: "symbol", source: "pins", filter: ["has", "point_count"], layout: { ...small, "text-size": 12, "text-field": ["get", "point_count"], "icon-image": ["case", [">", ["get", "urgent"], 0], "pin-urgent-many", [">", ["get", "wait"], 0], "pin-wait-many", [">", ["get", "accent"], 0], "pin-accent-many", "pin-info-many"] },
    paint: { "text-color": ["case", [">", ["get", "urgent"], 0], colour("--on-urgent"), [">", ["get", "wait"], 0], colour("--paper"), colour("--on-accent")] } });
  map.addLayer({ id: "pins", type: "symbol", source: "pins", filter: ["!", ["has", "point_count"]], layout: { ...small, "text-field": ["get", "text"], "icon-image": ["get", "icon"] }, paint: { "text-color": figures() } });
  map.addLayer({ id: "cross-ring", type: "circle", source: "cross", paint: { "circle-radius": 13, "circle-color": "rgba(0,0,0,0)", "circle-stroke-color": colour("--focus"), "circle-stroke-width": 3 } });
  map.addLayer({ id: "cross", type: "circle", source: "cross", paint: { "circle-radius": 3, "circle-color": colour("--focus") } });
}

function follow(map, figure) {
  const hover = (id) => map.getLayer("here") && map.setFilter("here", ["==", ["get", "id"], id]);
  const rowOf = (e) => e.target.closest?.("[data-pin]");
  for (const event of ["mouseover", "focusin"]) {
    document.addEventListener(event, (e) => {
      const row = rowOf(e);
      if (row) hover(row.dataset.pin);
    });
  }
  map.on("mousemove", (e) => {
    const [f] = map.queryRenderedFeatures(e.point, { layers: ["pins", "many"] });
    map.getCanvas().style.cursor = f ? "pointer" : "";
    map.getCanvas().title = f?.properties.say || "";
    for (const row of document.querySelectorAll("tr.here")) row.classList.remove("here");
    if (f?.properties.id) document.querySelector(`[data-pin="${f.properties.id}"]`)?.classList.add("here");
  });
  map.on("click", async (e) => {
    const [f] = map.queryRenderedFeatures(e.point, { layers: ["pins", "many"] });
    if (f?.properties.cluster) {
      const zoom = await map.getSource("pins").getClusterExpansionZoom(f.properties.cluster_id);
      map.easeTo({ center: f.geometry.coordinates, zoom: zoom + 0.5, duration: still.matches ? 0 : 250 });
    } else if (f?.properties.href && !figure.dataset.picking) location.assign(f.properties.href);
  });
}

/** The cross that a point is picked with. */
function picking(map, figure, field) {
  begun(figure);
  const canvas = map.getCanvas();
  map.keyboard.disable();
  const put = pick({
    el: canvas,
    at: (x, y) => ({ lat: map.unproject([x, y]).lat, lon: map.unproject([x, y]).lng }),
    xy: (p) => map.project([p.lon, p.lat]),
    middle: () => ({ lat: map.getCenter().lat, lon: map.getCenter().lng }),
    show: (p) => {
      map.getSource("cross").setData(collection([feature({ type: "Point", coordinates: [p.lon, p.lat] }, {})]));
      if (!map.getBounds().contains([p.lon, p.lat])) map.jumpTo({ center: [p.lon, p.lat] });
    },
  }, field);
  map.on("click", (e) => put({ lat: e.lngLat.lat, lon: e.lngLat.lng }));
  canvas.addEventListener("keydown", (e) => {
    if (e.key === "+" || e.key === "=") map.zoomIn({ duration: 0 });
    if (e.key === "-") map.zoomOut({ duration: 0 });
  });
}

async function begin(figure) {
  let data = read(figure);
  const field = data.pick && document.getElementById(data.pick);
  const box = figure.querySelector(".chart-live");
  if (!capable() || !figure.dataset.worker) return onPaper(figure, field);
  const lib = await import("maplibre-gl");
  lib.setWorkerUrl(new URL(figure.dataset.worker, location.href).href);
  await sheet();
  box.hidden = false;
  const map = new lib.Map({
    container: box, style: look(data), attributionControl: false, fadeDuration: 0, maxZoom: 18.5, dragRotate: false, pitchWithRotate: false, touchPitch: false, locale: data.words,
    ...(data.fit && { bounds: data.fit, fitBoundsOptions: { padding: 44, maxZoom: 15 } }),
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new lib.NavigationControl({ showCompass: false }));
  map.addControl(new lib.ScaleControl());
  const lost = new Promise((_, fail) => map.getCanvas().addEventListener("webglcontextlost", () => fail(new Error("the drawing context was lost")), { once: true }));
  await Promise.race([map.once("load"), lost]);
  dress(map, data);
  map.on("moveend", () => map.getSource("grid")?.setData(grid(map.getBounds())));
  let shown = field && seek(map, field, "");
  dark.addEventListener("change", () => {
    map.setStyle(look(data), { diff: false });
    map.once("styledata", () => map.getSource("pins") || dress(map, data));
  });
  document.addEventListener("htmx:afterSettle", () => {
    data = read(figure);
    for (const name of Object.keys(sources)) map.getSource(name)?.setData(collection(sources[name](data)));
    if (field) shown = seek(map, field, shown);
  });
  await Promise.race([map.once("idle"), lost]); // the map that the server drew stands until this one shows as much
  figure.classList.add("chart-on");
  follow(map, figure);
  if (field) picking(map, figure, field);
  figure.dataset.ready = "on"; // everything is drawn: tests wait for it
}

/** MapLibre's own style sheet, which is a bundle of its own. */
function sheet() {
  return new Promise((done) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL("map-style.css", import.meta.url).href;
    link.onload = link.onerror = done;
    document.head.append(link);
  });
}

/** Picking on the drawn map, where nothing moves. */
function onPaper(figure, field) {
  const svg = figure.querySelector(".chart-paper");
  if (!field || !svg) return;
  const { lat, lon, zoom, w } = Object.fromEntries(Object.entries(svg.dataset).map(([k, v]) => [k, Number(v)]));
  const world = 512 * 2 ** zoom;
  const merc = (a) => (0.5 - Math.log(Math.tan(Math.PI / 4 + (a * Math.PI) / 360)) / (2 * Math.PI)) * world;
  const back = (y) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / world))) * 180) / Math.PI;
  const size = () => svg.getBoundingClientRect();
  const unit = () => w / size().width; // of paper in a pixel
  const mark = document.createElementNS("http://www.w3.org/2000/svg", "circle");
  mark.setAttribute("r", "10");
  mark.setAttribute("class", "chart-cross");
  const h = svg.viewBox.baseVal.height;
  const known = document.createElementNS("http://www.w3.org/2000/svg", "circle");
  known.setAttribute("r", "7");
  known.setAttribute("class", "chart-known");
  let found = null; // where the address lies that was typed
  const at = (x, y) => ({ lon: lon + ((x * unit() - w / 2) / world) * 360, lat: back(merc(lat) + y * unit() - h / 2) });
  const xy = (p) => ({ x: (((p.lon - lon) / 360) * world + w / 2) / unit(), y: (merc(p.lat) - merc(lat) + h / 2) / unit() });
  svg.setAttribute("tabindex", "0");
  const put = pick({
    el: svg, at, xy, middle: () => found || { lat, lon },
    show: (p) => {
      mark.setAttribute("cx", xy(p).x * unit());
      mark.setAttribute("cy", xy(p).y * unit());
      svg.append(mark);
    },
  }, field);
  svg.addEventListener("click", (e) => put(at(e.clientX - size().left, e.clientY - size().top)));
  const follow = () => {
    const to = document.querySelector("#where[data-at]")?.dataset.at;
    known.remove();
    found = null;
    if (!to || field.value.trim()) return;
    const [a, b] = to.split(", ").map(Number);
    found = { lat: a, lon: b };
    known.setAttribute("cx", xy(found).x * unit());
    known.setAttribute("cy", xy(found).y * unit());
    svg.append(known);
  };
  document.addEventListener("htmx:afterSettle", follow);
  follow();
  begun(figure);
}

/** Goes to where the address that was typed was found, unless a point stands in the field; returns what it shows. */
function seek(map, field, shown) {
  const { at, rough } = document.querySelector("#where[data-at]")?.dataset || {};
  if (!at || field.value.trim()) return shown;
  const [lat, lon] = at.split(", ").map(Number);
  map.getSource("pins")?.setData(collection([feature({ type: "Point", coordinates: [lon, lat] }, { id: "known", text: "", icon: "pin-wait" + (rough === undefined ? "" : "-rough") })]));
  if (at !== shown) map.jumpTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), 15) });
  return at;
}

/** Says how a place is shown, now that it can be. */
function begun(figure) {
  figure.dataset.picking = "on";
  for (const words of figure.parentElement.querySelectorAll("[data-pick-words]")) words.hidden = words.dataset.pickWords !== "show";
}

/** A figure behind a closed word waits until somebody opens it. */
function opened(figure) {
  const details = figure.closest("details");
  if (!details || details.open) return Promise.resolve();
  return new Promise((done) => details.addEventListener("toggle", done, { once: true }));
}

for (const figure of document.querySelectorAll("[data-chart]")) {
  opened(figure).then(() => begin(figure)).catch((e) => {
    console.warn("the map stays as it was drawn", e);
    const box = figure.querySelector(".chart-live");
    box.replaceChildren();
    box.hidden = true;
    figure.classList.remove("chart-on");
    const pick = read(figure).pick;
    onPaper(figure, pick && document.getElementById(pick));
  });
}
