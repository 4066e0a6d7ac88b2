import { useEffect, useState } from 'react';
import type { AgentId } from '../../../shared/base/ids.ts';
import type { AgentSummary } from '../../../shared/contracts/console-api.ts';
import { clockStore } from '../../stores/clock-store.ts';
import { feedStore } from '../../stores/feed-store.ts';
import { type Rates, ratesOf, type Sample, withSample } from './agent-rates.ts';

/** Bytes per second that reach each agent, made of what the feed tells; looked at every second. */
export function useRates(agents: readonly AgentSummary[] | null): ReadonlyMap<AgentId, Rates> {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const isKnown = agents !== null;
  useEffect(() => {
    if (!isKnown) return;
    return clockStore.subscribe(({ nowMs }) => {
      const newest = feedStore.getState().agents;
      if (newest !== null) setSamples((before) => withSample(before, { atMs: nowMs, agents: newest }));
    });
  }, [isKnown]);
  return ratesOf(samples);
}
