// Opens the diary with a passkey. The passkey makes 32 secret bytes of a salt (the PRF extension);
// they are sent with the form and take the place of the code. Without this, the code is asked for.
"use strict";

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const random = () => crypto.getRandomValues(new Uint8Array(32));

// A passkey belongs to a name; an address of numbers has none.
const hasName = () => !/^[\d.]+$|[:[]/.test(location.hostname);

async function canUsePasskeys() {
  if (!window.PublicKeyCredential || !hasName()) return false;
  const known = await PublicKeyCredential.getClientCapabilities?.();
  return known?.["extension:prf"] !== false;
}

const listed = (form) =>
  JSON.parse(form.dataset.passkeys).map(({ id, salt }) => ({ id, salt: toBytes(salt) }));

const secretOf = (credential) => credential.getClientExtensionResults().prf?.results?.first;

async function ask(passkeys) {
  const salts = passkeys.map(({ id, salt }) => [id, { first: salt }]);
  const credential = await navigator.credentials.get({
    publicKey: {
      challenge: random(),
      allowCredentials: passkeys.map(({ id }) => ({ type: "public-key", id: toBytes(id) })),
      userVerification: "required",
      extensions: { prf: { evalByCredential: Object.fromEntries(salts) } },
    },
  });
  return { credential: toText(credential.rawId), secret: secretOf(credential) };
}

async function add(form) {
  const salt = random();
  const owner = form.dataset.owner;
  const credential = await navigator.credentials.create({
    publicKey: {
      challenge: random(),
      rp: { name: "Wellbeing" },
      user: { id: random(), name: owner, displayName: owner },
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: "public-key", alg })),
      excludeCredentials: listed(form).map(({ id }) => ({ type: "public-key", id: toBytes(id) })),
      authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
      extensions: { prf: { eval: { first: salt } } },
    },
  });
  if (!credential.getClientExtensionResults().prf?.enabled) throw new Error("no PRF");
  const id = toText(credential.rawId);
  // Many passkeys make the secret only when they are used, not while they are being made.
  const secret = secretOf(credential) ?? (await ask([{ id, salt }])).secret;
  return { credential: id, salt: toText(salt), secret };
}

async function fillIn(form) {
  const made = form.dataset.passkey === "add" ? await add(form) : await ask(listed(form));
  if (!made.secret) throw new Error("no secret");
  for (const [name, value] of Object.entries({ ...made, secret: toText(made.secret) })) {
    form.elements[name].value = value;
  }
}

async function show() {
  if (!(await canUsePasskeys())) return;
  for (const note of document.querySelectorAll("[data-no-passkey]")) note.hidden = true;
  for (const form of document.querySelectorAll("[data-passkey]")) {
    const status = form.querySelector("[data-failed]");
    form.hidden = false;
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
}

show();
