import type { AgentId } from '../../../shared/base/ids.ts';
import type { AgentEvent } from '../../../shared/contracts/agent-events.ts';
import type { LiveReport } from '../../../shared/contracts/agent-feed.ts';
import type { TrafficPoint } from '../../../shared/contracts/console-api.ts';
import type { JournalReason } from '../../../shared/contracts/journal.ts';
import { PeerTrafficLedger } from '../../../shared/server/peer-traffic-ledger.ts';
import { TrafficRing } from '../../../shared/server/traffic-ring.ts';
import type { TransferSum } from '../../database/stores/event-store.ts';

const ringSeconds = 900;

/** The two series of every chart, the totals, and why bytes came directly. `PeerTrafficLedger` says how peers are counted. */
export class TrafficStatistics {
  readonly #ring: TrafficRing;
  readonly #peers: PeerTrafficLedger<AgentId>;
  readonly #storedPeerBytes = new Map<AgentId, number>();
  readonly #packageServerBytes = new Map<AgentId, number>();
  readonly #directReasons = new Map<JournalReason, number>();
  /** When each Package Server last told what it had sent. */
  readonly #servedAtMs = new Map<AgentId, number>();
  #storedPeerTotal = 0;

  constructor(stored: readonly TransferSum[], nowMs: number) {
    this.#ring = new TrafficRing(ringSeconds, nowMs);
    this.#peers = new PeerTrafficLedger(this.#ring);
    for (const sum of stored) this.#addStored(sum.agentId, sum);
  }

  /** From the sending sockets. */
  directSent(bytes: number, nowMs: number): void {
    this.#ring.addDirect(nowMs, bytes);
  }

  /** A Package Server told what it sent: since it last did, which is not one peak. */
  directServed(agentId: AgentId, bytes: number, nowMs: number): void {
    this.#ring.spreadDirect(this.#servedAtMs.get(agentId) ?? nowMs, nowMs, bytes);
    this.#servedAtMs.set(agentId, nowMs);
  }

  /** An event that was committed just now. */
  eventStored(agentId: AgentId, event: AgentEvent, nowMs: number): void {
    if (event.kind === 'started') this.#peers.bootStarted(agentId, event.bootId, nowMs);
    if (event.kind !== 'transferred') return;
    let peerBytes = 0;
    for (const portion of event.portions) {
      this.#addStored(agentId, portion);
      if (portion.source === 'peer') peerBytes += portion.bytes;
    }
    if (peerBytes > 0) this.#peers.eventStored(agentId, peerBytes, nowMs);
  }

  liveReported(agentId: AgentId, report: LiveReport, nowMs: number): void {
    this.#peers.liveReported(agentId, report.bootId, report.peerBytesIn, nowMs);
  }

  get peerBytes(): number {
    return this.#storedPeerTotal + this.#peers.unstoredBytes();
  }

  peerBytesOf(agentId: AgentId): number {
    return (this.#storedPeerBytes.get(agentId) ?? 0) + this.#peers.unstoredBytesOf(agentId);
  }

  /** What Package Servers gave to an agent, as it told. */
  packageServerBytesOf(agentId: AgentId): number {
    return this.#packageServerBytes.get(agentId) ?? 0;
  }

  points(nowMs: number): TrafficPoint[] {
    return this.#ring.points(nowMs);
  }

  /** Most bytes first. */
  directReasons(): { reason: JournalReason; bytes: number }[] {
    return [...this.#directReasons]
      .map(([reason, bytes]) => ({ reason, bytes }))
      .sort((a, b) => b.bytes - a.bytes || (a.reason < b.reason ? -1 : 1));
  }

  #addStored(agentId: AgentId, { source, reason, bytes }: Omit<TransferSum, 'agentId'>): void {
    if (source === 'peer') {
      this.#storedPeerTotal += bytes;
      this.#storedPeerBytes.set(agentId, (this.#storedPeerBytes.get(agentId) ?? 0) + bytes);
    } else {
      if (source !== 'notification-server') {
        this.#packageServerBytes.set(agentId, this.packageServerBytesOf(agentId) + bytes);
      }
      this.#directReasons.set(reason, (this.#directReasons.get(reason) ?? 0) + bytes);
    }
  }
}
