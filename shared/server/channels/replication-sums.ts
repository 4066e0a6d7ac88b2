import type { ReplicationState } from '../../contracts/channels.ts';
import type { ChannelCopy, ReplicationSum, replicationGroupings } from '../../contracts/channels-api.ts';

export type ReplicationGrouping = (typeof replicationGroupings)[number];

const noStates: { readonly [State in ReplicationState]: number } = {
  waiting: 0,
  'not-before': 0,
  'outside-window': 0,
  copying: 0,
  complete: 0,
  failed: 0,
  withdrawn: 0,
  expired: 0,
};

/** Adds copies up by what they have in common. */
export class ReplicationSums {
  readonly #by: ReplicationGrouping;
  readonly #sums = new Map<string, Omit<ReplicationSum, 'percent'>>();

  constructor(by: ReplicationGrouping) {
    this.#by = by;
  }

  add(copy: ChannelCopy): void {
    const { id, name } = this.#groupOf(copy);
    const sum = this.#sums.get(id) ?? { id, name, copies: 0, states: noStates, copiedBytes: 0, totalBytes: 0 };
    const isKept = copy.state !== 'withdrawn' && copy.state !== 'expired';
    this.#sums.set(id, {
      ...sum,
      copies: sum.copies + 1,
      states: { ...sum.states, [copy.state]: sum.states[copy.state] + 1 },
      copiedBytes: sum.copiedBytes + (isKept ? copy.copiedBytes : 0),
      totalBytes: sum.totalBytes + (isKept ? copy.totalSizeBytes : 0),
    });
  }

  /** By name. */
  list(): ReplicationSum[] {
    return [...this.#sums.values()]
      .map((sum) => ({ ...sum, percent: percentOf(sum.copiedBytes, sum.totalBytes) }))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  #groupOf({ channelId, channelName, agentId, packageServer, guid, version, packageName }: ChannelCopy) {
    switch (this.#by) {
      case 'channel':
        return { id: channelId, name: channelName };
      case 'package-server':
        return { id: agentId, name: packageServer };
      case 'package':
        return { id: `${guid} ${version ?? ''}`.trim(), name: `${packageName} ${version ?? ''}`.trim() };
    }
  }
}

/** Rounded down, so that 100 says that nothing is missing; of nothing, 100. */
export function percentOf(part: number, whole: number): number {
  return part >= whole ? 100 : Math.floor((100 * part) / whole);
}
