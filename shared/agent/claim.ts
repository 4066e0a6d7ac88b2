import { hrwWeight, rankByHrw } from '../base/hrw.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';
import type { ClaimRole } from '../contracts/diagnostics.ts';
import type { ClaimPhase } from './claim-phase.ts';
import { claimDueMs, gatheringStepMs } from './claim-phase.ts';
import { claimTimes } from './claim-times.ts';
import type { DatagramMessage } from './datagram-message.ts';
import { maxLanes } from './datagram-message.ts';
import { ForeignClaim } from './foreign-claim.ts';
import { appointLanes } from './lane-appointment.ts';

type ClaimMessage = Extract<DatagramMessage, { readonly kind: 'claim' }>;
type ReleaseMessage = Extract<DatagramMessage, { readonly kind: 'release' }>;

/** A claimer that is due for a check but cannot be judged yet is looked at again after this time. */
const watchSpacingMs = 100;

export type ClaimChange = 'following' | 'claimed' | 'taken-over' | 'lost' | 'released-by-other';

/** What the delivery knows and the claim has to, taken anew at every step. */
export interface ClaimSituation {
  /** A block is missing that no live peer holds. */
  readonly needsWan: boolean;
  /** This agent holds all that the present claimer is known to hold. */
  readonly isUpToDateWithClaimer: boolean;
  /** Live peers that want the package, in the order of ids. */
  readonly followers: readonly AgentId[];
  /** Lanes to appoint: 1, or 4 for an emergency. */
  readonly laneCount: number;
  readonly rateCapBytesPerSecond: number;
  readonly isStartPhase: boolean;
  /** This agent gives blocks to peers. Who does not is no use to followers as a claimer. */
  readonly isServing: boolean;
  /** Every live peer that is known has said that it wants the package, or what it holds of it. */
  readonly haveAllSpoken: () => boolean;
  /** A look-up in the DHT is under way: gathering lasts until it ends. */
  readonly isLookingUp: boolean;
  /** This computer is behind: words of others may be waiting to be read. */
  readonly isLagging: boolean;
}

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
  #phase: ClaimPhase = { kind: 'idle' };
  #foreign: ForeignClaim | null = null;
  #highestEpoch = 0;
  #lanes: readonly AgentId[] = [];
  /** Of the last claim of another. */
  #formerLanes: readonly AgentId[] = [];
  #isProbing = false;
  #probeStartedMs = 0;
  #hasTakenOver = false;
  /** Over the WAN since the download began, and when the own claim did. */
  #directBytes = 0;
  #directBytesBefore = 0;
  #failures = 0;
  #sendClaimAtMs = Number.POSITIVE_INFINITY;

  constructor(ownId: AgentId, key: PackageKey, effects: ClaimEffects) {
    this.#ownId = ownId;
    this.#key = key;
    this.#effects = effects;
  }

  get role(): Exclude<ClaimRole, 'direct'> {
    if (this.#phase.kind === 'claimed') return 'first-downloader';
    if (this.#foreign !== null) return this.#foreign.lanes.includes(this.#ownId) ? 'lane' : 'following';
    return this.#phase.kind === 'idle' ? 'none' : 'wanting';
  }

  /** The claim that stands, an own one included. */
  get current(): { readonly epoch: number; readonly claimer: AgentId; readonly lastHeardMs: number | null } | null {
    if (this.#phase.kind === 'claimed') return { epoch: this.#phase.epoch, claimer: this.#ownId, lastHeardMs: null };
    if (this.#foreign === null) return null;
    return { epoch: this.#foreign.epoch, claimer: this.#foreign.claimer, lastHeardMs: this.#foreign.lastHeardMs };
  }

  /** Who fetches over the WAN now: the lanes of the claim that stands, without this agent. */
  get foreignLanes(): readonly AgentId[] {
    const lanes = this.#phase.kind === 'claimed' ? this.#lanes : (this.#foreign?.lanes ?? []);
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
    if (this.#phase.kind === 'alone') return { index: 0, count: 1 };
    const claim =
      this.#phase.kind === 'claimed'
        ? { lanes: this.#lanes, sinceMs: this.#phase.sinceMs }
        : this.#foreign === null
          ? null
          : { lanes: this.#foreign.lanes, sinceMs: this.#foreign.firstHeardMs };
    if (claim === null || nowMs - claim.sinceMs < claimTimes.uncontestedMs) return null;
    const index = claim.lanes.indexOf(this.#ownId);
    return index < 0 ? null : { index, count: claim.lanes.length };
  }

  /** Does what is due; returns when it has to be called again at the latest. */
  step(nowMs: number, situation: ClaimSituation): number {
    if (this.#phase.kind === 'claimed') return this.#stepClaimed(nowMs, situation);
    if (this.#foreign !== null) this.#watch(this.#foreign, nowMs, situation);
    if (this.#foreign !== null) {
      return this.#isProbing ? Number.POSITIVE_INFINITY : Math.max(nowMs + watchSpacingMs, this.#foreign.nextCheckMs());
    }
    if (this.#phase.kind === 'idle' && situation.needsWan) this.#want(nowMs, situation);
    if (this.#phase.kind === 'gathering') this.#stepGathering(nowMs, situation);
    if (this.#phase.kind === 'backing-off') this.#stepBackingOff(nowMs, situation);
    if (this.#phase.kind === 'awaiting-turn') {
      if (!situation.needsWan) this.#phase = { kind: 'idle' };
      else if (nowMs >= this.#phase.claimAtMs && !this.#postponeTurn(nowMs, situation)) {
        if (situation.isServing || situation.followers.length === 0) this.#claim(nowMs, situation, this.#phase.from);
        else this.#phase = { kind: 'leaving-to-others', untilMs: nowMs + claimTimes.leaveToOthersMs };
      }
    }
    this.#stepUnserving(nowMs, situation);
    return this.#nextStepMs(nowMs);
  }

  /** Nobody claims and this agent had better not: it fetches for itself what no peer gives. */
  get isAlone(): boolean {
    return this.#phase.kind === 'alone';
  }

  #stepUnserving(nowMs: number, situation: ClaimSituation): void {
    const { kind } = this.#phase;
    if (kind !== 'leaving-to-others' && kind !== 'alone') return;
    if (!situation.needsWan || situation.isServing || situation.followers.length === 0) this.#phase = { kind: 'idle' };
    else if (this.#phase.kind === 'leaving-to-others' && nowMs >= this.#phase.untilMs) this.#phase = { kind: 'alone' };
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
    if (this.#foreign?.claimer === sender && nowMs - this.#foreign.firstHeardMs > claimTimes.gatherMs)
      this.#foreign = null;
    if (this.#phase.kind === 'claimed') {
      // One broadcast answers all who want in the same moment.
      this.#answerWithClaim(this.#phase.lastSentMs, nowMs);
    } else if (this.#phase.kind === 'backing-off' && this.#phase.untilMs > nowMs) {
      this.#effects.tell(sender, this.#releaseMessage(this.#phase.untilMs - nowMs, this.#phase.successor));
    }
  }

  heardClaim(sender: AgentId, bootId: number, message: ClaimMessage, nowMs: number): void {
    if (!message.lanes.includes(sender)) return;
    if (this.#phase.kind === 'claimed') {
      if (!this.#isHigher(message.epoch, sender, this.#phase.epoch, this.#ownId)) {
        this.#answerWithClaim(this.#phase.lastSentMs, nowMs);
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
        this.#formerLanes = message.lanes;
      }
      this.#highestEpoch = Math.max(this.#highestEpoch, message.epoch);
      return;
    }
    if (message.epoch < this.#highestEpoch) return;
    if (known !== null && !this.#isHigher(message.epoch, sender, known.epoch, known.claimer)) return;
    this.#highestEpoch = message.epoch;
    this.#follow(sender, bootId, message, nowMs);
    this.#effects.changed('following', message.epoch, sender);
  }

  heardRelease(sender: AgentId, message: ReleaseMessage, nowMs: number): void {
    if (this.#phase.kind === 'claimed' || message.epoch < this.#highestEpoch) return;
    if (this.#foreign !== null && this.#foreign.claimer !== sender) return;
    this.#foreign = null;
    this.#highestEpoch = message.epoch;
    this.#failures = message.failures;
    this.#phase = { kind: 'backing-off', untilMs: nowMs + message.retryAfterMs, successor: message.successor };
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
    if (this.#phase.kind !== 'claimed') return;
    if (hasFailed) this.#failures = Math.min(this.#failures + 1, 255);
    this.#effects.broadcast(this.#releaseMessage(retryAfterMs, successor));
    this.#phase = { kind: 'backing-off', untilMs: nowMs + retryAfterMs, successor };
  }

  /** Whatever was planned or waited for is forgotten, so that others are asked anew; a claim that stands is not. */
  rest(): void {
    if (this.#phase.kind !== 'claimed') this.#phase = { kind: 'idle' };
  }

  /** The computer is in another subnet: nothing that was claimed or heard before means anything there. */
  reset(): void {
    this.#phase = { kind: 'idle' };
    this.#foreign = null;
    this.#highestEpoch = 0;
    this.#lanes = [];
    this.#isProbing = false;
    this.#hasTakenOver = false;
    this.#directBytesBefore = this.#directBytes;
    this.#failures = 0;
    this.#sendClaimAtMs = Number.POSITIVE_INFINITY;
  }

  /** The package is complete: an own claim has served its purpose. True where there was one. */
  complete(): boolean {
    const held = this.#phase.kind === 'claimed';
    this.#phase = { kind: 'idle' };
    this.#foreign = null;
    return held;
  }

  #stepClaimed(nowMs: number, situation: ClaimSituation): number {
    const phase = this.#phase;
    if (phase.kind !== 'claimed') return Number.POSITIVE_INFINITY;
    const lanes = this.#appointLanes(situation);
    if (lanes.join() !== this.#lanes.join()) {
      this.#claim(nowMs, situation, null);
      return nowMs + claimTimes.uncontestedMs;
    }
    const dueMs = Math.min(this.#sendClaimAtMs, claimDueMs(phase));
    if (nowMs >= dueMs) this.#sendClaim(nowMs, situation);
    const settledMs = phase.sinceMs + claimTimes.uncontestedMs;
    return Math.min(claimDueMs(phase), this.#sendClaimAtMs, nowMs < settledMs ? settledMs : Number.POSITIVE_INFINITY);
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
    if (foreign.isTooSlow(nowMs, situation.isUpToDateWithClaimer) && situation.needsWan) {
      this.#takeOver(foreign.claimer, nowMs, situation);
    }
  }

  #takeOver(claimer: AgentId, nowMs: number, situation: ClaimSituation): void {
    this.#failures = this.#foreign?.failures ?? 0;
    this.#foreign = null;
    if (!situation.needsWan) {
      this.#phase = { kind: 'idle' };
      return;
    }
    const rank = this.#rankAmong(situation.followers.filter((follower) => follower !== claimer));
    this.#phase = {
      kind: 'awaiting-turn',
      claimAtMs: nowMs + rank * claimTimes.turnMs,
      latestMs: nowMs + claimTimes.longestLagMs,
      from: claimer,
    };
  }

  #want(nowMs: number, situation: ClaimSituation): void {
    this.#effects.broadcast({ kind: 'want', key: this.#key });
    const gatherMs = situation.isStartPhase ? claimTimes.gatherAtStartMs : claimTimes.gatherMs;
    this.#phase = { kind: 'gathering', startedAtMs: nowMs, untilMs: nowMs + gatherMs, wantRepeated: false };
  }

  #stepGathering(nowMs: number, situation: ClaimSituation): void {
    const phase = this.#phase;
    if (phase.kind !== 'gathering') return;
    if (!phase.wantRepeated && nowMs >= phase.startedAtMs + claimTimes.wantRepeatMs) {
      phase.wantRepeated = true;
      this.#effects.broadcast({ kind: 'want', key: this.#key });
    }
    if (nowMs < phase.untilMs && !this.#mayEndGathering(phase.startedAtMs, nowMs, situation)) return;
    const isLagging = situation.isLagging && nowMs < phase.startedAtMs + claimTimes.longestLagMs;
    if (situation.isLookingUp || isLagging) {
      if (nowMs >= phase.untilMs) this.#phase = { ...phase, untilMs: nowMs + watchSpacingMs };
      return;
    }
    this.#phase = situation.needsWan
      ? {
          kind: 'awaiting-turn',
          claimAtMs: nowMs + this.#rankAmong(situation.followers) * claimTimes.turnMs,
          latestMs: nowMs + claimTimes.longestLagMs,
          from: null,
        }
      : { kind: 'idle' };
  }

  /** A CLAIM of somebody before may be here already, and not read. */
  #postponeTurn(nowMs: number, situation: ClaimSituation): boolean {
    const phase = this.#phase;
    if (phase.kind !== 'awaiting-turn' || !situation.isLagging || nowMs >= phase.latestMs) return false;
    this.#phase = { ...phase, claimAtMs: nowMs + claimTimes.turnMs };
    return true;
  }

  /** Where all have spoken there is nobody to wait for; who is new here hears the claim, and answers that. */
  #mayEndGathering(startedAtMs: number, nowMs: number, situation: ClaimSituation): boolean {
    if (situation.isStartPhase || nowMs < startedAtMs + claimTimes.shortestGatherMs) return false;
    return situation.haveAllSpoken();
  }

  #stepBackingOff(nowMs: number, situation: ClaimSituation): void {
    const phase = this.#phase;
    if (phase.kind !== 'backing-off' || nowMs < phase.untilMs) return;
    const isSuccessor = phase.successor === this.#ownId || phase.successor === null;
    const rank = this.#rankAmong(situation.followers) + (isSuccessor ? 0 : 1);
    this.#phase = {
      kind: 'awaiting-turn',
      claimAtMs: nowMs + (phase.successor === this.#ownId ? 0 : rank * claimTimes.turnMs),
      latestMs: nowMs + claimTimes.longestLagMs,
      from: null,
    };
  }

  #claim(nowMs: number, situation: ClaimSituation, from: AgentId | null): void {
    const isRenewal = this.#phase.kind === 'claimed';
    const epoch = this.#highestEpoch + 1;
    this.#highestEpoch = epoch;
    this.#lanes = this.#appointLanes(situation);
    if (!isRenewal) this.#directBytesBefore = this.#directBytes;
    if (from !== null) this.#hasTakenOver = true;
    this.#phase = { kind: 'claimed', epoch, sinceMs: nowMs, sends: 0, lastSentMs: nowMs };
    this.#sendClaim(nowMs, situation);
    if (!isRenewal) this.#effects.changed(from === null ? 'claimed' : 'taken-over', epoch, from);
  }

  #sendClaim(nowMs: number, situation: ClaimSituation): void {
    if (this.#phase.kind !== 'claimed') return;
    if (nowMs >= claimDueMs(this.#phase)) this.#phase.sends++;
    this.#phase.lastSentMs = nowMs;
    this.#sendClaimAtMs = Number.POSITIVE_INFINITY;
    this.#effects.broadcast({
      kind: 'claim',
      key: this.#key,
      epoch: this.#phase.epoch,
      lanes: this.#lanes,
      rateCapBytesPerSecond: situation.rateCapBytesPerSecond,
      progressBytes: this.#directBytes - this.#directBytesBefore,
      failures: this.#failures,
    });
  }

  #answerWithClaim(lastSentMs: number, nowMs: number): void {
    const earliestMs = Math.max(nowMs, lastSentMs + claimTimes.minClaimSpacingMs);
    this.#sendClaimAtMs = Math.min(this.#sendClaimAtMs, earliestMs);
  }

  #appointLanes(situation: ClaimSituation): readonly AgentId[] {
    const former = this.#phase.kind === 'claimed' ? this.#lanes : this.#formerLanes;
    const laneCount = Math.min(situation.laneCount, maxLanes);
    const isOwnClaim = this.#phase.kind === 'claimed';
    return appointLanes({
      ownId: this.#ownId,
      key: this.#key,
      followers: situation.followers,
      laneCount,
      former,
      isOwnClaim,
    });
  }

  #follow(sender: AgentId, bootId: number, message: ClaimMessage, nowMs: number): void {
    this.#foreign = new ForeignClaim(sender, bootId, message, nowMs);
    this.#phase = { kind: 'idle' };
    this.#lanes = [];
    this.#formerLanes = message.lanes;
    this.#failures = message.failures;
    this.#isProbing = false;
  }

  #isHigher(epoch: number, agentId: AgentId, thanEpoch: number, thanAgentId: AgentId): boolean {
    if (epoch !== thanEpoch) return epoch > thanEpoch;
    return hrwWeight(agentId, this.#key) > hrwWeight(thanAgentId, this.#key);
  }

  #rankAmong(followers: readonly AgentId[]): number {
    const ranked = rankByHrw(new Set([this.#ownId, ...followers]), this.#key);
    return Math.min(ranked.indexOf(this.#ownId), claimTimes.maxTurns);
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

  #nextStepMs(nowMs: number): number {
    switch (this.#phase.kind) {
      case 'gathering':
        return gatheringStepMs(this.#phase, nowMs);
      case 'awaiting-turn':
        return this.#phase.claimAtMs;
      case 'backing-off':
      case 'leaving-to-others':
        return this.#phase.untilMs;
      case 'claimed':
        return claimDueMs(this.#phase);
      default:
        return Number.POSITIVE_INFINITY;
    }
  }
}
