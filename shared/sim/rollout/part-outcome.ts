import type { JournalReason } from '../../contracts/journal.ts';
import type { Simulation } from '../simulation.ts';
import type { Violation } from '../violations.ts';
import type { RolloutPart } from './rollout-parts.ts';
import type { ToldBytes } from './told-bytes.ts';

/** What came of one part, as plain data: its computers are forgotten by then. */
export interface PartOutcome {
  /** When each computer that is ready became so, virtual milliseconds, in no order. */
  readonly readyMs: readonly number[];
  /** When each computer that was on was so for the first time. */
  readonly onMs: readonly number[];
  /** From the one to the other, of those that are ready. */
  readonly readySinceOnMs: readonly number[];
  readonly virtualMs: number;
  readonly events: number;
  readonly wan: readonly SubnetBytes[];
  /** Distinct addresses that the Notification Server sent a block. */
  readonly coreClients: number;
  /** What left the sockets of the Notification Server and of Package Servers. */
  readonly directBytes: number;
  readonly peerBytes: number;
  readonly whyDirect: readonly { readonly reason: JournalReason; readonly bytes: number }[];
  readonly faults: readonly { readonly kind: string; readonly count: number }[];
  readonly violations: readonly Violation[];
  readonly traceHash: string;
}

/** Block bytes that crossed the WAN into a subnet. */
interface SubnetBytes {
  /** Its number in the organisation. */
  readonly subnet: number;
  readonly bytes: number;
  /** Of those, second crossings of blocks that nobody near had: see `WanLedger`. */
  readonly excusedBytes: number;
}

/** Ends the simulation: nothing may happen in it afterwards. */
export function outcomeOf(part: RolloutPart, simulation: Simulation, told: ToldBytes): PartOutcome {
  const { world, server, readyAtMs } = simulation;
  // What is on its way has crossed the WAN as well.
  for (const sending of [...world.sendings]) sending.abandon();
  return {
    readyMs: [...readyAtMs.values()],
    onMs: world.computers.flatMap(({ firstOnAtMs }) => firstOnAtMs ?? []),
    readySinceOnMs: [...readyAtMs].flatMap(([{ firstOnAtMs }, atMs]) =>
      firstOnAtMs === null ? [] : atMs - firstOnAtMs,
    ),
    virtualMs: world.time.nowMs,
    events: world.time.steps,
    wan: part.subnets.map((subnet, index) => ({
      subnet,
      bytes: server.ledger.bytesInto(index),
      excusedBytes: server.ledger.excusedBytesInto(index),
    })),
    coreClients: server.ledger.servedAddresses,
    directBytes: server.ledger.totalBytes + world.contentBytesSent,
    peerBytes: told.peerBytes,
    whyDirect: told.whyDirect,
    faults: [...simulation.faults.counts].map(([kind, count]) => ({ kind, count })),
    violations: world.violations.list,
    traceHash: world.trace.digest(),
  };
}
