import { hrwWeight } from '../base/hrw.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';
import type { SignedWithdrawal } from '../contracts/withdrawal.ts';
import type { AgentContext } from './agent-context.ts';
import type { TimerId } from './timers.ts';

/** As many as a configuration carries; the oldest falls out. */
const maxWithdrawals = 10_000;
/** An agent that learns of a withdrawal passes it on within this time, unless it hears that somebody else has. */
const passOnWithinMs = 250;
/** Of those who could tell a peer that it mentions a withdrawn package, the first by HRW do. */
const tellingPeers = 3;
/** A peer that goes on is told again, not more often than this. */
const tellAgainMs = 1000;
/** Peers that were told lately. */
const maxTold = 1024;

/**
 * Which packages are withdrawn, as signed by the server. An agent that cannot reach the server learns it from its peers:
 * those that hear of it tell the subnet once, and later whoever still speaks of the package.
 */
export class Withdrawals {
  readonly #context: AgentContext;
  readonly #withdraw: (key: PackageKey) => boolean;
  readonly #signatures = new Map<PackageKey, string>();
  /** About to be passed on. */
  readonly #passingOn = new Map<PackageKey, TimerId>();
  /** By peer and key: when it was told. */
  readonly #toldAtMs = new Map<string, number>();

  /** `withdraw` stops fetching and serving and deletes; false where this agent never had to do with the package. */
  constructor(context: AgentContext, withdraw: (key: PackageKey) => boolean) {
    this.#context = context;
    this.#withdraw = withdraw;
  }

  get areAny(): boolean {
    return this.#signatures.size > 0;
  }

  has(key: PackageKey): boolean {
    return this.#signatures.has(key);
  }

  /** From the configuration or the feed. */
  learn(withdrawals: readonly SignedWithdrawal[]): void {
    for (const withdrawal of withdrawals) {
      // Who never had to do with it has nobody to tell; who asks later is answered all the same.
      if (this.#take(withdrawal) && this.#context.settings.peerDownloading) this.#passOnSoon(withdrawal);
    }
  }

  /** From a peer; the adapter has checked the server's signature. */
  heard(withdrawal: SignedWithdrawal): void {
    this.#take(withdrawal);
    this.#context.timers.cancel(this.#passingOn.get(withdrawal.key) ?? null);
    this.#passingOn.delete(withdrawal.key);
  }

  /** A peer speaks of the package as if it could be had. True where it cannot. */
  answer(peer: AgentId, key: PackageKey): boolean {
    const signature = this.#signatures.get(key);
    if (signature === undefined) return false;
    if (this.#isDueToTell(peer, key)) this.#context.voice.tell(peer, { kind: 'withdrawal', key, signature });
    return true;
  }

  /** True where this agent had to do with the package and stops now. */
  #take({ key, signature }: SignedWithdrawal): boolean {
    if (this.#signatures.has(key)) return false;
    this.#signatures.set(key, signature);
    if (this.#signatures.size > maxWithdrawals) {
      const [oldest] = this.#signatures.keys();
      if (oldest !== undefined) this.#signatures.delete(oldest);
    }
    return this.#withdraw(key);
  }

  #passOnSoon({ key, signature }: SignedWithdrawal): void {
    const timer = this.#context.timers.after(this.#context.ports.random.below(passOnWithinMs), () => {
      this.#passingOn.delete(key);
      const { isStopping, calendar } = this.#context;
      // Who is silenced meanwhile tells whoever still speaks of the package, afterwards.
      if (isStopping || calendar.isSilent) return;
      this.#context.voice.broadcast({ kind: 'withdrawal', key, signature });
    });
    this.#passingOn.set(key, timer);
  }

  #isDueToTell(peer: AgentId, key: PackageKey): boolean {
    const told = `${peer}/${key}`;
    const nowMs = this.#context.nowMs();
    if (nowMs - (this.#toldAtMs.get(told) ?? Number.NEGATIVE_INFINITY) < tellAgainMs) return false;
    const ownWeight = hrwWeight(this.#context.ownId, told);
    let before = 0;
    for (const { agentId } of this.#context.peers.alive()) {
      if (agentId !== peer && hrwWeight(agentId, told) > ownWeight) before++;
    }
    if (before >= tellingPeers) return false;
    this.#toldAtMs.delete(told);
    this.#toldAtMs.set(told, nowMs);
    if (this.#toldAtMs.size > maxTold) {
      const [oldest] = this.#toldAtMs.keys();
      if (oldest !== undefined) this.#toldAtMs.delete(oldest);
    }
    return true;
  }
}
