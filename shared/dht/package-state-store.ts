import type { AgentId, PackageKey } from '../base/ids.ts';
import type { RandomPort } from '../base/prng.ts';
import type { Contact } from './contact.ts';
import type { HolderValue, PackageEntry } from './messages.ts';
import { maxHoldersPerAnswer } from './messages.ts';

/** Holders of one package: an answer names 12; the rest replace those that die before they are announced again. */
const maxHoldersPerKey = 32;
/** So many that are ready and fresh, twice an answer's number, and a further one would be told to nobody. */
export const enoughHolders = 24;
/** A node of a full /22 in which everybody announces 500 packages is responsible for 4,000 values: four times that. */
const maxValues = 16_384;
/** A single agent cannot fill the store; it announces at most so many packages (announcer.ts). */
export const maxValuesPerAgent = 512;
/** The longest announcement interval is an hour, and a value lives for three. */
const maxLifetimeMs = 3 * 3_600_000;
const pruneSpacingMs = 10_000;
/** A value lives for three intervals and is announced every one ± 20 %: after 1.25 of them it has missed a round. */
const freshPartOfLifetime = 1.25 / 3;

interface Stored extends Contact, PackageEntry {
  readonly freshUntilMs: number;
  readonly expiresAtMs: number;
}

/** Who holds which package, as the holders have announced it to this node. Values expire; nobody has to delete them. */
export class PackageStateStore {
  readonly #random: RandomPort;
  readonly #byKey = new Map<PackageKey, Map<AgentId, Stored>>();
  readonly #valuesOfAgent = new Map<AgentId, number>();
  #values = 0;
  #prunedAtMs = Number.NEGATIVE_INFINITY;

  constructor(random: RandomPort) {
    this.#random = random;
  }

  get counts(): { readonly keys: number; readonly values: number } {
    return { keys: this.#byKey.size, values: this.#values };
  }

  /** `enough`: not kept, and not needed while so many others are known. `full`: a bound of this store. */
  put(holder: Contact, entry: PackageEntry, lifetimeMs: number, nowMs: number): 'stored' | 'enough' | 'full' {
    this.#prune(nowMs);
    const { agentId, address, port } = holder;
    const { key, state, blocks } = entry;
    const ofKey = this.#byKey.get(key);
    const isKnown = ofKey?.has(agentId) === true;
    if (!isKnown) {
      if (ofKey !== undefined && this.#readyCount(ofKey, nowMs) >= enoughHolders) return 'enough';
      if (this.#values >= maxValues || (this.#valuesOfAgent.get(agentId) ?? 0) >= maxValuesPerAgent) return 'full';
      if (ofKey !== undefined && ofKey.size >= maxHoldersPerKey && !this.#makeRoom(key, nowMs)) return 'full';
    }
    const livesForMs = Math.min(lifetimeMs, maxLifetimeMs);
    const expiresAtMs = nowMs + livesForMs;
    const freshUntilMs = nowMs + livesForMs * freshPartOfLifetime;
    this.#set({ agentId, address, port, key, state, blocks, freshUntilMs, expiresAtMs });
    return 'stored';
  }

  /** At most 12 without the asker: the fresh before the others, who has everything before who has not, then by chance. */
  find(key: PackageKey, except: AgentId, nowMs: number): HolderValue[] {
    const ranks: HolderValue[][] = [[], [], [], []];
    for (const { agentId, address, port, state, blocks, freshUntilMs, expiresAtMs } of this.#ofKey(key)) {
      if (expiresAtMs <= nowMs || agentId === except) continue;
      const isFresh = nowMs < freshUntilMs;
      const rank = (isFresh ? 0 : 2) + (state === 'ready' ? 0 : 1);
      ranks[rank]?.push({ agentId, address, port, state, blocks, isFresh });
    }
    const found: HolderValue[] = [];
    for (const rank of ranks) found.push(...this.#pick(rank, maxHoldersPerAnswer - found.length));
    return found;
  }

  /** It said goodbye: all that it announced is void. */
  removeAgent(agentId: AgentId): void {
    if (!this.#valuesOfAgent.has(agentId)) return;
    for (const key of [...this.#byKey.keys()]) this.#delete(key, agentId);
  }

  #ofKey(key: PackageKey): Iterable<Stored> {
    return this.#byKey.get(key)?.values() ?? [];
  }

  #set(stored: Stored): void {
    const { key, agentId } = stored;
    // Deleted first: the order within a package is that of announcing.
    this.#delete(key, agentId);
    const ofKey = this.#byKey.get(key) ?? new Map<AgentId, Stored>();
    ofKey.set(agentId, stored);
    this.#byKey.set(key, ofKey);
    this.#values++;
    this.#valuesOfAgent.set(agentId, (this.#valuesOfAgent.get(agentId) ?? 0) + 1);
  }

  #delete(key: PackageKey, agentId: AgentId): void {
    const ofKey = this.#byKey.get(key);
    if (ofKey === undefined || !ofKey.delete(agentId)) return;
    if (ofKey.size === 0) this.#byKey.delete(key);
    this.#values--;
    const left = (this.#valuesOfAgent.get(agentId) ?? 1) - 1;
    if (left === 0) this.#valuesOfAgent.delete(agentId);
    else this.#valuesOfAgent.set(agentId, left);
  }

  /** The one that has been silent longest gives way, if it has missed a round or is still downloading. */
  #makeRoom(key: PackageKey, nowMs: number): boolean {
    for (const { agentId, state, freshUntilMs } of this.#ofKey(key)) {
      if (state === 'ready' && freshUntilMs > nowMs) continue;
      this.#delete(key, agentId);
      return true;
    }
    return false;
  }

  #readyCount(ofKey: ReadonlyMap<AgentId, Stored>, nowMs: number): number {
    let count = 0;
    for (const { state, freshUntilMs } of ofKey.values()) if (state === 'ready' && freshUntilMs > nowMs) count++;
    return count;
  }

  /** `count` of them without order; all where there are fewer. */
  #pick(values: HolderValue[], count: number): HolderValue[] {
    if (values.length <= count) return values;
    for (let place = 0; place < count; place++) {
      const other = place + this.#random.below(values.length - place);
      const [a, b] = [values[place], values[other]];
      if (a === undefined || b === undefined) continue;
      values[place] = b;
      values[other] = a;
    }
    return values.slice(0, count);
  }

  #prune(nowMs: number): void {
    if (nowMs - this.#prunedAtMs < pruneSpacingMs) return;
    this.#prunedAtMs = nowMs;
    for (const [key, ofKey] of [...this.#byKey]) {
      for (const { agentId, expiresAtMs } of [...ofKey.values()]) if (expiresAtMs <= nowMs) this.#delete(key, agentId);
    }
  }
}
