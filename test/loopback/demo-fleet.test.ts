import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { childProcessLauncher } from '../../electron/fleet/child-process-launcher.ts';
import { ConsoleClient } from '../../electron/fleet/console-client.ts';
import { DemoFleetControl } from '../../electron/fleet/demo-fleet-control.ts';
import { EmbeddedFleet } from '../../electron/fleet/embedded-fleet.ts';
import type { FleetStatus } from '../../shared/contracts/fleet-api.ts';
import { isProcessAlive } from '../cli/fanout-process.ts';
import { ServerPlace } from '../notification-server/support/server-place.ts';
import { eventually } from '../notification-server/support/test-server.ts';

const workerEntry = path.resolve(import.meta.dirname, '../../dist/agent-worker/worker-main.mjs');
const agentCount = 12;

let place: ServerPlace;

beforeEach(async () => {
  place = await ServerPlace.start();
});

afterEach(() => place.stop());

/** As `fanout serve` has one, with a small package. */
async function offerDemoFleet(packagePath: string, fleetFolder = path.join(place.folder, 'fleet')) {
  const { server } = place;
  const said: string[] = [];
  const fleet = new EmbeddedFleet({ launcher: childProcessLauncher(), workerEntry });
  const control = new DemoFleetControl({
    console: new ConsoleClient(server.consoleUrl, server.apiToken),
    fleet,
    fleetFolder,
    packagePath,
    onProgress: (sentence) => said.push(sentence),
  });
  place.onStop(() => control.stop());
  server.setFleet(fleet, control);
  return { control, said };
}

async function smallPackage(): Promise<string> {
  const file = path.join(place.folder, 'tool.bin');
  await writeFile(file, Buffer.alloc(1_500_000, 'demo'));
  return file;
}

function untilFleet(what: string, isWanted: (status: FleetStatus) => boolean): Promise<FleetStatus> {
  return eventually(
    what,
    async () => {
      const status = await place.server.call('fleet', {});
      return isWanted(status) ? status : null;
    },
    40_000,
  );
}

const allRun = ({ agents }: FleetStatus) =>
  agents.length === agentCount && agents.every(({ state }) => state === 'running');

it('is started and stopped from the console as often as somebody wants', async () => {
  const packagePath = await smallPackage();
  const { said } = await offerDemoFleet(packagePath);
  expect(await place.server.call('firstRun', {})).toEqual({ choice: null, isDue: true });
  const begun = await place.server.call('startDemoFleet', {});
  // Its message may say that another demo on this computer has the usual port.
  expect(begun.demo).toMatchObject({ available: true, phase: 'starting', isProblem: false, packagePath });
  await expect(place.server.call('startDemoFleet', {})).rejects.toThrow('The demo fleet runs already.');
  expect(await place.server.call('firstRun', {})).toEqual({ choice: 'demo-fleet', isDue: false });

  const running = await untilFleet('it runs', (status) => allRun(status) && status.demo.phase === 'running');
  expect(running.demo.message).toBe(said.at(-1));
  expect(running.subnets.map(({ wanKilobitsPerSecond }) => wanKilobitsPerSecond)).toEqual([20_000, 20_000, 20_000]);
  expect(await place.server.call('deliveries', {})).toHaveLength(1);
  const [to] = running.subnets.filter(({ subnet }) => subnet !== running.agents[0]?.subnet);
  const body = { kind: 'move' as const, subnet: to?.subnet ?? '' };
  const moved = await place.server.call('actOnFleetAgent', { params: { name: 'a-01' }, body });

  const off = await place.server.call('stopDemoFleet', {});
  expect([off.running, off.demo.phase, new Set(off.agents.map(({ state }) => state))]).toEqual([
    false,
    'off',
    new Set(['stopped']),
  ]);
  expect(running.agents.flatMap(({ workerPid }) => workerPid ?? []).filter(isProcessAlive)).toEqual([]);
  await expect(place.server.call('stopDemoFleet', {})).rejects.toThrow('The demo fleet does not run.');

  await place.server.call('startDemoFleet', {});
  const again = await untilFleet('it runs again', (status) => allRun(status) && status.demo.phase === 'running');
  const placesOf = ({ agents }: FleetStatus) =>
    agents.map(({ name, agentId, address }) => `${name} ${agentId} ${address}`).sort();
  expect(placesOf(again)).toEqual(placesOf(moved.fleet));
  expect(await place.server.call('deliveries', {})).toHaveLength(1);
  const audited = await place.server.call('audit', { query: { subject: 'Demo fleet' } });
  expect(audited.map(({ action }) => action).filter((action) => action.endsWith('-demo-fleet'))).toEqual([
    'start-demo-fleet',
    'stop-demo-fleet',
    'start-demo-fleet',
  ]);
});

it('is stopped in the middle of its start', async () => {
  const { control } = await offerDemoFleet(await smallPackage());
  expect(control.start().ok).toBe(true);
  await untilFleet('agents are there', ({ agents }) => agents.length === agentCount);
  const stopping = control.stop();
  expect(control.start()).toMatchObject({ ok: false, error: expect.stringContaining('is being stopped') });
  await stopping;
  const { demo, running, agents } = await place.server.call('fleet', {});
  expect([demo.phase, demo.isProblem, running, agents.every(({ state }) => state === 'stopped')]).toEqual([
    'off',
    false,
    false,
    true,
  ]);
});

it('says why it did not start, and what is missing where it runs all the same', async () => {
  const { control } = await offerDemoFleet(path.join(place.folder, 'nothing.bin'));
  control.start();
  const { demo } = await untilFleet('a problem', ({ demo: { isProblem } }) => isProblem);
  expect([demo.phase, demo.message]).toEqual(['running', expect.stringContaining('The demo fleet has a problem:')]);
  await control.stop();

  const noFolder = await smallPackage();
  const { control: other } = await offerDemoFleet(noFolder, noFolder);
  other.start();
  const stillOff = await untilFleet('another problem', (status) => status.demo.isProblem);
  expect([stillOff.demo.phase, stillOff.running]).toEqual(['off', false]);
  expect(stillOff.demo.message).toContain('The demo fleet did not start:');
});

it('is not asked about again where somebody wants an empty server', async () => {
  expect(await place.server.call('firstRun', {})).toEqual({ choice: null, isDue: false });
  await expect(place.server.call('startDemoFleet', {})).rejects.toThrow('This server has no demo fleet.');
  await offerDemoFleet('');
  expect((await place.server.call('firstRun', {})).isDue).toBe(true);
  const chosen = await place.server.call('chooseFirstRun', { body: { choice: 'empty' } });
  expect(chosen).toEqual({ choice: 'empty', isDue: false });
  await place.restartServer();
  await offerDemoFleet('');
  expect(await place.server.call('firstRun', {})).toEqual({ choice: 'empty', isDue: false });
});
