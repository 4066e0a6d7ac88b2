import { hrwWeight } from '../base/hrw.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';
import type { ClaimRole } from '../contracts/diagnostics.ts';
import { ClaimApproach } from './claim-approach.ts';
import type { ClaimSituation } from './claim-situation.ts';
import { claimTimes } from './claim-times.ts';
import type { DatagramMessage } from './datagram-message.ts';
import { maxLanes } from './datagram-message.ts';
import { ForeignClaim } from './foreign-claim.ts';
import type { FormerClaim } from './lane-appointment.ts';
import { appointLanes } from './lane-appointment.ts';
import { OwnClaim } from './own-claim.ts';

type ClaimMessage = Extract<DatagramMessage, { readonly kind: 'claim' }>;
type ReleaseMessage = Extract<DatagramMessage, { readonly kind: 'release' }>;

/** A claimer that is due for a check but cannot be judged yet is looked at again after this time. */
const watchSpacingMs = 100;

const noFormerClaim: FormerClaim = { claimer: null, lanes: [] };

export type ClaimChange = 'following' | 'claimed' | 'taken-over' | 'lost' | 'released-by-other';

/** What a claim does to the world. */
export interface ClaimEffects {
  broadcast(message: DatagramMessage): void;
  tell(agentId: AgentId, message: DatagramMessage): void;
  /** Ask the claimer for its block map: `probeAnswered` or `probeFailed` follows. */
  probe(claimer: AgentId): void;
  changed(change: ClaimChange, epoch: number, peer: AgentId | null): void;
}

/**
 * The right to fetch one package over the WAN for all computers of the subnet (docs/protocol.md, "Want and claim").
 * Invariants: (1) WAN requests are allowed only while `wanLane` is not null; (2) an epoch is claimed at most once by an
 * agent in a subnet; (3) of two claims the higher (epoch, HRW) stands.
 */
export class Claim {
  readonly #ownId: AgentId;
  readonly #key: PackageKey;
  readonly #effects: ClaimEffects;
  /** Idle while a claim stands, an own one or another's. */
  readonly #approach: ClaimApproach;
  #own: OwnClaim | null = null;
  #foreign: ForeignClaim | null = null;
  #highestEpoch = 0;
  /** The last claim of another. */
  #former: FormerClaim = noFormerClaim;
  #isProbing = false;
  #probeStartedMs = 0;
  #hasTakenOver = false;
  /** Over the WAN since the download began, and when the own claim did. */
  #directBytes = 0;
  #directBytesBefore = 0;
  #failures = 0;

  constructor(ownId: AgentId, key: PackageKey, effects: ClaimEffects) {
    this.#ownId = ownId;
    this.#key = key;
    this.#effects = effects;
    this.#approach = new ClaimApproach(ownId, key, () => effects.broadcast({ kind: 'want', key }));
  }

