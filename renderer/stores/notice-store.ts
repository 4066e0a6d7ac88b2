import { createStore } from 'zustand/vanilla';

export interface Notice {
  readonly id: number;
  readonly intent: 'success' | 'error' | 'info';
  readonly text: string;
}

/** More would cover the page; the oldest goes first. */
const maxNotices = 4;
let lastId = 0;

export const noticeStore = createStore<{ readonly notices: readonly Notice[] }>(() => ({ notices: [] }));

export function notify(intent: Notice['intent'], text: string): number {
  const id = ++lastId;
  noticeStore.setState(({ notices }) => ({ notices: [...notices, { id, intent, text }].slice(-maxNotices) }));
  return id;
}

export function dismissNotice(id: number): void {
  noticeStore.setState(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) }));
}
