import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { announcesChange, announcesInRound } from '../../shared/agent/dht-announcers.ts';
import type { AgentId, PackageKey } from '../../shared/base/ids.ts';
import type { HolderState } from '../../shared/dht/messages.ts';
import { maxHoldersPerAnswer, replication } from '../../shared/dht/messages.ts';
import { holds } from '../helpers/properties.ts';

const agentOf = (number: number): AgentId => number.toString(16).padStart(32, '0') as AgentId;
const key = 'ab'.repeat(20) as PackageKey;

/** The agents of a subnet that announce a package to its DHT, each by what all but `missed` have heard of the others. */
function announcers(
  states: readonly HolderState[],
  options: {
    missed?: (own: number, other: number) => boolean;
    isAlive?: (number: number) => boolean;
    isComplete?: (number: number) => boolean;
  } = {},
): number[] {
  const agents = states.map((_, number) => ({ agentId: agentOf(number) }));
  const numberOf = new Map(agents.map(({ agentId }, number) => [agentId, number]));
  return states.flatMap((state, own) => {
    const peers = {
      announcedBy: (agentId: AgentId) => {
        const other = numberOf.get(agentId) ?? 0;
        const heard = states[other];
        if (heard === undefined || options.missed?.(own, other) === true) return null;
        return { key, state: heard, blocks: 1 };
      },
      isAlive: (agentId: AgentId) => options.isAlive?.(numberOf.get(agentId) ?? 0) ?? true,
    };
    const members = agents.filter((_, number) => number !== own);
    const isComplete = (agentId: AgentId) => options.isComplete?.(numberOf.get(agentId) ?? 0) === true;
    return announcesInRound({ peers, ownId: agentOf(own), isComplete }, members, { key, state, blocks: 1 })
      ? [own]
      : [];
  });
}

const everybody = (count: number, state: HolderState): HolderState[] => Array.from({ length: count }, () => state);

describe('who announces a package to the DHT in a round', () => {
  it('are 12 of any number that are ready, and eight of any that are getting it', () => {
    expect(announcers(everybody(193, 'ready'))).toHaveLength(maxHoldersPerAnswer);
    expect(announcers(everybody(193, 'downloading'))).toHaveLength(replication);
    expect(announcers(everybody(9, 'ready'))).toHaveLength(9);
    expect(announcers(everybody(maxHoldersPerAnswer + 1, 'ready'))).toHaveLength(maxHoldersPerAnswer);
  });

  it('are nobody where enough have told all their blocks and not announced it yet', () => {
    const all = everybody(100, 'downloading').map((state, number): HolderState => (number === 0 ? 'ready' : state));
    expect(announcers(all)).toContain(0);
    expect(announcers(all, { isComplete: () => true })).not.toContain(0);
  });

  it('are others in the place of those that are gone', () => {
    const all = everybody(100, 'ready');
    const gone = new Set(announcers(all).slice(0, 5));
    const living = announcers(all, { isAlive: (number) => !gone.has(number) }).filter((number) => !gone.has(number));
    expect(living).toHaveLength(maxHoldersPerAnswer);
  });

  it('are enough whatever the others hold and whoever has missed whose announcement', () => {
    const states = fc.array(fc.constantFrom<HolderState>('ready', 'downloading'), { minLength: 1, maxLength: 120 });
    holds(
      fc.property(states, fc.array(fc.nat(120 * 120)), (held, pairs) => {
        const missed = new Set(pairs);
        const told = announcers(held, { missed: (own, other) => missed.has(own * 120 + other) });
        const ready = held.flatMap((state, number) => (state === 'ready' ? [number] : []));
        const toldReady = told.filter((number) => held[number] === 'ready').length;
        expect(toldReady).toBeGreaterThanOrEqual(Math.min(ready.length, maxHoldersPerAnswer));
        expect(told.length).toBeGreaterThanOrEqual(Math.min(held.length, replication));
      }),
      100,
    );
  });
});

describe('who announces a change to the DHT at once', () => {
  const others = Array.from({ length: 50 }, (_, number) => ({ agentId: agentOf(number + 1) }));
  const announces = (state: HolderState, states: readonly (HolderState | 'gone' | 'complete')[]): boolean => {
    const stateOf = (agentId: AgentId) => states[Number.parseInt(agentId, 16) - 1];
    const peers = {
      announcedBy: (agentId: AgentId) => {
        const heard = stateOf(agentId);
        if (heard === undefined || heard === 'complete') return null;
        return { key, state: heard === 'gone' ? 'ready' : heard, blocks: 1 };
      },
      isAlive: (agentId: AgentId) => stateOf(agentId) !== 'gone',
    };
    const isComplete = (agentId: AgentId) => stateOf(agentId) === 'complete';
    return announcesChange({ peers, ownId: agentOf(0), isComplete }, others, { key, state, blocks: 1 });
  };

  it('is who knows fewer than eight others that have the package in this state', () => {
    const eight = everybody(replication, 'ready');
    expect(announces('ready', [])).toBe(true);
    expect(announces('ready', eight.slice(1))).toBe(true);
    expect(announces('ready', eight)).toBe(false);
    expect(announces('downloading', eight)).toBe(false);
    expect(announces('ready', everybody(50, 'downloading'))).toBe(true);
    expect(announces('ready', [...eight.slice(1), 'gone', 'downloading'])).toBe(true);
    expect(announces('ready', [...eight.slice(1), 'complete'])).toBe(false);
  });
});
