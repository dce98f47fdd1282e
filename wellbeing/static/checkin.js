// An unfinished check-in: kept on this device, sealed with a key that the service gives only to the
// person signed in; sent when there is a connection; left at once. Every page works without this.
"use strict";

{
  const PREFIX = "wellbeing.checkin.";
  const SEALED_LENGTH = 800; // always: how long it is says nothing about what was answered
  const LONGEST_WAIT_MS = 6000;
  const { name, key, closes, now, over, health } = document.currentScript.dataset;
  const place = PREFIX + name;
  const shelf = findShelf();
  const find = (selector) => document.querySelector(selector);

  function findShelf() {
    try {
      return document.body.hasAttribute("data-kiosk") || !crypto.subtle ? null : localStorage;
    } catch {
      return null; // the browser forbids it, or does not reach us encrypted
    }
  }

  function namesOnShelf(start) {
    return shelf ? Object.keys(shelf).filter((kept) => kept.startsWith(start)) : [];
  }

  function look(kept) {
    try {
      return JSON.parse(shelf.getItem(kept));
    } catch {
      return null;
    }
  }

  // The time is the service's: a device's own clock may be wrong.
  function clearWhatHasClosed() {
    for (const kept of namesOnShelf(PREFIX)) {
      if (!(look(kept)?.closes > Number(now))) shelf.removeItem(kept);
    }
  }

  const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const fromHex = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  const importKey = () =>
    crypto.subtle.importKey("raw", fromHex(key), "AES-GCM", false, ["encrypt", "decrypt"]);

  async function seal(sheet) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify(sheet).padEnd(SEALED_LENGTH));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await importKey(), text);
    return { iv: toHex(iv), sealed: toHex(new Uint8Array(sealed)) };
  }

  async function open({ iv, sealed }) {
    const how = { name: "AES-GCM", iv: fromHex(iv) };
    const text = await crypto.subtle.decrypt(how, await importKey(), fromHex(sealed));
    return JSON.parse(new TextDecoder().decode(text));
  }

  function readAnswers(form) {
    const fields = [...new FormData(form)].filter(([field]) => /^item\d+$/.test(field));
    return Object.fromEntries(fields);
  }

  // ---- A page of questions: keep what is chosen, say how far one is

  let keeping = Promise.resolve();

  function keep(form) {
    keeping = keeping.then(async () => {
      if (look(place)?.off) return;
      const { step, form_id } = Object.fromEntries(new FormData(form));
      const sealed = await seal({ step, form_id, answers: readAnswers(form) });
      shelf.setItem(place, JSON.stringify({ ...sealed, closes: Number(closes) }));
    }).catch(() => {}); // full or forbidden: the page still carries its answers
    return keeping;
  }

  function showProgress(form) {
    const label = find("[data-progress]");
    const answered = Object.keys(readAnswers(form)).length;
    label.querySelector("span").textContent = label.dataset.progress.replace("{n}", answered);
    label.querySelector("progress").value = answered;
  }

  function stopKeeping() {
    shelf.setItem(place, JSON.stringify({ off: true, closes: Number(closes) }));
    find("[data-kept]").hidden = true;
    find("[data-not-kept]").hidden = false;
    find("[data-not-kept]").focus();
  }

  function onQuestions(form) {
    form.addEventListener("change", () => showProgress(form));
    if (!shelf || !key) return;
    const isOff = Boolean(look(place)?.off);
    find("[data-kept]").hidden = isOff;
    find("[data-not-kept]").hidden = !isOff;
    if (isOff) return;
    // Back and reload then ask for the start page, which comes back here with what is kept, instead
    // of asking whether to send a form again.
    history.replaceState({ step: form.elements.step.value }, "");
    keep(form);
    form.addEventListener("change", () => keep(form));
    find("[data-forget]").addEventListener("click", () => {
      keeping = keeping.then(stopKeeping);
    });
  }

  // ---- The start page: go on where somebody stopped

  function fillIn(form, { step, form_id, answers }) {
    const fields = { step: history.state?.step ?? step, form_id, ...answers };
    for (const [field, value] of Object.entries(fields)) {
      const input = form.elements[field] ?? document.createElement("input");
      Object.assign(input, { type: "hidden", name: field, value });
      form.append(input);
    }
  }

  async function onStart(form) {
    const kept = shelf && look(place);
    if (!kept?.sealed) return;
    const sheet = await open(kept).catch(() => null);
    if (!sheet || (!history.state?.step && !Object.keys(sheet.answers).length)) return;
    fillIn(form, sheet);
    if (history.state?.step) return form.submit();
    const press = form.querySelector("[data-go-on]");
    press.textContent = press.textContent.replace("{n}", Object.keys(sheet.answers).length);
    form.hidden = false;
    find("[data-begin]").hidden = true;
    find("[data-discard]").addEventListener("click", () => {
      shelf.removeItem(place);
      form.hidden = true;
      find("[data-begin]").hidden = false;
      find("[data-begin] button").focus();
    });
  }

  // ---- Sending: once, and only when somebody is there to receive it

  async function isReachable() {
    try {
      const signal = AbortSignal.timeout(LONGEST_WAIT_MS);
      const options = { method: "HEAD", cache: "no-store", redirect: "error", signal };
      return (await fetch(health, options)).ok;
    } catch {
      return false;
    }
  }

  function sendWhenReachable(form) {
    let state = "idle";
    const setState = (wanted) => {
      state = wanted;
      form.setAttribute("aria-busy", wanted !== "idle");
    };
    form.addEventListener("submit", async (event) => {
      if (state === "sending") return;
      event.preventDefault();
      if (state !== "idle") return;
      setState("asking");
      find("[data-no-connection]").hidden = true;
      const [reachable] = await Promise.all([isReachable(), keeping]);
      if (!reachable) {
        setState("idle");
        find("[data-no-connection]").hidden = false;
        return;
      }
      setState("sending");
      form.requestSubmit(event.submitter);
      setState("sent");
      setTimeout(setState, 2 * LONGEST_WAIT_MS, "idle"); // somebody may stop the page from loading
    });
  }

  // ---- Leaving at once

  function leaveAtOnce(form) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      namesOnShelf("wellbeing.").forEach((kept) => shelf.removeItem(kept));
      navigator.sendBeacon(form.action, new FormData(form));
      location.replace(form.dataset.leave);
    });
  }

  clearWhatHasClosed();
  if (over) {
    namesOnShelf(PREFIX + over).forEach((kept) => shelf.removeItem(kept));
    document.querySelectorAll("[data-cleared]").forEach((said) => (said.hidden = !shelf));
  }
  const questions = find("form[data-questions]");
  const start = find("form[data-resume]");
  if (questions) onQuestions(questions);
  if (start) onStart(start);
  if (HTMLFormElement.prototype.requestSubmit && AbortSignal.timeout) {
    document.querySelectorAll("form[data-send]").forEach(sendWhenReachable);
  }
  document.querySelectorAll("form[data-leave]").forEach(leaveAtOnce);
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload(); // a page out of memory may have been sent since
  });
}