  get role(): Exclude<ClaimRole, 'direct'> {
    if (this.#own !== null) return 'first-downloader';
    if (this.#foreign !== null) return this.#foreign.lanes.includes(this.#ownId) ? 'lane' : 'following';
    return this.#approach.isIdle ? 'none' : 'wanting';
  }

  /** The claim that stands, an own one included. */
  get current(): { readonly epoch: number; readonly claimer: AgentId; readonly lastHeardMs: number | null } | null {
    if (this.#own !== null) return { epoch: this.#own.epoch, claimer: this.#ownId, lastHeardMs: null };
    if (this.#foreign === null) return null;
    return { epoch: this.#foreign.epoch, claimer: this.#foreign.claimer, lastHeardMs: this.#foreign.lastHeardMs };
  }

  /** Who fetches over the WAN now: the lanes of the claim that stands, without this agent. */
  get foreignLanes(): readonly AgentId[] {
    const { lanes } = this.#own ?? this.#foreign ?? { lanes: [] };
    return lanes.filter((lane) => lane !== this.#ownId);
  }

  /** The claim was another's before, which may still have blocks under way. */
  get hasTakenOver(): boolean {
    return this.#hasTakenOver;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Block i may cross the WAN through this agent where i mod count = index; null = not at all. */
  wanLane(nowMs: number): { readonly index: number; readonly count: number } | null {
    if (this.#approach.isAlone) return { index: 0, count: 1 };
    const claim = this.#own ?? this.#foreign;
    if (claim === null || nowMs - claim.sinceMs < claimTimes.uncontestedMs) return null;
    const index = claim.lanes.indexOf(this.#ownId);
    return index < 0 ? null : { index, count: claim.lanes.length };
  }

  /** Does what is due; returns when it has to be called again at the latest. */
  step(nowMs: number, situation: ClaimSituation): number {
    if (this.#own !== null) return this.#stepOwn(this.#own, nowMs, situation);
    if (this.#foreign !== null) this.#watch(this.#foreign, nowMs, situation);
    if (this.#foreign !== null) {
      return this.#isProbing ? Number.POSITIVE_INFINITY : Math.max(nowMs + watchSpacingMs, this.#foreign.nextCheckMs());
    }
    const turn = this.#approach.step(nowMs, situation);
    if (turn === null) return this.#approach.nextStepMs(nowMs);
    return this.#claim(nowMs, situation, turn.from).dueMs;
  }

  /** Nobody claims and this agent had better not: it fetches for itself what no peer gives. */
  get isAlone(): boolean {
    return this.#approach.isAlone;
  }

  /** `directBytes`: all that has come over the WAN, unfinished blocks included. */
  noteWanProgress(directBytes: number, isBlock: boolean): void {
    this.#directBytes = directBytes;
    if (isBlock) this.#failures = 0;
  }

  /** The claimer's connections were reset or refused: look after it now, not after 3 s. */
  suspect(agentId: AgentId): void {
    if (this.#foreign?.claimer === agentId) this.#foreign.isSuspect = true;
  }

  /** A block came from the claimer. */
  noteSignOfLife(agentId: AgentId, nowMs: number): void {
    if (this.#foreign?.claimer === agentId) this.#foreign.noteSignOfLife(nowMs);
  }

  heardWant(sender: AgentId, nowMs: number): void {
    // A claimer that wants again has lost its memory: its claim ended with its last life.
    if (this.#foreign?.claimer === sender && nowMs - this.#foreign.sinceMs > claimTimes.gatherMs) this.#foreign = null;
    this.#own?.answer(nowMs);
    this.#tellBackOff(sender, nowMs);
  }

  heardClaim(sender: AgentId, bootId: number, message: ClaimMessage, nowMs: number): void {
    if (!message.lanes.includes(sender)) return;
    if (this.#own !== null) {
      if (!this.#isHigher(message.epoch, sender, this.#own.epoch, this.#ownId)) {
        this.#own.answer(nowMs);
        return;
      }
      this.#highestEpoch = Math.max(this.#highestEpoch, message.epoch);
      this.#follow(sender, bootId, message, nowMs);
      this.#effects.changed('lost', message.epoch, sender);
      return;
    }
    const known = this.#foreign;
    if (known?.claimer === sender && known.bootId === bootId) {
      if (message.epoch >= known.epoch) {
        known.renew(message, nowMs);
        this.#former = { claimer: sender, lanes: message.lanes };
      }
      this.#highestEpoch = Math.max(this.#highestEpoch, message.epoch);
      return;
    }
    if (message.epoch < this.#highestEpoch) {
      // It has missed, or comes from where nobody heard, that a higher claim was made and released.
      this.#tellBackOff(sender, nowMs);
      return;
    }
    if (known !== null && !this.#isHigher(message.epoch, sender, known.epoch, known.claimer)) return;
    this.#highestEpoch = message.epoch;
    this.#follow(sender, bootId, message, nowMs);
    this.#effects.changed('following', message.epoch, sender);
  }

  /** Of the claim that stands here, or of a higher one that was not heard: that one would have ended this one, and is over. */
  heardRelease(sender: AgentId, message: ReleaseMessage, nowMs: number): void {
    if (message.epoch < this.#highestEpoch) return;
    const { current } = this;
    if (current !== null && current.claimer !== sender && message.epoch <= current.epoch) return;
    const hadClaim = this.#own !== null;
    if (hadClaim) this.#effects.changed('lost', message.epoch, sender);
    this.#own = null;
    this.#foreign = null;
    this.#highestEpoch = message.epoch;
    this.#failures = message.failures;
    this.#approach.backOffUntil(nowMs + message.retryAfterMs, message.successor);
    // It may have been told to this agent alone: its followers would wait until its claim is silent, and claim then.
    if (hadClaim) this.#effects.broadcast(this.#releaseMessage(message.retryAfterMs, message.successor));
    this.#effects.changed('released-by-other', message.epoch, sender);
  }

  /** The claimer sends damaged blocks: who noticed follows it no longer. Its later claims are kept from here. */
  distrusted(agentId: AgentId, nowMs: number, situation: ClaimSituation): void {
    if (this.#foreign?.claimer === agentId) this.#takeOver(agentId, nowMs, situation);
  }

  heardByebye(sender: AgentId): void {
    if (this.#foreign?.claimer === sender) this.#foreign = null;
  }

  /** A new life of the claimer under another boot id does not know of its claim. */
  heardBoot(sender: AgentId, bootId: number): void {
    if (this.#foreign?.claimer === sender && this.#foreign.bootId !== bootId) this.#foreign = null;
  }

  probeAnswered(claimer: AgentId, hasPackage: boolean, nowMs: number): void {
    this.#isProbing = false;
    if (this.#foreign?.claimer !== claimer) return;
    if (!hasPackage || !this.#foreign.extend(nowMs)) this.#foreign = null;
  }

  probeFailed(claimer: AgentId, nowMs: number, situation: ClaimSituation): void {
    this.#isProbing = false;
    if (this.#foreign?.claimer !== claimer) return;
    // Heard since the probe went out: overloaded, not dead. Taking over would send blocks over the WAN twice.
    if (this.#foreign.lastHeardMs > this.#probeStartedMs) return;
    this.#takeOver(claimer, nowMs, situation);
  }

  /** Gives up an own claim; `successor` claims first, nobody before `retryAfterMs`. */
  release(nowMs: number, retryAfterMs: number, hasFailed: boolean, successor: AgentId | null): void {
    if (this.#own === null) return;
    if (hasFailed) this.#failures = Math.min(this.#failures + 1, 255);
    this.#effects.broadcast(this.#releaseMessage(retryAfterMs, successor));
    this.#own = null;
    this.#approach.backOffUntil(nowMs + retryAfterMs, successor);
  }

  /** Whatever was planned or waited for is forgotten, so that others are asked anew; a claim that stands is not. */
  rest(): void {
    this.#approach.reset();
  }

  /** Nothing is heard from now on, the end of a claim included: who comes back asks before it claims. */
  fallSilent(): void {
    this.#approach.reset();
    this.#foreign = null;
    this.#former = noFormerClaim;
    this.#isProbing = false;
  }

  /** The computer is in another subnet: nothing that was claimed or heard before means anything there. */
  reset(): void {
    this.#approach.reset();
    this.#own = null;
    this.#foreign = null;
    this.#former = noFormerClaim;
    this.#highestEpoch = 0;
    this.#isProbing = false;
    this.#hasTakenOver = false;
    this.#directBytesBefore = this.#directBytes;
    this.#failures = 0;
  }

  /** The package is complete: any claim has served its purpose. */
  complete(): void {
    this.#own = null;
    this.#approach.reset();
    this.#foreign = null;
  }

  #stepOwn(own: OwnClaim, nowMs: number, situation: ClaimSituation): number {
    const lanes = this.#appointLanes(situation);
    if (lanes.join() !== own.lanes.join()) return this.#claim(nowMs, situation, null).dueMs;
    if (nowMs >= own.dueMs) this.#sendClaim(own, nowMs, situation);
    const settledMs = own.sinceMs + claimTimes.uncontestedMs;
    return Math.min(own.dueMs, nowMs < settledMs ? settledMs : Number.POSITIVE_INFINITY);
  }

  #watch(foreign: ForeignClaim, nowMs: number, situation: ClaimSituation): void {
    if (situation.isLagging && nowMs - foreign.lastHeardMs < claimTimes.longestLagMs) return;
    if (foreign.needsProbe(nowMs)) {
      if (!situation.needsWan && !foreign.isSuspect) {
        // It has fallen silent because everything is here: nothing to take over.
        this.#foreign = null;
      } else if (!this.#isProbing) {
        this.#isProbing = true;
        this.#probeStartedMs = nowMs;
        this.#effects.probe(foreign.claimer);
      }
      return;
    }
    if (foreign.isTooSlow(nowMs, situation.isUpToDateWithClaimer, situation.blocksHere) && situation.needsWan) {
      this.#takeOver(foreign.claimer, nowMs, situation);
    }
  }

  #takeOver(claimer: AgentId, nowMs: number, situation: ClaimSituation): void {
    this.#failures = this.#foreign?.failures ?? 0;
    this.#foreign = null;
    this.#approach.takeOver(claimer, nowMs, situation);
  }

  /** A first claim, or a higher epoch of the own one. */
  #claim(nowMs: number, situation: ClaimSituation, from: AgentId | null): OwnClaim {
    const isRenewal = this.#own !== null;
    const epoch = this.#highestEpoch + 1;
    this.#highestEpoch = epoch;
    const own = new OwnClaim(epoch, this.#appointLanes(situation), nowMs);
    if (!isRenewal) this.#directBytesBefore = this.#directBytes;
    if (from !== null) this.#hasTakenOver = true;
    this.#own = own;
    this.#sendClaim(own, nowMs, situation);
    if (!isRenewal) this.#effects.changed(from === null ? 'claimed' : 'taken-over', epoch, from);
    return own;
  }

  #sendClaim(own: OwnClaim, nowMs: number, situation: ClaimSituation): void {
    own.noteSent(nowMs);
    this.#effects.broadcast({
      kind: 'claim',
      key: this.#key,
      epoch: own.epoch,
      lanes: own.lanes,
      rateCapBytesPerSecond: situation.rateCapBytesPerSecond,
      progressBytes: this.#directBytes - this.#directBytesBefore,
      failures: this.#failures,
    });
  }

  #appointLanes(situation: ClaimSituation): readonly AgentId[] {
    return appointLanes({
      ownId: this.#ownId,
      key: this.#key,
      followers: situation.followers,
      laneCount: Math.min(situation.laneCount, maxLanes),
      former: this.#own === null ? this.#former : { claimer: this.#ownId, lanes: this.#own.lanes },
      isOwnClaim: this.#own !== null,
      isStillFetching: situation.isStillFetching,
    });
  }

  #follow(sender: AgentId, bootId: number, message: ClaimMessage, nowMs: number): void {
    this.#foreign = new ForeignClaim(sender, bootId, message, nowMs);
    this.#own = null;
    this.#approach.reset();
    this.#former = { claimer: sender, lanes: message.lanes };
    this.#failures = message.failures;
    this.#isProbing = false;
  }

  /** Whoever cannot know of it. */
  #tellBackOff(agentId: AgentId, nowMs: number): void {
    const { backOff } = this.#approach;
    if (backOff === null || backOff.untilMs <= nowMs) return;
    this.#effects.tell(agentId, this.#releaseMessage(backOff.untilMs - nowMs, backOff.successor));
  }

  #isHigher(epoch: number, agentId: AgentId, thanEpoch: number, thanAgentId: AgentId): boolean {
    if (epoch !== thanEpoch) return epoch > thanEpoch;
    return hrwWeight(agentId, this.#key) > hrwWeight(thanAgentId, this.#key);
  }

  #releaseMessage(retryAfterMs: number, successor: AgentId | null): ReleaseMessage {
    return {
      kind: 'release',
      key: this.#key,
      epoch: this.#highestEpoch,
      retryAfterMs: Math.round(retryAfterMs),
      failures: this.#failures,
      successor,
    };
  }
}
