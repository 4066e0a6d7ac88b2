import type { AgentId, PackageKey } from '../base/ids.ts';

/** Between two looks at the same copy: to read a large package takes a disk minutes. */
const sameCopyMs = 3_600_000;
/** Who complains of everybody must not have every disk of the organisation read. */
const maxLooks = 20;
const looksPerMs = 60_000;
const maxRemembered = 1000;

/**
 * Agents complain of peers that sent them damaged blocks. Whether the disk of the peer is to blame, or memory or a cable, only
 * the peer can find out: it is to read its copy again. This decides when.
 */
export class Complaints {
  /** By copy, in the order of the looks. */
  readonly #lookedAtMs = new Map<string, number>();

  /** The copy is worth a look now. */
  isDue(peer: AgentId, key: PackageKey, nowMs: number): boolean {
    const lookedAtMs = this.#lookedAtMs.get(nameOf(peer, key));
    if (lookedAtMs !== undefined && nowMs - lookedAtMs < sameCopyMs) return false;
    let recentLooks = 0;
    for (const atMs of this.#lookedAtMs.values()) if (nowMs - atMs < looksPerMs) recentLooks++;
    return recentLooks < maxLooks;
  }

  /** The peer was told to look. */
  noteLook(peer: AgentId, key: PackageKey, nowMs: number): void {
    const name = nameOf(peer, key);
    this.#lookedAtMs.delete(name);
    this.#lookedAtMs.set(name, nowMs);
    const [oldest] = this.#lookedAtMs.keys();
    if (this.#lookedAtMs.size > maxRemembered && oldest !== undefined) this.#lookedAtMs.delete(oldest);
  }
}

function nameOf(peer: AgentId, key: PackageKey): string {
  return `${peer} ${key}`;
}
