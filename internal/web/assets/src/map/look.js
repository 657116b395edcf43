// How the map looks: few quiet colours from the page's own style, names in the reader's language.

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const fonts = ["Noto Sans,Segoe UI,Roboto,Arial,Liberation Sans,DejaVu Sans"];
const bold = ["Noto Sans Semibold,Segoe UI Semibold,Noto Sans,Segoe UI,Roboto,Arial,Liberation Sans,DejaVu Sans"];

/** The name in a language; the one that is used there where it has none of its own. */
const named = (lang) => ["coalesce", ["get", "name:" + lang], ["get", "name"]];

const zoomed = (...stops) => ["interpolate", ["exponential", 1.5], ["zoom"], ...stops];
const classes = (...names) => ["in", ["get", "class"], ["literal", names]];
const under = (name) => [name, name + "-under"];

const area = (id, color, filter) => ({ id, type: "fill", source: "ground", "source-layer": id.split("-")[0], ...(filter && { filter }), paint: { "fill-color": color, "fill-antialias": true } });
const line = (id, from, color, width, filter, more = {}) => ({
  id, type: "line", source: "ground", "source-layer": from, ...(filter && { filter }), layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": color, "line-width": width, ...more },
});

function roads() {
  const road = css("--g-road");
  const main = css("--g-main");
  const path = css("--g-path");
  const small = classes(...under("street"), ...under("yard"));
  const wide = classes(...under("motorway"), ...under("trunk"), ...under("primary"));
  return [
    line("path", "road", path, zoomed(14, 0.7, 18, 2), classes(...under("path"), ...under("track")), { "line-dasharray": [2, 2] }),
    line("street-edge", "road", path, zoomed(13, 1.4, 18, 15), small),
    line("street", "road", road, zoomed(12, 0.7, 14, 2, 18, 12), small),
    line("tertiary", "road", road, zoomed(10, 0.7, 14, 3.4, 18, 16), classes(...under("tertiary"))),
    line("secondary", "road", road, zoomed(9, 0.7, 14, 4.2, 18, 18), classes(...under("secondary"))),
    line("main-edge", "road", path, zoomed(8, 1, 14, 6.4, 18, 25), wide),
    line("main", "road", main, zoomed(6, 0.6, 10, 1.6, 14, 5, 18, 22), wide),
  ];
}

function names(lang) {
  const paint = { "text-color": css("--g-name"), "text-halo-color": css("--g-halo"), "text-halo-width": 1.4 };
  const text = (id, from, filter, size, layout = {}) => ({ id, type: "symbol", source: "ground", "source-layer": from, filter, layout: { "text-field": named(lang), "text-font": fonts, "text-size": size, "text-padding": 4, ...layout }, paint });
  const along = (id, filter, size) => text(id, "road", filter, size, { "symbol-placement": "line", "symbol-spacing": 320, "text-max-angle": 35 });
  return [
    { ...text("house", "house", ["has", "name"], 10.5, { "text-field": ["get", "name"] }), minzoom: 16.5 },
    { ...along("street-name", classes("street", "tertiary"), 11), minzoom: 14 },
    along("main-name", classes("secondary", "primary", "trunk", "motorway"), 12),
    { ...text("mark", "mark", ["has", "name"], 11, { "text-max-width": 8 }), minzoom: 14.5 },
    text("quarter", "place", classes("quarter", "locality"), 11.5, { "text-letter-spacing": 0.05, "text-max-width": 7 }),
    text("village", "place", classes("village"), 12.5),
    text("city", "place", classes("city", "town"), zoomed(6, 13, 12, 18), { "text-font": bold }),
  ];
}

/** The whole style for what a figure shows; without tiles a plain ground. */
export function look(data) {
  const style = { version: 8, sources: {}, layers: [{ id: "paper", type: "background", paint: { "background-color": css("--g-ground") } }] };
  if (!data.tiles) return style;
  style.sources.ground = { type: "vector", tiles: [location.origin + data.tiles], minzoom: data.least, maxzoom: 14 };
  style.layers.push(
    area("land", css("--g-land"), classes("homes")), area("land-works", css("--g-works"), classes("works")), area("green", css("--g-green")), area("water", css("--g-water")),
    line("stream", "stream", css("--g-water"), zoomed(8, 0.8, 14, 2, 18, 8)),
    { ...area("building", css("--g-house")), minzoom: 14 },
    line("rail", "rail", css("--g-rail"), zoomed(8, 0.6, 18, 3), null, { "line-dasharray": [4, 2] }),
    ...roads(),
    ...names(data.lang),
  );
  return style;
}

/** The lines of a plain grid, at most nine across the view and as many again on each side of it, for who moves the map. */
export function grid(bounds) {
  const [west, south, east, north] = bounds.toArray().flat();
  const step = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10].find((s) => (east - west) / s <= 9) || 20;
  const [wide, high] = [east - west, north - south];
  const lines = [];
  const every = (from, to, line) => {
    for (let i = Math.ceil(from / step); i * step < to; i++) lines.push(line(i * step));
  };
  every(west - wide, east + wide, (lon) => [[lon, south - high], [lon, north + high]]);
  every(Math.max(south - high, -85), Math.min(north + high, 85), (lat) => [[west - wide, lat], [east + wide, lat]]);
  return { type: "Feature", properties: {}, geometry: { type: "MultiLineString", coordinates: lines } };
}

const ink = { urgent: ["--urgent", "--on-urgent"], wait: ["--wait", "--paper"], accent: ["--accent", "--on-accent"], info: ["--info", "--paper"], good: ["--good", "--paper"], home: ["--ink", "--paper"] };

/** A pin's picture by its name: tone, then open, post, many, rough. */
export function pin(name) {
  const [, tone, ...is] = name.split("-");
  const side = is.includes("many") ? 60 : 48;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const g = canvas.getContext("2d");
  const [fill] = (ink[tone] || ink.accent).map(css);
  const open = is.includes("open");
  g.lineWidth = open ? 6 : 4;
  g.fillStyle = open ? css("--paper") : fill;
  g.strokeStyle = open ? fill : css("--paper");
  if (is.includes("rough")) g.setLineDash([7, 5]);
  g.beginPath();
  const c = side / 2;
  const r = c - 5;
  if (tone === "home") house(g, c);
  else if (is.includes("post")) g.rect(c - r + 2, c - r + 2, 2 * r - 4, 2 * r - 4);
  else g.arc(c, c, r, 0, 2 * Math.PI);
  g.fill();
  g.stroke();
  return g.getImageData(0, 0, side, side);
}

function house(g, c) {
  for (const [x, y] of [[0, -19], [19, 0], [11, 0], [11, 17], [-11, 17], [-11, 0], [-19, 0]]) g.lineTo(c + x, c + y);
  g.closePath();
}

/** The colour of the number on a pin. */
export const figures = () => ["case", ["get", "open"], css("--ink"), ["match", ["get", "tone"], "urgent", css("--on-urgent"), ["wait", "info", "good", "home"], css("--paper"), css("--on-accent")]];
export const colour = css;
export const faces = { fonts, bold };
