import type { Metadata } from "next";
import { Page } from "@/components/page";
import { Trash } from "@/components/trash";
import { requireSession } from "@/lib/session";
import { apiUrl } from "@/lib/todo";

export const metadata: Metadata = { title: "Trash" };

export default async function TrashPage() {
  const { user } = await requireSession();
  return (
    <Page title="Trash" user={user}>
      <Trash account={{ id: user.id, api: process.env.TODO_API_URL ?? apiUrl }} />
    </Page>
  );
}
