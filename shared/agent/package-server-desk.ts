import type { AgentId, PackageKey } from '../base/ids.ts';
import { bytesPerSecondOfKilobytes } from '../base/units.ts';
import type { AgentContext } from './agent-context.ts';
import type { ContentRequest } from './agent-input.ts';
import type { EffectiveSettings } from './effective-settings.ts';
import type { EventOutbox, ServedAsker } from './event-outbox.ts';
import type { HeldContent } from './held-content.ts';
import { HeldContents } from './held-content.ts';
import type { PackageDelivery } from './package-delivery.ts';
import type { PeerTable } from './peer-table.ts';
import type { PolicyCalendar } from './policy-calendar.ts';
import type { AgentPorts, ServingAnswer } from './ports.ts';
import { RateDivider } from './rate-divider.ts';
import type { Asker, SendingLimitsContext } from './sending-limits.ts';
import { SendingLimits } from './sending-limits.ts';
import type { SharedLimit } from './shared-limit.ts';
import { WakeUp } from './timers.ts';
import type { Withdrawals } from './withdrawals.ts';

/** Answers under way at a time; more would only share the same link. */
const fewestAnswers = 64;
/** A request is held so long at most; shorter where the HTTP request timeout of whoever asks may be shorter. */
const longestHoldMs = 10_000;
/** When a busy Package Server is worth asking again, spread so that not all come at once. */
const retryAfterMs = 250;
const retrySpreadMs = 500;
/** When nothing may leave the site or enter the other one, or little. */
const limitedRetryAfterMs = 3000;
/** A Notification Server that does not answer is asked again after this time; until then what is here is served. */
const validateAgainMs = 600_000;
const msPerHour = 3_600_000;

/** What it takes from the agent. */
export type PackageServerContext = SendingLimitsContext &
  Pick<AgentContext, 'commands' | 'isStopping'> & {
    readonly ports: Pick<AgentPorts, 'serving' | 'server' | 'random'>;
    readonly calendar: Pick<PolicyCalendar, 'isSilent'>;
    readonly peers: Pick<PeerTable, 'isBanned'>;
    readonly withdrawals: Pick<Withdrawals, 'has'>;
    readonly settings: Pick<EffectiveSettings, 'requestTimeoutMs' | 'requestLimit'>;
    readonly outbox: Pick<EventOutbox, 'countServed'>;
  };

/** A package as far as it is served. */
export type ServedContent = Pick<
  PackageDelivery,
  'subject' | 'manifest' | 'blocks' | 'validatedAtMs' | 'noteValidated' | 'demand'
>;

export interface ServedCatalogue {
  find(key: PackageKey): ServedContent | null;
  /** Fetches it where need be; null where too much is asked for. */
  demand(request: ContentRequest): ServedContent | null;
  /** It is to be had no longer. */
  discard(key: PackageKey): void;
}

interface ActiveAnswer {
  readonly asker: ServedAsker;
  readonly key: PackageKey;
  /** Its shares of what the role allows, and of the limits of sites that it comes under; the smallest counts. */
  uploadRate: number;
  readonly limitedRates: Map<SharedLimit, number>;
}

/**
 * The Package Server role: serves any agent of the organisation. What is not here is fetched once, for whoever asked first and
 * all who ask meanwhile: their requests are held until the block is here, or for some seconds.
 */
export class PackageServerDesk {
  readonly #context: PackageServerContext;
  readonly #catalogue: ServedCatalogue;
  readonly #active = new Map<number, ActiveAnswer>();
  readonly #held = new HeldContents();
  readonly #rates: RateDivider<number>;
  readonly limits: SendingLimits;
  readonly #wakeUp: WakeUp;
  /** Being looked up at the Notification Server. */
  readonly #validating = new Set<PackageKey>();
  /** Not to be looked up before, because the Notification Server did not answer. */
  readonly #validateAtMs = new Map<PackageKey, number>();

