/** Users of the API under test, each new, and what can go wrong between them and it. */
import { createHmac, randomUUID } from "node:crypto";
import { todoClient, type Options } from "../src/client";

const { TODO_API_URL: url = "", TODO_SECRET: secret = "" } = process.env;
export { url };

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token that ends in `seconds`, as an app of the shared secret signs it. */
export function signed(sub: string, seconds = 900, issuedSecondsAgo = 0): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub, email: `${sub}@example.com`, name: sub, iat: now - issuedSecondsAgo, exp: now + seconds };
  const message = `${encoded({ alg: "HS256", typ: "JWT" })}.${encoded(claims)}`;
  return `${message}.${createHmac("sha256", secret).update(message).digest("base64url")}`;
}

export function person(options: Partial<Options> = {}) {
  const userId = options.userId ?? randomUUID();
  return todoClient({ url, userId, token: async () => signed(userId), ...options });
}

/** Loses the answer to the next request of this method, after the server has executed it. */
export function loseNextAnswer(method: string): void {
  const real = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const response = await real(input, init);
    if (init?.method !== method) return response;
    globalThis.fetch = real;
    throw new TypeError("fetch failed");
  };
}

/** Counts the requests until `stop` is called. */
export function countRequests() {
  const real = globalThis.fetch;
  const statuses: number[] = [];
  globalThis.fetch = async (input, init) => {
    const response = await real(input, init);
    statuses.push(response.status);
    return response;
  };
  return { statuses, stop: () => { globalThis.fetch = real; } };
}
