// A real OpenID Connect provider for tests: oidc-provider with accounts given by the test, a page
// that signs anybody in by name, and a way to change its keys while it runs.
//
// The one argument is JSON: port, host, clients, accounts, claims_in_id_token, id_token_seconds.
import { createServer } from "node:http";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import Provider from "oidc-provider";

const given = JSON.parse(process.argv[2]);
const issuer = `http://${given.host}:${given.port}`;
let handle = start([makeKey()]);

function makeKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };
}

function start(keys) {
  const provider = new Provider(issuer, {
    clients: given.clients,
    jwks: { keys },
    pkce: { required: () => true },
    scopes: ["openid", "profile", "email"],
    claims: {
      openid: ["sub"],
      email: ["email", "email_verified"],
      profile: ["name", "employee_number"],
      acr: null,
      amr: null,
      sid: null,
      auth_time: null,
    },
    conformIdTokenClaims: !given.claims_in_id_token,
    acrValues: ["one", "two"],
    cookies: { keys: ["only for tests"] },
    ttl: { IdToken: given.id_token_seconds ?? 600 },
    features: {
      devInteractions: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true },
    },
    findAccount: (_ctx, id) => {
      const claims = given.accounts[id];
      return claims && { accountId: id, claims: () => ({ sub: id, ...claims }) };
    },
    // Nobody is asked whether they agree: the workplace has agreed for them.
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({
        accountId: ctx.oidc.session.accountId,
        clientId: ctx.oidc.client.clientId,
      });
      grant.addOIDCScope("openid profile email");
      await grant.save();
      return grant;
    },
    // Ours would refuse to call a service on this very machine.
    fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  });
  return provider.callback();
}

createServer((request, response) => {
  if (request.method === "POST" && request.url === "/change-keys") {
    handle = start([makeKey()]);
    response.end();
  } else {
    handle(request, response);
  }
}).listen(given.port, "127.0.0.1", () => console.log("ready"));
