import { describe, expect, it } from 'vitest';
import type { SimulatedSiteFacts } from '../../../shared/contracts/simulation.ts';
import {
  agentsOfSites,
  defaultGeneratedOrganisation,
  defaultSimulationRequest,
  maximumSimulatedAgents,
  simulationRequestSchema,
} from '../../../shared/contracts/simulation.ts';
import { site } from './requests.ts';

function problemsOf(changes: object): string[] {
  const parsed = simulationRequestSchema.safeParse({ ...defaultSimulationRequest, ...changes });
  return parsed.success ? [] : parsed.error.issues.map(({ message }) => message);
}

const generated = (changes: object) => ({ organisation: { ...defaultGeneratedOrganisation, ...changes } });
const given = (...sites: readonly SimulatedSiteFacts[]) => ({
  organisation: { kind: 'sites', sites, lanKilobitsPerSecond: 1_000_000, onlineHours: 'always', laptopPercent: 0 },
});

describe('a request for a simulation', () => {
  it('is the reference rollout where nothing is said', () => {
    expect(simulationRequestSchema.parse(defaultSimulationRequest)).toEqual(defaultSimulationRequest);
  });

  it('names the range of a number that is out of it', () => {
    expect(problemsOf(generated({ agents: 1_000_000 }))).toEqual(['Enter a whole number from 1 to 200,000.']);
    expect(problemsOf({ packageMebibytes: 0.5 })).toEqual(['Enter a whole number from 1 to 10,240.']);
    expect(problemsOf({ seed: -1 })).toEqual(['Enter a whole number from 0 to 4,294,967,295.']);
  });

  it('refuses an organisation that cannot be built', () => {
    expect(problemsOf(generated({ agents: 100 }))).toEqual([
      '280 sites need at least one agent each: more agents, or fewer sites.',
    ]);
    expect(problemsOf(generated({ regions: 281 }))).toEqual([
      'Regions are sites as well: there cannot be more of them than sites.',
    ]);
    expect(problemsOf(generated({ regions: 0, packageServers: 'regions' }))).toEqual([
      'Package Servers in regions need at least one region.',
    ]);
    expect(problemsOf(generated({ regions: 0, packageServers: 'none' }))).toEqual([]);
  });

  it('refuses sites that form no tree', () => {
    expect(problemsOf(given(site('A'), site('B', { parent: 'A' })))).toEqual([]);
    expect(problemsOf(given(site('A'), site('A')))).toEqual(['Two sites have the same name.']);
    expect(problemsOf(given(site('A', { parent: 'B' })))).toEqual(['A is below B, which is not there.']);
    expect(problemsOf(given(site('A', { parent: 'B' }), site('B', { parent: 'A' })))).toEqual([
      'A is below itself.',
      'B is below itself.',
    ]);
    expect(
      problemsOf(given(site('A', { parent: 'B' }), site('B', { parent: 'C' }), site('C', { parent: 'B' }))),
    ).toEqual(['B is below itself.', 'C is below itself.']);
  });

  it('refuses more Package Servers than agents, and more agents than are simulated at once', () => {
    expect(problemsOf(given(site('A', { packageServers: 21 })))).toEqual([
      'A has 20 agents: 21 cannot be Package Servers.',
    ]);
    const large = site('A', { subnets: [{ agents: maximumSimulatedAgents }] });
    expect(agentsOfSites([large, site('B')])).toBe(maximumSimulatedAgents + 20);
    expect(problemsOf(given(large, site('B')))).toEqual(['At most 200,000 agents are simulated at once.']);
  });
});
