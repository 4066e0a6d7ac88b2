import type { AgentEvent } from '../../contracts/agent-events.ts';
import type { JournalReason } from '../../contracts/journal.ts';

/** Adds up where agents say that their blocks came from. */
export class ToldBytes {
  readonly #direct = new Map<JournalReason, number>();
  #peerBytes = 0;

  take(event: AgentEvent): void {
    if (event.kind !== 'transferred') return;
    for (const { source, reason, bytes } of event.portions) {
      if (source === 'peer') this.#peerBytes += bytes;
      else this.#direct.set(reason, (this.#direct.get(reason) ?? 0) + bytes);
    }
  }

  get peerBytes(): number {
    return this.#peerBytes;
  }

  get whyDirect(): { readonly reason: JournalReason; readonly bytes: number }[] {
    return [...this.#direct].map(([reason, bytes]) => ({ reason, bytes }));
  }
}
