import type { AgentId } from '../base/ids.ts';

/** After the third bad block a peer is asked nothing more, served nothing more and believed nothing more … */
const badBlocksUntilBan = 3;
/** … until it has sent none for a day: its memory or disk may have been exchanged, and who decides is an administrator. */
const banMs = 24 * 60 * 60 * 1000;
/** Twice the peers that a policy allows per attempt would do; the one whose last bad block is oldest falls out. */
const maxOffenders = 256;

interface Offence {
  badBlocks: number;
  lastAtMs: number;
}

/**
 * Whom this agent has nothing to do with: peers that sent damaged blocks, and agents that the server has revoked. Bans are
 * this agent's own judgement of what it saw; they are forgotten with a restart and never taken over from others.
 */
export class PeerTrust {
  /** In the order of the last offence. */
  readonly #offences = new Map<AgentId, Offence>();
  #revoked: ReadonlySet<AgentId> = new Set();

  /** How many it has sent by now. */
  noteBadBlock(peer: AgentId, nowMs: number): { readonly badBlocks: number; readonly isBanned: boolean } {
    const known = this.#offences.get(peer);
    const badBlocks = known === undefined || nowMs - known.lastAtMs >= banMs ? 1 : known.badBlocks + 1;
    this.#offences.delete(peer);
    this.#offences.set(peer, { badBlocks, lastAtMs: nowMs });
    if (this.#offences.size > maxOffenders) {
      const [oldest] = this.#offences.keys();
      if (oldest !== undefined) this.#offences.delete(oldest);
    }
    return { badBlocks, isBanned: badBlocks >= badBlocksUntilBan };
  }

  isBanned(peer: AgentId, nowMs: number): boolean {
    const offence = this.#offences.get(peer);
    return offence !== undefined && offence.badBlocks >= badBlocksUntilBan && nowMs - offence.lastAtMs < banMs;
  }

  setRevoked(agentIds: readonly AgentId[]): void {
    this.#revoked = new Set(agentIds);
  }

  isRevoked(peer: AgentId): boolean {
    return this.#revoked.has(peer);
  }
}
