// Picking a point: a click, or the arrow keys, move a cross, and its place is written into the form's field.

const digits = (v) => v.toFixed(6);

/** The point in a field, or null. */
export function written(field) {
  const [lat, lon] = field.value.split(/[ ,;]+/).map(Number);
  return field.value.trim() && Number.isFinite(lat) && Number.isFinite(lon) ? { lat, lon } : null;
}

/**
 * Follows clicks and keys on a sheet. sheet: {el, at(x, y) → {lat, lon}, xy({lat, lon}) → {x, y}, middle() → {lat, lon}, show({lat, lon})}, x and y from
 * el's corner in pixels.
 */
export function pick(sheet, field) {
  let here = written(field);
  const put = (to, tell = true) => {
    here = to;
    sheet.show(to);
    if (!tell) return;
    field.value = digits(to.lat) + ", " + digits(to.lon);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  sheet.el.addEventListener("keydown", (e) => {
    const step = steps[e.key];
    if (!step || e.ctrlKey || e.altKey || e.metaKey) return;
    e.preventDefault();
    e.stopPropagation();
    const far = e.shiftKey ? 48 : 6;
    const p = sheet.xy(here || sheet.middle());
    put(sheet.at(p.x + step[0] * far, p.y + step[1] * far));
  }, true);
  field.addEventListener("change", (e) => {
    const to = e.isTrusted && written(field);
    if (to) put(to, false);
  });
  if (here) sheet.show(here);
  return put;
}
