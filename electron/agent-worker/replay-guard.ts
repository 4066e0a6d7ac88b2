/** Who was heard last falls out first; a subnet of 8,000 agents still fits. */
const maxSenders = 8192;
const windowSize = 64;

interface SenderState {
  bootId: number;
  /** Highest sequence seen of this boot. */
  highest: number;
  /** Bit n: `highest - n` was seen. Two words of 32. */
  recent: [number, number];
  /** Latest DATE of this boot: a boot id not seen before is newer only with a later DATE. */
  dateMs: number;
}

export type ReplayVerdict = 'fresh' | 'replayed' | 'older-boot';

/**
 * Per (agent, boot) a window of 64 sequence numbers, as in IPsec (RFC 4303, appendix A); of an agent's boots only the one
 * with the latest DATE counts. Ask only with datagrams whose MAC was checked.
 */
export class ReplayGuard {
  /** In the order in which they were last heard. */
  readonly #senders = new Map<string, SenderState>();

  check(agentId: string, bootId: number, sequence: number, dateMs: number): ReplayVerdict {
    const state = this.#senders.get(agentId);
    if (state === undefined || state.bootId !== bootId) {
      if (state !== undefined && dateMs <= state.dateMs) return 'older-boot';
      this.#keep(agentId, { bootId, highest: sequence, recent: [1, 0], dateMs });
      return 'fresh';
    }
    if (!markSeen(state, sequence)) return 'replayed';
    state.dateMs = Math.max(state.dateMs, dateMs);
    this.#keep(agentId, state);
    return 'fresh';
  }

  #keep(agentId: string, state: SenderState): void {
    this.#senders.delete(agentId);
    this.#senders.set(agentId, state);
    if (this.#senders.size <= maxSenders) return;
    const [oldest] = this.#senders.keys();
    if (oldest !== undefined) this.#senders.delete(oldest);
  }
}

/** False where the number was seen before or is older than the window. */
function markSeen(state: SenderState, sequence: number): boolean {
  if (sequence > state.highest) {
    shift(state.recent, sequence - state.highest);
    state.highest = sequence;
    state.recent[0] |= 1;
    return true;
  }
  const age = state.highest - sequence;
  if (age >= windowSize) return false;
  const word = age < 32 ? 0 : 1;
  const bit = 1 << (age & 31);
  if ((state.recent[word] & bit) !== 0) return false;
  state.recent[word] |= bit;
  return true;
}

function shift(recent: [number, number], by: number): void {
  if (by >= windowSize) {
    recent[0] = 0;
    recent[1] = 0;
  } else if (by >= 32) {
    recent[1] = recent[0] << (by - 32);
    recent[0] = 0;
  } else {
    recent[1] = (recent[1] << by) | (recent[0] >>> (32 - by));
    recent[0] <<= by;
  }
}
