import { expect, it } from 'vitest';
import { Agent } from '../../shared/agent/agent.ts';
import type { AgentInput } from '../../shared/agent/agent-input.ts';
import type { AgentId } from '../../shared/base/ids.ts';
import { maxHoldersPerAnswer } from '../../shared/dht/messages.ts';
import { Simulation } from '../../shared/sim/simulation.ts';
import { forSeeds } from '../helpers/seeds.ts';
import { mebibyte, minuteMs } from '../helpers/simulated-networks.ts';

const agents = 40;
/** An announcement interval at its longest. */
const roundMs = 1.2 * minuteMs;

/** All of a subnet hold a package. `timers` counts how often they woke up. */
function holders(seed: number) {
  const storing = new Set<AgentId>();
  const woken = { timers: 0 };
  const simulation: Simulation = new Simulation({
    seed,
    plan: { subnets: [{ agents }], packages: [{ totalSizeBytes: 4 * mebibyte }], directory: 'shared' },
    faults: [],
    makeAgent: (ports, identity) => {
      const agent = new Agent(ports, identity);
      const handle = (input: AgentInput): void => {
        if (input.kind === 'timer') woken.timers++;
        if (input.kind === 'datagramReceived' && input.message.kind === 'dht') {
          if (input.message.message.kind === 'store') storing.add(input.sender);
        }
        agent.handle(input);
      };
      return { handle, overhears: (from, bootId, message) => agent.overhears(from, bootId, message) };
    },
  });
  const { time, computers } = simulation.world;
  const pass = (durationMs: number): void => time.runUntil(time.nowUs + durationMs * 1000);
  /** Who announces the package to the DHT within one round. */
  const announcersNow = (): readonly AgentId[] => {
    storing.clear();
    pass(roundMs);
    return [...storing];
  };
  const leave = (agentId: AgentId): void => {
    const computer = computers.find((one) => one.agentId === agentId);
    computer?.life?.deliver({ kind: 'stopRequested' });
    computer?.life?.end();
    if (computer !== undefined) computer.life = null;
  };
  pass(20 * minuteMs);
  return { pass, announcersNow, leave, woken };
}

it('keeps a package announced by twelve of many, and by others at once when all twelve say goodbye', () => {
  forSeeds(3, (seed) => {
    const { pass, announcersNow, leave } = holders(seed);
    const before = announcersNow();
    expect(before.length).toBeGreaterThanOrEqual(maxHoldersPerAnswer);
    // Now and then one looks whether the others still do it.
    expect(before.length).toBeLessThanOrEqual(maxHoldersPerAnswer + 5);
    for (const agentId of before) leave(agentId);
    const after = announcersNow();
    expect(after.length).toBeGreaterThanOrEqual(maxHoldersPerAnswer);
    expect(after.filter((agentId) => before.includes(agentId))).toEqual([]);
    pass(10 * minuteMs);
    expect(announcersNow().length).toBeLessThanOrEqual(maxHoldersPerAnswer + 5);
  });
});

// Nearly three times as often where announcements, rounds of the DHT and events each had a wake-up of their own.
it('wakes an agent that is at rest hardly more often than it announces itself', () => {
  const { pass, woken } = holders(1);
  woken.timers = 0;
  pass(60 * minuteMs);
  expect(woken.timers / agents).toBeGreaterThanOrEqual(50);
  expect(woken.timers / agents).toBeLessThanOrEqual(72);
});
