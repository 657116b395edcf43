// What every page of the office loads. Pages work without it, as plain links and forms; it adds keys,
// drafts saved while typing, live boards and the guard against a double click.
import htmx from "htmx.org";
import { keys } from "./kit/keys.js";
import { drafts } from "./kit/draft.js";
import { live } from "./kit/live.js";
import { forms } from "./kit/forms.js";
import { answers } from "./kit/answers.js";
import { drop } from "./kit/drop.js";
import { sheets } from "./kit/sheet.js";

// The strict content policy: no style that htmx would write itself, nothing evaluated.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0; // pages hold personal data: none of it in the browser's storage
// Refusals are answers too: 422 brings the form again, other errors a notice (web.respond).
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "[45]..", swap: true, error: true },
];

// A page that answers a form has no address of its own: Back and a reload find the form's page instead of asking whether to
// send it again.
const found = document.body.dataset.found;
if (found) history.replaceState(history.state, "", found);

// On a phone the tabs and the rail run over the edge: what is open is in sight.
for (const row of document.querySelectorAll(".tabs, .rail")) {
  const here = row.querySelector('[aria-current="page"]');
  if (here) row.scrollLeft += here.getBoundingClientRect().left - row.getBoundingClientRect().left - 16;
}

sheets();
keys();
drafts();
live(htmx);
forms();
answers();
drop();
document.documentElement.dataset.script = "on"; // the hints of keys are shown: they work now
