// A shared screen: a minute without a touch or a key, and everything is cleared. The service ends
// the sign-in by itself as well, somewhat later, where this does not run.
"use strict";

{
  const CLEAR_AFTER_S = 60;
  const WARN_FOR_S = 15;
  const FRESH_FOR_S = 30 * 60; // the form of the start page grows old
  const start = document.body.dataset.kiosk;
  const form = document.querySelector("[data-kiosk-form]"); // on the start page only
  const warning = document.querySelector("[data-kiosk-warning]");
  let touchedAt = Date.now();

  function forget() {
    try {
      localStorage.clear();
      sessionStorage.clear();
    } catch {
      // The browser forbids it, and so has kept nothing.
    }
  }

  // Once: asked for again each second, a start page that takes longer than that would never come.
  function clear() {
    clearInterval(watch);
    forget();
    document.body.hidden = true;
    location.replace(start);
  }

  // The question closes by its button, or at the next look at the time: closed at once, the page
  // behind it would get the rest of the key or touch.
  function touch() {
    touchedAt = Date.now();
  }

  function watchPerson() {
    const left = Math.ceil(CLEAR_AFTER_S - (Date.now() - touchedAt) / 1000);
    if (left <= 0) return clear();
    if (left > WARN_FOR_S) return warning?.close();
    if (!warning) return;
    document.querySelector("[data-kiosk-seconds]").textContent = left;
    if (!warning.open) warning.showModal();
  }

  function watchStart() {
    const idle = (Date.now() - touchedAt) / 1000;
    const isBegun = [...form.elements].some((field) => field.name === "code" && field.value);
    if (idle >= (isBegun ? CLEAR_AFTER_S : FRESH_FOR_S)) clear();
  }

  forget();
  for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "input"]) {
    addEventListener(kind, touch, { passive: true, capture: true });
  }
  addEventListener("pageshow", (event) => {
    if (event.persisted) clear(); // a page out of memory belongs to somebody before
  });
  const watch = setInterval(form ? watchStart : watchPerson, 1000);
}
