import type { PartOutcome } from '../../contracts/simulation-parts.ts';
import type { Simulation } from '../simulation.ts';
import type { RolloutPart } from './rollout-parts.ts';
import type { ToldBytes } from './told-bytes.ts';

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
