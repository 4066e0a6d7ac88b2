import type { ChannelContent } from '../../../shared/contracts/channels.ts';
import type { Channel } from '../../../shared/contracts/channels-api.ts';
import { askAgain } from '../../api/answers.ts';
import { notifyChange } from '../../api/undo.ts';

/** What an administrator sets, without what the server tells beside it. */
export function contentOf({ name, description, priority, windows, items, subscribers }: Channel): ChannelContent {
  return {
    name,
    description,
    priority,
    windows,
    subscribers,
    items: items.map(({ guid, version, notBeforeMs, expiresAtMs, priority: ofItem }) => {
      return { guid, version, notBeforeMs, expiresAtMs, priority: ofItem };
    }),
  };
}

export function channelSaved(told: string, changes: readonly number[]): void {
  askAgain('channels', 'channel', 'channelCopies', 'channelReplication');
  notifyChange(told, changes);
}
