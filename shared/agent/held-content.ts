import type { AgentId, PackageKey } from '../base/ids.ts';
import type { Ipv4 } from '../base/ipv4.ts';

/** A site has some hundreds of computers, each with two requests under way. */
const maxHeld = 1024;
/** Of one computer: more than any agent has under way for all its packages. */
const maxHeldOfOne = 32;

export interface HeldContent {
  readonly requestId: number;
  readonly peer: AgentId;
  readonly key: PackageKey;
  readonly block: number;
  /** Of who asked: limits depend on where it goes. */
  readonly address: Ipv4;
  /** A client with a link, who is no agent. */
  readonly isByLink: boolean;
  /** Longer than this it does not wait. */
  readonly untilMs: number;
}

/** Requests to a Package Server that wait for their block. It answers none. */
export class HeldContents {
  readonly #byId = new Map<number, HeldContent>();

  get all(): readonly HeldContent[] {
    return [...this.#byId.values()];
  }

  /** False where too many wait already. */
  add(held: HeldContent): boolean {
    if (this.#byId.size >= maxHeld) return false;
    let ofOne = 0;
    for (const other of this.#byId.values()) if (isOfSameComputer(other, held)) ofOne++;
    if (ofOne >= maxHeldOfOne) return false;
    this.#byId.set(held.requestId, held);
    return true;
  }

  /** Those that are as wanted wait no longer; oldest first. */
  take(isWanted: (held: HeldContent) => boolean): HeldContent[] {
    const taken = this.all.filter(isWanted);
    for (const { requestId } of taken) this.#byId.delete(requestId);
    return taken;
  }

  /** Infinity where nobody waits. */
  nextEndMs(): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { untilMs } of this.#byId.values()) nextMs = Math.min(nextMs, untilMs);
    return nextMs;
  }
}

/** Clients with links have no name but their address. */
function isOfSameComputer(a: HeldContent, b: HeldContent): boolean {
  if (a.isByLink || b.isByLink) return a.isByLink && b.isByLink && a.address === b.address;
  return a.peer === b.peer;
}
