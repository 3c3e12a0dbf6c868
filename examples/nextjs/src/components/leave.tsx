"use client";

import { useEffect } from "react";
import { forget, hasUnsent } from "@/sync/store";
import { usersWithCopy } from "@/sync/copy";

/** Nobody is signed in: removes the copies from this browser, unless they have writes that were never sent. */
export function Leave() {
  useEffect(() => {
    void usersWithCopy().then((users) => Promise.all(users.map(async (user) => (await hasUnsent(user)) || forget(user))));
  }, []);
  return null;
}
