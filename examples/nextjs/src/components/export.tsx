"use client";

import { useState } from "react";
import { todoClient } from "todo-api-client";
import { fetchToken, type Account } from "@/sync/store";

export function Export({ account }: { account: Account }) {
  const [error, setError] = useState<string>();

  async function save() {
    setError(undefined);
    try {
      const data = await todoClient({ url: account.api, userId: account.id, token: fetchToken }).exportAll();
      const url = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: "application/json" }));
      Object.assign(document.createElement("a"), { href: url, download: "todo-export.json" }).click();
      URL.revokeObjectURL(url);
    } catch {
      setError("The export cannot be fetched now. Please try again in a moment.");
    }
  }

  return (
    <>
      <button type="button" onClick={save}>Export</button>
      <p className="error" role="alert">{error}</p>
    </>
  );
}
