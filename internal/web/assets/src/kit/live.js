// Live parts. <div id="board" data-live="/events?…" hx-get="/board?…" hx-trigger="live" …> (web.Live) is asked anew when the
// server says that something changed. The row under the cursor or the focus stays where it is on the
// screen, and nothing is replaced while somebody types in it. Hidden tabs let their stream go.

const pause = 700; // ms: changes that come together are asked for once

export function live(htmx) {
  const streams = new Map();
  let held = new Set();

  const parts = (url) => [...document.querySelectorAll("[data-live]")].filter((el) => el.dataset.live === url);
  const typing = (el) => el.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");
  const refresh = (url) => {
    for (const el of parts(url)) {
      if (typing(el)) held.add(url);
      else htmx.trigger(el, "live");
    }
  };
  const open = (url) => {
    let timer = 0;
    const soon = () => {
      timer ||= setTimeout(() => {
        timer = 0;
        refresh(url);
      }, pause);
    };
    const source = new EventSource(url);
    let lost = false;
    source.addEventListener("changed", soon);
    source.addEventListener("error", () => (lost = true));
    source.addEventListener("open", () => {
      // What changed meanwhile was not told; a part with data-fresh may have changed since it was drawn, too.
      if (lost || parts(url).some((el) => "fresh" in el.dataset)) soon();
      lost = false;
    });
    streams.set(url, source);
  };
  const follow = () => {
    const wanted = new Set(document.hidden ? [] : [...document.querySelectorAll("[data-live]")].map((el) => el.dataset.live));
    for (const [url, source] of streams) {
      if (wanted.has(url)) continue;
      source.close();
      streams.delete(url);
    }
    for (const url of wanted) if (!streams.has(url)) open(url);
  };

  document.addEventListener("visibilitychange", () => {
    follow();
    if (!document.hidden) for (const url of streams.keys()) refresh(url);
  });
  document.addEventListener("focusout", () => {
    setTimeout(() => {
      const due = held;
      held = new Set();
      for (const url of due) refresh(url);
    });
  });
  document.addEventListener("htmx:afterSettle", follow);
  window.addEventListener("pagehide", () => {
    for (const source of streams.values()) source.close();
    streams.clear();
  });
  window.addEventListener("pageshow", follow);
  stayPut();
  follow();
}

/** Keeps the row that somebody looks at where it is while a live part is replaced. */
function stayPut() {
  let anchor = null;
  document.addEventListener("htmx:beforeSwap", (e) => {
    const part = e.detail.target && e.detail.target.closest && e.detail.target.closest("[data-live]");
    if (!part) return;
    const focused = part.contains(document.activeElement) && document.activeElement.closest("[id]");
    const row = focused && focused !== part ? focused : [...part.querySelectorAll("tr[id]:hover, [data-row][id]:hover")].pop();
    if (row) anchor = { id: row.id, top: row.getBoundingClientRect().top, focused: row === focused };
  });
  document.addEventListener("htmx:afterSwap", () => {
    const row = anchor && document.getElementById(anchor.id);
    if (row) {
      const link = row.matches("a, button") ? row : row.querySelector("[data-open], a, button");
      if (anchor.focused && link) link.focus({ preventScroll: true });
      window.scrollBy({ top: row.getBoundingClientRect().top - anchor.top, behavior: "instant" });
    }
    anchor = null;
  });
}
