/** A Better Auth server as BETTER_AUTH_LAB describes it (see options.mjs); prints "listening <port>" when it is up. */
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { SignJWT } from "jose";
import { betterAuth, betterAuthOptions, config, fromNodeHeaders, mails, toNodeHandler } from "./options.mjs";

// Standard output carries one line, for the driver; whatever Better Auth logs goes to standard error.
console.log = console.info = console.error;

const server = createServer();
await new Promise((listening) => server.listen(config.port, "127.0.0.1", listening));
const { port } = server.address();

const options = betterAuthOptions(`http://127.0.0.1:${port}`);
const auth = betterAuth(options);
const betterAuthHandler = toNodeHandler(auth);
const secret = new TextEncoder().encode(options.secrets?.[0].value ?? options.secret);

/** What a test needs and Better Auth does not offer over HTTP; answers JSON. */
const LAB = {
  /** A token as a Next.js route handler mints it for the signed-in person. */
  "GET /lab/minted": async (request) => {
    const session = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) });
    if (!session) return null;
    // As the README has it. The session of an API key has no row.
    const sid = config.sid && !request.headers["x-api-key"] ? session.session.id : undefined;
    return new SignJWT({ email: session.user.email, name: session.user.name, sid })
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(session.user.id)
      .setIssuedAt()
      .setExpirationTime("15m")
      .sign(secret);
  },
  "GET /lab/mails": () => mails,
  /** Registers an OAuth client, as an administrator's page does. */
  "POST /lab/oauth-clients": async (request) =>
    auth.api.adminCreateOAuthClient({ body: await json(request), headers: fromNodeHeaders(request.headers) }),
  /** Whom each token names, by Better Auth's own verifier of its kind; null if it refuses the token. */
  "POST /lab/verdicts": async (request) => {
    const { kind, tokens, audience } = await json(request);
    return Promise.all(tokens.map((token) => verdict(kind, token, audience).catch(() => null)));
  },
  /** The first administrator can be made by nobody: the frontends' documents say to update the row. */
  "POST /lab/administrators": async (request) => {
    const { adapter } = await auth.$context;
    const { id } = await json(request);
    return adapter.update({ model: "user", where: [{ field: "id", value: id }], update: { role: "admin" } });
  },
  /** Ends every signing key now, as `rotationInterval` does after its days: the next token makes a new one. */
  "POST /lab/retired-keys": async () => {
    const { adapter } = await auth.$context;
    return adapter.updateMany({ model: "jwks", where: [], update: { expiresAt: new Date() } });
  },
};

/** The id of the user that `token` names. Rejects, or returns null, if Better Auth refuses it. */
async function verdict(kind, token, audience) {
  const issuer = `http://127.0.0.1:${port}`;
  const { getCookieCache } = await import("better-auth/cookies");
  const { verifyBearerToken } = await import("better-auth/oauth2");
  const cookie = new Headers({ cookie: `better-auth.session_data=${token}` });
  const cache = { strategy: "jwt", isSecure: false, version: "1" };
  switch (kind) {
    case "jwt plugin":
      return (await auth.api.verifyJWT({ body: { token } })).payload?.sub ?? null;
    case "bearer": {
      const headers = new Headers({ authorization: `Bearer ${token}` });
      return (await auth.api.getSession({ headers, query: { disableCookieCache: true } }))?.user.id ?? null;
    }
    case "session cache":
      return (await getCookieCache(cookie, { ...cache, secret: options.secret }))?.user.id ?? null;
    case "session cache by key": {
      const jwks = await (await fetch(`${issuer}/api/auth/jwks`)).json();
      return (await getCookieCache(cookie, { ...cache, jwt: { jwks, issuer } }))?.user.id ?? null;
    }
    case "access token": {
      const verifyOptions = { issuer: `${issuer}/api/auth`, audience };
      return (await verifyBearerToken(token, { verifyOptions, jwksUrl: `${issuer}/api/auth/jwks` })).sub ?? null;
    }
  }
}

async function answer(request, response) {
  const { pathname } = new URL(request.url, "http://lab");
  if (/^\/(api\/auth|\.well-known)\//.test(pathname)) return betterAuthHandler(request, response);
  const body = await LAB[`${request.method} ${pathname}`]?.(request);
  response.writeHead(body === undefined ? 404 : 200, { "content-type": "application/json" });
  response.end(JSON.stringify(body ?? null));
}

server.on("request", (request, response) => {
  // A rejection that nobody handles would end the process, and with it the reason the test should see.
  answer(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end(String(error));
  });
});

process.stdout.write(`listening ${port}\n`);
// The driver holds the other end of standard input: when it is gone, however it went, so is the server.
process.stdin.on("end", () => process.exit(0)).resume();