  constructor(context: PackageServerContext, catalogue: ServedCatalogue) {
    this.#context = context;
    this.#catalogue = catalogue;
    this.#rates = new RateDivider((requestId, uploadRate) => this.#uploadRateChanged(requestId, uploadRate));
    this.limits = new SendingLimits(context, (...change) => this.#limitedRateChanged(...change));
    this.#wakeUp = new WakeUp(context.ports.clock, context.timers, () => this.#endHolds());
  }

  /** The role, or the policy, may be another one now. */
  configure(): void {
    const { packageServer } = this.#context;
    this.#rates.setLimit(bytesPerSecondOfKilobytes(packageServer?.maxUpload ?? 0));
    this.limits.configure();
    if (packageServer !== null && !this.#isClosed) return;
    for (const requestId of this.#active.keys()) this.#context.ports.serving.breakOff(requestId);
    this.#refuseHeld(() => true);
  }

  requested(requestId: number, asker: Asker, request: ContentRequest): void {
    const { peer, address } = asker;
    if (request.isOnlyAsked === true) {
      const answer = this.#refusalOf(peer, request.key) ?? ({ kind: 'available' } as const);
      this.#context.ports.serving.answer(requestId, answer);
      return;
    }
    const limits = this.limits.limitsFor(asker, request.key);
    for (const limit of limits ?? []) limit.noteUse();
    const refusal = this.#refusalOf(peer, request.key) ?? this.#limitedRefusal(limits);
    if (refusal !== null) {
      this.#context.ports.serving.answer(requestId, refusal);
      return;
    }
    const delivery = this.#catalogue.demand(request);
    const { key, block, isByLink = false } = request;
    const blockCount = delivery?.manifest?.blockCount ?? Number.POSITIVE_INFINITY;
    if (delivery === null) this.#context.ports.serving.answer(requestId, this.#busy());
    else if (block >= blockCount) this.#context.ports.serving.answer(requestId, notAvailable);
    else if (this.#isFresh(delivery) && delivery.blocks?.has(block) === true) {
      this.#serve({ requestId, peer, address, isByLink, key, block }, true);
    } else this.#hold(delivery, { requestId, peer, address, isByLink, key, block });
  }

  /** A block is here now, whoever wanted it. */
  blockStored(delivery: ServedContent, block: number): void {
    const { key } = delivery.subject;
    if (!this.#isFresh(delivery)) {
      if (this.#held.all.some((held) => held.key === key)) this.#validate(delivery);
      return;
    }
    for (const held of this.#held.take((waiting) => waiting.key === key && waiting.block === block)) {
      this.#serve(held, false);
    }
    this.#planEnd();
  }

  /** Its blocks are to be had no longer, or never were: not one byte more of it. */
  gone(key: PackageKey): void {
    for (const [requestId, active] of this.#active) {
      if (active.key === key) this.#context.ports.serving.breakOff(requestId);
    }
    this.#refuseHeld((held) => held.key === key);
  }

  /** False where it was not this desk that granted the request. */
  ended(requestId: number, sentBytes: number): boolean {
    const active = this.#active.get(requestId);
    if (active === undefined) return false;
    this.#active.delete(requestId);
    this.#rates.remove(requestId);
    for (const limit of active.limitedRates.keys()) limit.ended(requestId);
    this.#context.outbox.countServed(active.key, active.asker, { requests: 0, hits: 0, bytes: sentBytes });
    return true;
  }

  get #isClosed(): boolean {
    return this.#context.isStopping || this.#context.calendar.isSilent;
  }

  #refusalOf(peer: AgentId, key: PackageKey): ServingAnswer | null {
    const { packageServer, peers, withdrawals } = this.#context;
    if (this.#isClosed) return { ...notAvailable, code: 'stopping' };
    if (packageServer === null || peers.isBanned(peer) || withdrawals.has(key)) return notAvailable;
    const isForeign = packageServer.constrained && !packageServer.packages.some((assigned) => assigned.key === key);
    return isForeign ? notAvailable : null;
  }

  #limitedRefusal(limits: readonly SharedLimit[] | null): ServingAnswer | null {
    return limits?.every(({ hasRoom }) => hasRoom) === true ? null : this.#busy(limitedRetryAfterMs);
  }

  #hold(delivery: ServedContent, request: Omit<HeldContent, 'untilMs'>): void {
    const { requestId, block } = request;
    const { settings, ports } = this.#context;
    const holdMs = Math.min(longestHoldMs, settings.requestTimeoutMs / 2);
    if (!this.#held.add({ ...request, untilMs: this.#context.nowMs() + holdMs })) {
      ports.serving.answer(requestId, this.#busy());
      return;
    }
    this.#planEnd();
    if (delivery.blocks?.has(block) === true) this.#validate(delivery);
    else delivery.demand(block, request.isByLink ? null : request.peer);
  }

  #serve({ requestId, peer, address, isByLink, key }: Omit<HeldContent, 'untilMs'>, isHit: boolean): void {
    const { ports, outbox, settings } = this.#context;
    if (this.#active.size >= Math.max(fewestAnswers, settings.requestLimit)) {
      ports.serving.answer(requestId, this.#busy());
      return;
    }
    const limits = this.limits.limitsFor({ address }, key);
    const refusal = this.#limitedRefusal(limits);
    if (limits === null || refusal !== null) {
      ports.serving.answer(requestId, refusal ?? this.#busy());
      return;
    }
    const uploadRate = this.#rates.add(requestId);
    const limitedRates = new Map(limits.map((limit) => [limit, limit.begun(requestId)]));
    const asker = { agentId: peer, clientAddress: isByLink ? address : null };
    const active = { asker, key, uploadRate, limitedRates };
    this.#active.set(requestId, active);
    outbox.countServed(key, asker, { requests: 1, hits: isHit ? 1 : 0, bytes: 0 });
    const [narrowest] = limits;
    const paceGroup = narrowest === undefined ? {} : { paceGroup: narrowest.paceGroup };
    ports.serving.answer(requestId, { kind: 'serve-block', maxBytesPerSecond: rateOf(active), ...paceGroup });
  }

  #uploadRateChanged(requestId: number, uploadRate: number): void {
    const active = this.#active.get(requestId);
    if (active === undefined) return;
    active.uploadRate = uploadRate;
    this.#context.ports.serving.setServingRate(requestId, rateOf(active));
  }

  #limitedRateChanged(requestId: number, limit: SharedLimit, bytesPerSecond: number): void {
    const active = this.#active.get(requestId);
    if (active === undefined) return;
    active.limitedRates.set(limit, bytesPerSecond);
    this.#context.ports.serving.setServingRate(requestId, rateOf(active));
  }

  /** Looked up at the Notification Server within the time that the role allows. */
  #isFresh({ subject: { key }, validatedAtMs }: ServedContent): boolean {
    const nowMs = this.#context.nowMs();
    const freshMs = (this.#context.packageServer?.freshFor ?? 0) * msPerHour;
    if (validatedAtMs !== null && nowMs - validatedAtMs < freshMs) return true;
    return nowMs < (this.#validateAtMs.get(key) ?? Number.NEGATIVE_INFINITY);
  }

  /** Is it still to be had? The server says no where it was withdrawn; where it says nothing, what is here is served. */
  #validate(delivery: ServedContent): void {
    const { key, guid, version } = delivery.subject;
    if (this.#validating.has(key)) return;
    this.#validating.add(key);
    const commandId = this.#context.commands.begin((result) => {
      this.#validating.delete(key);
      this.#validateAtMs.delete(key);
      if (result.kind === 'serverFailed' && result.code === 'refused') {
        this.#catalogue.discard(key);
        this.gone(key);
        return;
      }
      const nowMs = this.#context.nowMs();
      if (result.kind === 'snapshotReceived') delivery.noteValidated(nowMs);
      else this.#validateAtMs.set(key, nowMs + validateAgainMs);
      for (const held of this.#held.take((waiting) => waiting.key === key && this.#isHere(waiting))) {
        this.#serve(held, true);
      }
      this.#planEnd();
    });
    this.#context.ports.server.fetchSnapshot(commandId, guid, version);
  }

