import { join } from "node:path";
import type { NextConfig } from "next";

const repository = join(import.meta.dirname ?? process.cwd(), "../..");

export default {
  // The client is in clients/typescript, outside this folder; an app that has copied it needs neither line.
  turbopack: { root: repository },
  outputFileTracingRoot: repository,
  poweredByHeader: false,
  async headers() {
    return [
      {
        source: "/:path*",
        headers: [
          { key: "X-Content-Type-Options", value: "nosniff" },
          { key: "X-Frame-Options", value: "DENY" },
          { key: "Referrer-Policy", value: "same-origin" },
        ],
      },
    ];
  },
} satisfies NextConfig;
