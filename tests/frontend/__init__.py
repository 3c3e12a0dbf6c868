"""The TypeScript client and the Next.js example, as frontend developers get them."""