  #isHere({ key, block }: HeldContent): boolean {
    return this.#catalogue.find(key)?.blocks?.has(block) === true;
  }

  #refuseHeld(isMeant: (held: HeldContent) => boolean): void {
    for (const { requestId } of this.#held.take(isMeant)) this.#context.ports.serving.answer(requestId, notAvailable);
    this.#planEnd();
  }

  #endHolds(): void {
    const nowMs = this.#context.nowMs();
    for (const { requestId } of this.#held.take(({ untilMs }) => untilMs <= nowMs)) {
      this.#context.ports.serving.answer(requestId, this.#busy());
    }
    this.#planEnd();
  }

  #planEnd(): void {
    this.#wakeUp.setAt(this.#held.nextEndMs());
  }

  #busy(afterMs = retryAfterMs): ServingAnswer {
    const waitMs = afterMs + this.#context.ports.random.below(retrySpreadMs);
    return { kind: 'refuse', code: 'busy', retryAfterMs: waitMs, others: [] };
  }
}

function rateOf({ uploadRate, limitedRates }: Pick<ActiveAnswer, 'uploadRate' | 'limitedRates'>): number {
  return Math.min(uploadRate, ...limitedRates.values());
}

const notAvailable = { kind: 'refuse', code: 'not-available', retryAfterMs: 0, others: [] } as const;
