import type {
  GeneratedOrganisation,
  SimulatedSiteFacts,
  SimulationRequest,
} from '../../../shared/contracts/simulation.ts';
import { defaultGeneratedOrganisation, defaultSimulationRequest } from '../../../shared/contracts/simulation.ts';
import { RolloutRun } from '../../../shared/sim/rollout/rollout-run.ts';
import type { RolloutSummary } from '../../../shared/sim/rollout/rollout-summary.ts';

/** Six sites of ten agents, two of them regions, and a package of 8 MiB. */
export function smallRequest(
  organisation: Partial<GeneratedOrganisation> = {},
  request: Partial<SimulationRequest> = {},
): SimulationRequest {
  const small = { agents: 60, sites: 6, regions: 2 };
  return {
    ...defaultSimulationRequest,
    organisation: { ...defaultGeneratedOrganisation, ...small, ...organisation },
    packageMebibytes: 8,
    ...request,
  };
}

export function site(name: string, facts: Partial<SimulatedSiteFacts> = {}): SimulatedSiteFacts {
  return {
    name,
    parent: null,
    locationType: 'office',
    utcOffsetMinutes: 0,
    wanKilobitsPerSecond: 10_000,
    subnets: [{ agents: 20 }],
    packageServers: 0,
    ...facts,
  };
}

export function resultOf(request: SimulationRequest): RolloutSummary {
  const run = new RolloutRun(request);
  while (!run.isDone) run.runFor(100_000);
  return run.result();
}
