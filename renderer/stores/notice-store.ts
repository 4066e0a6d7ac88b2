import { createStore } from 'zustand/vanilla';

export interface Notice {
  readonly id: number;
  readonly intent: 'success' | 'error' | 'info';
  readonly text: string;
  /** Entries of the audit trail to take back, the newest first; empty = nothing to undo. */
  readonly undo: readonly number[];
  /** A newer notice of the same topic takes its place; null = it stands for itself. */
  readonly topic: string | null;
}

/** More would cover the page; the oldest goes first. */
const maxNotices = 4;
let lastId = 0;

export const noticeStore = createStore<{ readonly notices: readonly Notice[] }>(() => ({ notices: [] }));

export function notify(
  intent: Notice['intent'],
  text: string,
  { undo = [], topic = null }: Partial<Pick<Notice, 'undo' | 'topic'>> = {},
): number {
  const id = ++lastId;
  noticeStore.setState(({ notices }) => {
    const others = topic === null ? notices : notices.filter((notice) => notice.topic !== topic);
    return { notices: [...others, { id, intent, text, undo, topic }].slice(-maxNotices) };
  });
  return id;
}

export function dismissNotice(id: number): void {
  noticeStore.setState(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) }));
}
