import type { AgentId, PackageKey } from '../base/ids.ts';
import type { Cidr, Ipv4 } from '../base/ipv4.ts';
import { cidrContains, parseCidr } from '../base/ipv4.ts';
import { halvedShare, shareHalvesMs } from '../base/share-halving.ts';
import type { AgentContext } from './agent-context.ts';
import type { AgentPorts, ServerPort } from './ports.ts';
import { WakeUp } from './timers.ts';

/** The Notification Server heeds a use for 10 s. */
const tellEveryMs = 3000;
/** More answers at a time than get so much each would end late, all of them. */
const leastRateBytesPerSecond = 64_000;
const fewestAnswers = 2;

/** What it takes from the agent. */
export type OutboundContext = Pick<AgentContext, 'timers' | 'packageServer' | 'nowMs'> & {
  readonly ports: Pick<AgentPorts, 'clock'> & { readonly server: Pick<ServerPort, 'tellOutboundUse'> };
};

export interface Asker {
  readonly peer: AgentId;
  readonly address: Ipv4;
}

/**
 * What a Package Server may send out of its site: its share of a limit that it has in common with others. The Notification
 * Server tells it by the feed; without a word the share halves every minute, because it may be another's by then.
 */
export class OutboundShare {
  readonly #context: OutboundContext;
  readonly #onChange: () => void;
  readonly #wakeUp: WakeUp;
  readonly #useWakeUp: WakeUp;
  #subnets: readonly Cidr[] = [];
  #beyondLimits: ReadonlySet<PackageKey> = new Set();
  #toldBytesPerSecond = 0;
  #toldAtMs = 0;
  #toldUseAtMs = Number.NEGATIVE_INFINITY;
  /** Answers under way that leave the site. */
  #active = 0;

  constructor(context: OutboundContext, onChange: () => void) {
    this.#context = context;
    this.#onChange = onChange;
    this.#wakeUp = new WakeUp(context.ports.clock, context.timers, () => this.#changed());
    this.#useWakeUp = new WakeUp(context.ports.clock, context.timers, () => {
      if (this.#active > 0) this.noteUse();
    });
  }

  configure(): void {
    const outbound = this.#context.packageServer?.outbound ?? null;
    this.#subnets = (outbound?.subnets ?? []).flatMap((text) => parseCidr(text) ?? []);
    this.#beyondLimits = new Set(outbound?.beyondLimits);
    if (outbound === null) this.#toldBytesPerSecond = 0;
    this.#changed();
  }

  /** Null = unlimited. */
  told(bytesPerSecond: number | null): void {
    this.#toldBytesPerSecond = bytesPerSecond ?? Number.POSITIVE_INFINITY;
    this.#toldAtMs = this.#context.nowMs();
    this.#changed();
  }

  /** Whether the limit is on what this agent gets of the package. */
  isFor({ address }: Pick<Asker, 'address'>, key: PackageKey): boolean {
    if ((this.#context.packageServer?.outbound ?? null) === null || this.#beyondLimits.has(key)) return false;
    return !this.#subnets.some((subnet) => cidrContains(subnet, address));
  }

  /** At this moment; Infinity = unlimited. */
  get bytesPerSecond(): number {
    const share = this.#toldBytesPerSecond;
    return share === Number.POSITIVE_INFINITY ? share : halvedShare(share, this.#context.nowMs() - this.#toldAtMs);
  }

  /** Whether another answer would get a rate that is worth having. */
  get hasRoom(): boolean {
    const share = this.bytesPerSecond;
    return share >= 1 && this.#active < Math.max(fewestAnswers, share / leastRateBytesPerSecond);
  }

  begun(): void {
    this.#active++;
  }

  ended(): void {
    this.#active--;
  }

  /** Something leaves the site, or would if it might. */
  noteUse(): void {
    const nowMs = this.#context.nowMs();
    this.#useWakeUp.noLaterThan(Math.max(nowMs + 1, this.#toldUseAtMs + tellEveryMs));
    if (nowMs - this.#toldUseAtMs < tellEveryMs) return;
    this.#toldUseAtMs = nowMs;
    this.#useWakeUp.setAt(nowMs + tellEveryMs);
    this.#context.ports.server.tellOutboundUse();
  }

  #changed(): void {
    const share = this.bytesPerSecond;
    const nowMs = this.#context.nowMs();
    const isLasting = share === 0 || share === Number.POSITIVE_INFINITY;
    const halvesInMs = shareHalvesMs - ((nowMs - this.#toldAtMs) % shareHalvesMs);
    this.#wakeUp.setAt(isLasting ? Number.POSITIVE_INFINITY : nowMs + halvesInMs);
    this.#onChange();
  }
}
