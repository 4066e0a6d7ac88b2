import type { SimulationRequest } from '../../../shared/contracts/simulation.ts';
import type { SimulationOrder } from '../../../shared/contracts/simulations-api.ts';
import { Refusal } from '../refusal.ts';
import { organisationOfServer } from '../simulations/server-organisation.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';

type SimulationRoutes = 'simulations' | 'startSimulation' | 'simulation' | 'cancelSimulation';

const unknown = 'There is no such simulation any longer. Start it again.';

/** Policies tried on a model of the organisation. */
export function simulationHandlers(parts: HandlerParts): Pick<ConsoleHandlers, SimulationRoutes> {
  const { simulations } = parts;
  return {
    simulations: () => simulations.list(),
    startSimulation: async ({ body: order, signedIn: { name: who } }) => {
      const { organisation, notes } = await modelOf(parts, order);
      const { variants, maximumWallSeconds, organisation: _ordered, ...rest } = order;
      const requests = variants.map(({ settings }): SimulationRequest => ({ ...rest, organisation, settings }));
      return simulations.start(who, order, { requests, maximumWallSeconds }, notes);
    },
    simulation: ({ params: { id } }) => {
      const job = simulations.find(id);
      if (job === null) throw new Refusal('not-found', unknown);
      return job;
    },
    cancelSimulation: ({ params: { id } }) => {
      if (!simulations.cancel(id)) throw new Refusal('not-found', unknown);
    },
  };
}

async function modelOf(
  parts: HandlerParts,
  { organisation }: SimulationOrder,
): Promise<Pick<SimulationRequest, 'organisation'> & { readonly notes: readonly string[] }> {
  return organisation.kind === 'server' ? organisationOfServer(parts, organisation) : { organisation, notes: [] };
}
