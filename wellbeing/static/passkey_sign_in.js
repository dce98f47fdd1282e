// Signs in with a passkey, and makes one. The question comes from the server when a button is
// pressed; the answer goes back with the form. Forms stay hidden where it cannot work.
"use strict";

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

// A passkey belongs to a name; an address of numbers has none.
const canUsePasskeys = window.PublicKeyCredential && !/^[\d.]+$|[:[]/.test(location.hostname);

function inBytes(question) {
  const named = [...(question.allowCredentials ?? []), ...(question.excludeCredentials ?? [])];
  question.challenge = toBytes(question.challenge);
  if (question.user) question.user.id = toBytes(question.user.id);
  for (const known of named) known.id = toBytes(known.id);
  return question;
}

async function fetchQuestion(form) {
  const token = form.elements.csrf_token.value;
  const said = await fetch(form.dataset.question, {
    method: "POST",
    body: new URLSearchParams({ csrf_token: token }),
    redirect: "error",
  });
  if (!said.ok) throw new Error(`no question: ${said.status}`);
  return inBytes(await said.json());
}

function inText({ id, rawId, type, response }) {
  const fields = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const given = fields.filter((name) => response[name]);
  return JSON.stringify({
    id,
    rawId: toText(rawId),
    type,
    response: {
      ...Object.fromEntries(given.map((name) => [name, toText(response[name])])),
      transports: response.getTransports?.() ?? [],
    },
  });
}

async function fillIn(form) {
  const publicKey = await fetchQuestion(form);
  const made = form.dataset.passkey === "make"
    ? await navigator.credentials.create({ publicKey })
    : await navigator.credentials.get({ publicKey });
  form.elements.answer.value = inText(made);
}

function show(form) {
  const status = form.querySelector("[data-failed]");
  form.hidden = false;
  form.closest("[data-passkey-part]")?.removeAttribute("hidden");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    status.textContent = "";
    try {
      await fillIn(form);
      form.submit();
    } catch {
      status.textContent = status.dataset.failed;
    }
  });
}

if (canUsePasskeys) {
  for (const note of document.querySelectorAll("[data-no-passkey]")) note.hidden = true;
  for (const form of document.querySelectorAll("form[data-passkey]")) show(form);
}
