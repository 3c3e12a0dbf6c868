"use client";

import { Modal } from "./modal";

const KEYS = {
  n: "Write a new task", "/": "Search", "↑ ↓ or k j": "Go from task to task", Space: "Complete or reopen", "Enter or e": "Edit the title",
  d: "Details: notes, due date, priority, tags, history", Delete: "Move to the trash", u: "Undo", Escape: "Cancel", "?": "This list",
};

export function Shortcuts({ onClose }: { onClose: () => void }) {
  return (
    <Modal title="Keys" onClose={onClose}>
      <dl className="keys">
        {Object.entries(KEYS).map(([key, meaning]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{meaning}</dd></div>)}
      </dl>
      <button type="button" className="primary" onClick={onClose}>Close</button>
    </Modal>
  );
}
