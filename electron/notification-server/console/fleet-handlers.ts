import type { FirstRunChoice, FleetStatus } from '../../../shared/contracts/fleet-api.ts';
import { firstRunChoiceSchema } from '../../../shared/contracts/fleet-api.ts';
import { readServerSetting, writeServerSetting } from '../../database/stores/server-setting-store.ts';
import type { DemoFleetPort } from '../fleet-port.ts';
import { Refusal } from '../refusal.ts';
import type { ServerParts } from '../server-parts.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';
import { writeAudited } from './console-handler.ts';

type FleetRoutes =
  | 'fleet'
  | 'actOnFleetAgent'
  | 'setFleetConditions'
  | 'fleetUserAction'
  | 'startDemoFleet'
  | 'stopDemoFleet'
  | 'firstRun'
  | 'chooseFirstRun';

const noAgents = { running: false, subnets: [], agents: [] };
const noDemoFleet = { available: false, phase: 'off', message: '', isProblem: false, packagePath: null } as const;
const demoFleetSubject = 'Demo fleet';

export function fleetStatus({ fleet, demoFleet }: ServerParts): FleetStatus {
  const demo = demoFleet()?.status();
  return {
    ...(fleet()?.status() ?? noAgents),
    demo: demo === undefined ? noDemoFleet : { available: true, ...demo },
  };
}

/** The agents in the server's own computer, and what a person does to them. */
export function fleetHandlers(parts: HandlerParts): Pick<ConsoleHandlers, FleetRoutes> {
  const changed = (who: string, action: string, subject: string, before: unknown, after: unknown) =>
    writeAudited(parts, { who, action, subject, before, after }, async () => undefined);

  return {
    fleet: () => fleetStatus(parts),

    actOnFleetAgent: async ({ params: { name }, body, signedIn }) => {
      const outcome = (await parts.fleet()?.act(name, body)) ?? null;
      if (outcome === null) throw noEmbeddedAgent(name);
      if (!outcome.ok) throw new Refusal('conflict', outcome.error);
      const { kind, ...how } = body;
      const { agents } = outcome.value;
      await changed(signedIn.name, `${kind}-embedded-agent`, name, null, { ...how, agents });
      return { ...outcome.value, agents: [...agents], fleet: fleetStatus(parts) };
    },

    setFleetConditions: async ({ params: { name }, body, signedIn }) => {
      const before = parts
        .fleet()
        ?.status()
        .agents.find((agent) => agent.name === name)?.conditions;
      if (parts.fleet()?.setConditions(name, body) !== true) throw noEmbeddedAgent(name);
      await changed(signedIn.name, 'set-embedded-agent-conditions', name, before ?? null, body);
      return fleetStatus(parts);
    },

    fleetUserAction: async ({ params: { name }, body: { action } }) => {
      const answer = await parts.fleet()?.userAction(name, action);
      if (answer == null) throw noEmbeddedAgent(name);
      return answer;
    },

    startDemoFleet: async ({ signedIn }) => {
      const started = demoFleetOrRefuse(parts).start();
      if (!started.ok) throw new Refusal('conflict', started.error);
      await remember(parts, 'demo-fleet', {
        who: signedIn.name,
        action: 'start-demo-fleet',
        subject: demoFleetSubject,
      });
      return fleetStatus(parts);
    },

    stopDemoFleet: async ({ signedIn }) => {
      const demo = demoFleetOrRefuse(parts);
      if (demo.status().phase === 'off') throw new Refusal('conflict', 'The demo fleet does not run.');
      await demo.stop();
      await changed(signedIn.name, 'stop-demo-fleet', demoFleetSubject, null, null);
      return fleetStatus(parts);
    },

    firstRun: () => firstRun(parts),

    chooseFirstRun: async ({ body: { choice }, signedIn }) => {
      await remember(parts, choice, { who: signedIn.name, action: 'choose-first-run', subject: 'First run' });
      return firstRun(parts);
    },
  };
}

/** Due only where there is something to choose: a server that can start a demo fleet, and that nobody has used yet. */
async function firstRun(parts: HandlerParts): Promise<{ choice: FirstRunChoice | null; isDue: boolean }> {
  const { demo, running } = fleetStatus(parts);
  const isUnused = parts.directory.size === 0 && parts.organisation.packages.length === 0;
  const isFleetOff = !running && demo.phase === 'off';
  const choice = await chosen(parts);
  return { choice, isDue: choice === null && demo.available && isUnused && isFleetOff };
}

async function chosen({ database }: HandlerParts): Promise<FirstRunChoice | null> {
  const text = await readServerSetting(database, 'first-run');
  return text === null ? null : firstRunChoiceSchema.parse(JSON.parse(text)).choice;
}

async function remember(
  parts: HandlerParts,
  choice: FirstRunChoice,
  change: { readonly who: string; readonly action: string; readonly subject: string },
): Promise<void> {
  const before = await chosen(parts);
  await writeAudited(parts, { ...change, before: { firstRun: before }, after: { firstRun: choice } }, (transaction) =>
    writeServerSetting(transaction, 'first-run', JSON.stringify({ choice })),
  );
}

function demoFleetOrRefuse({ demoFleet }: HandlerParts): DemoFleetPort {
  const demo = demoFleet();
  if (demo !== null) return demo;
  throw new Refusal(
    'not-available',
    'This server has no demo fleet. "fanout serve" and the desktop application have one.',
  );
}

function noEmbeddedAgent(name: string): Refusal {
  return new Refusal('not-found', `There is no embedded agent called ${name}.`);
}
