"use client";

export interface NoticeText { text: string; undo?: () => void }

/** What has just happened, and how to undo it. Stays until it is closed or something else happens. */
export function Notice({ notice, onClose }: { notice: NoticeText | undefined; onClose: () => void }) {
  return (
    <div className="notice" role="status" hidden={!notice}>
      {notice && (
        <>
          <span>{notice.text}</span>
          {notice.undo && <button type="button" onClick={notice.undo}>Undo</button>}
          <button type="button" onClick={onClose}>Close</button>
        </>
      )}
    </div>
  );
}
