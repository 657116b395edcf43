// What a phone keeps until it can be sent: one table of outcomes, by their tokens.

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

export async function store() {
  const opening = indexedDB.open("field", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("kept", { keyPath: "id" });
  const db = await done(opening);
  const table = (mode) => db.transaction("kept", mode).objectStore("kept");
  const all = async (page) => {
    const entries = await done(table("readonly").getAll());
    return entries.filter((e) => e.page === page).sort((a, b) => a.made - b.made);
  };
  return {
    all,
    put: (entry) => done(table("readwrite").put(entry)),
    drop: (id) => done(table("readwrite").delete(id)),
    forget: async (before) => {
      for (const e of await done(table("readonly").getAll())) if (e.made < before) await done(table("readwrite").delete(e.id));
    },
    clear: async (page) => {
      for (const e of await all(page)) await done(table("readwrite").delete(e.id));
    },
  };
}
