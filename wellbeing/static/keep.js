// Buttons that help to keep a code: they show only where this runs.
"use strict";

for (const part of document.querySelectorAll("[data-keep]")) {
  const copy = part.querySelector("[data-copy]");
  const status = part.querySelector("[data-copied]");
  part.hidden = false;
  part.querySelector("[data-print]").addEventListener("click", () => window.print());
  copy.hidden = !navigator.clipboard;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(copy.dataset.copy);
    status.textContent = status.dataset.copied;
  });
}
