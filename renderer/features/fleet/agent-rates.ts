import type { AgentId } from '../../../shared/base/ids.ts';

export interface AgentBytes {
  readonly agentId: AgentId;
  readonly directBytes: number;
  readonly peerBytes: number;
}

export interface Rates {
  readonly directBytesPerSecond: number;
  readonly peerBytesPerSecond: number;
}

/** What had reached each agent at a moment. */
export interface Sample {
  readonly atMs: number;
  readonly agents: readonly AgentBytes[];
}

/** Long enough that a rate does not flicker with every block. */
const windowMs = 5000;

/** The samples that rates are still made of, with the newest. */
export function withSample(samples: readonly Sample[], newest: Sample): readonly Sample[] {
  return [...samples.filter(({ atMs }) => newest.atMs - atMs <= windowMs && atMs < newest.atMs), newest];
}

/** Of those agents that something reached between the first sample and the last. */
export function ratesOf(samples: readonly Sample[]): ReadonlyMap<AgentId, Rates> {
  const rates = new Map<AgentId, Rates>();
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.atMs === first.atMs) return rates;
  const before = new Map(first.agents.map((agent) => [agent.agentId, agent]));
  const seconds = (last.atMs - first.atMs) / 1000;
  for (const { agentId, directBytes, peerBytes } of last.agents) {
    const then = before.get(agentId);
    if (then === undefined) continue;
    // What agents told and had not stored is taken back when they crash: that is no negative rate.
    const direct = Math.max(0, directBytes - then.directBytes);
    const peer = Math.max(0, peerBytes - then.peerBytes);
    if (direct + peer === 0) continue;
    rates.set(agentId, { directBytesPerSecond: direct / seconds, peerBytesPerSecond: peer / seconds });
  }
  return rates;
}
