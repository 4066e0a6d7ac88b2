import type { AgentId, PackageKey } from '../base/ids.ts';
import { formatCidr } from '../base/ipv4.ts';
import type { JournalReason } from '../contracts/journal.ts';
import type { AgentContext } from './agent-context.ts';
import type { ClaimChange } from './claim.ts';

/** Tells people and the Notification Server what became of a claim. */
export class ClaimChronicle {
  readonly #context: AgentContext;
  readonly #key: PackageKey;

  constructor(context: AgentContext, key: PackageKey) {
    this.#context = context;
    this.#key = key;
  }

  /** @param whyDirect why the blocks have to come from a server now */
  changed(change: ClaimChange, epoch: number, peer: AgentId | null, whyDirect: JournalReason): void {
    const { journal } = this.#context;
    switch (change) {
      case 'claimed':
        journal.decide(this.#key, whyDirect, 'notification-server', null);
        this.report(epoch, 'claimed');
        return;
      case 'taken-over':
        journal.decide(this.#key, 'claim-taken-over', 'peer', peer);
        this.report(epoch, 'claimed');
        return;
      case 'lost':
        journal.decide(this.#key, 'claim-lost', 'peer', peer);
        this.report(epoch, 'lost');
        return;
      case 'released-by-other':
        journal.decide(this.#key, 'claim-released', 'peer', peer);
        return;
      case 'following':
        journal.decide(this.#key, 'following-claim', 'peer', peer);
    }
  }

  report(epoch: number, change: 'claimed' | 'lost' | 'released' | 'completed'): void {
    const subnet = this.#context.peers.interfaces[0]?.subnet;
    if (subnet === undefined) return;
    this.#context.outbox.add({ kind: 'claim', key: this.#key, subnet: formatCidr(subnet), epoch, change });
  }
}
