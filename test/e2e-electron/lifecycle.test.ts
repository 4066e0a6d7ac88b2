import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ConsoleClient } from '../../electron/fleet/console-client.ts';
import type { FleetStatus } from '../../shared/contracts/fleet-api.ts';
import { serverFileSchema } from '../../shared/contracts/server-file.ts';
import { electronExecutable } from '../support/executables.ts';
import {
  type DesktopApplication,
  desktopArguments,
  missingForWindows,
  newDataFolder,
  startDesktop,
} from './support/desktop-application.ts';
import { commandLineOf, descendantsOf, waitForEnd } from './support/processes.ts';

function consoleOf(desktop: DesktopApplication): ConsoleClient {
  const text = readFileSync(path.join(desktop.dataFolder, 'server.json'), 'utf8');
  const { consoleUrl, apiToken } = serverFileSchema.parse(JSON.parse(text));
  return new ConsoleClient(consoleUrl, apiToken);
}

/** The embedded fleet as the console's own interface shows it. */
function fleetOf(desktop: DesktopApplication): Promise<FleetStatus> {
  return consoleOf(desktop).call('fleet', {});
}

async function untilFleetRuns(desktop: DesktopApplication): Promise<FleetStatus> {
  await expect
    .poll(async () => (await fleetOf(desktop)).agents.filter((agent) => agent.state === 'running').length, {
      timeout: 45_000,
    })
    .toBe(12);
  return await fleetOf(desktop);
}

/** A start that is expected to end by itself, or to be ended. */
function startProcess(args: readonly string[]) {
  const child = spawn(electronExecutable ?? '', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (data) => (output += String(data)));
  child.stderr.on('data', (data) => (output += String(data)));
  const exitCode = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, exitCode, output: () => output };
}

describe.skipIf(missingForWindows !== null)(
  `the desktop application (needs a window: ${missingForWindows ?? 'yes'})`,
  () => {
    const started: DesktopApplication[] = [];
    afterEach(async () => {
      for (const desktop of started.splice(0)) await desktop.dispose();
    });

    async function start(): Promise<DesktopApplication> {
      const desktop = await startDesktop();
      started.push(desktop);
      return desktop;
    }

    it('runs the demo fleet in processes of its own, restarts one that crashes, and leaves none behind when it quits', async () => {
      const desktop = await start();
      const fleet = await untilFleetRuns(desktop);
      const workerPids = new Set(fleet.agents.map((agent) => agent.workerPid));
      expect(descendantsOf(desktop.pid)).toEqual(expect.arrayContaining([...workerPids]));

      const victim = fleet.agents[0];
      if (victim?.workerPid == null) throw new Error('the first agent has no process');
      process.kill(victim.workerPid, 'SIGKILL');
      const pidOfVictim = async () =>
        (await fleetOf(desktop)).agents.find((agent) => agent.name === victim.name && agent.state === 'running')
          ?.workerPid;
      await expect.poll(pidOfVictim, { timeout: 30_000 }).toSatisfy((pid) => pid != null && pid !== victim.workerPid);

      const processes = [desktop.pid, ...descendantsOf(desktop.pid)];
      await desktop.electron.evaluate(({ app }) => app.quit()).catch(() => undefined); // the answer may be lost with it
      await waitForEnd(processes);
      expect(desktop.output()).not.toContain('Stopping the');
    });

    it('stops the demo fleet when the console asks for it, and starts it again with the same agents', async () => {
      const desktop = await start();
      const console = consoleOf(desktop);
      await untilFleetRuns(desktop);
      await expect.poll(async () => (await fleetOf(desktop)).demo.phase, { timeout: 45_000 }).toBe('running');
      const { agents } = await fleetOf(desktop);
      const stopped = await console.call('stopDemoFleet', {});
      expect([stopped.demo.phase, ...new Set(stopped.agents.map(({ state }) => state))]).toEqual(['off', 'stopped']);
      await waitForEnd(agents.flatMap(({ workerPid }) => workerPid ?? []));
      await console.call('startDemoFleet', {});
      const again = await untilFleetRuns(desktop);
      expect(again.agents.map(({ agentId }) => agentId)).toEqual(agents.map(({ agentId }) => agentId));
      await console.call('actOnFleetAgent', { params: { name: 'a-01' }, body: { kind: 'stop' } });
      const stateOfFirst = async () => (await fleetOf(desktop)).agents.find(({ name }) => name === 'a-01')?.state;
      await expect.poll(stateOfFirst, { timeout: 20_000 }).toBe('stopped');
    });

    it.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)('leaves no process behind after %s', async (signal) => {
      const desktop = await start();
      await untilFleetRuns(desktop);
      const processes = [desktop.pid, ...descendantsOf(desktop.pid)];
      expect(processes.length).toBeGreaterThan(4);
      process.kill(desktop.pid, signal);
      await waitForEnd(processes);
    });

    it('lets manifests of channels import from a folder in its data folder', async () => {
      const desktop = await start();
      const { consoleUrl, apiToken } = serverFileSchema.parse(
        JSON.parse(readFileSync(path.join(desktop.dataFolder, 'server.json'), 'utf8')),
      );
      const server = new ConsoleClient(consoleUrl, apiToken);
      const { folder } = await server.call('importFolder', {});
      expect(folder).toBe(path.join(desktop.dataFolder, 'import'));
      writeFileSync(path.join(desktop.dataFolder, 'import', 'tool.bin'), 'a tool');
      const params = { id: (await server.call('createChannel', { body: { name: 'Tools' } })).id };
      const item = '<item source="tool.bin" destination="Tool" version="1.0"/>';
      const xml = `<channel-manifest>${item}</channel-manifest>`;
      await server.call('importChannelManifest', { params, body: { xml } });
      const stateOf = async () => (await server.call('channelManifest', { params })).state;
      await expect.poll(stateOf, { timeout: 30_000 }).toBe('applied');
      expect((await server.call('channel', { params })).items).toMatchObject([{ packageName: 'Tool' }]);
    });

    it('quits when its window is closed', async () => {
      const desktop = await start();
      const processes = [desktop.pid, ...descendantsOf(desktop.pid)];
      await desktop.page.close();
      await waitForEnd(processes);
    });

    it('shows the window of the first when it is started twice with the same data', async () => {
      const desktop = await start();
      await desktop.page.getByRole('navigation').first().waitFor();
      await desktop.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
      const second = startProcess(desktopArguments(desktop.dataFolder));
      expect(await second.exitCode).toBe(0);
      expect(second.output()).toContain(`Fanout is running already (process ${desktop.pid}, console http://127.0.0.1:`);
      const isVisible = () =>
        desktop.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible());
      await expect.poll(isVisible).toBe(true);
      expect(commandLineOf(desktop.pid)).not.toBe('');
    });

    it('goes on with the same agents at the next start, and begins with new ones where --fresh asks for it', async () => {
      const idsAfter = async (...options: string[]) => {
        const desktop = await startDesktop(dataFolder, ...options);
        const ids = (await untilFleetRuns(desktop)).agents.map((agent) => agent.agentId).sort();
        await desktop.quit();
        return ids;
      };
      const dataFolder = newDataFolder();
      const first = await idsAfter();
      expect(await idsAfter()).toEqual(first);
      const fresh = await idsAfter('--fresh');
      expect(fresh).toHaveLength(first.length);
      expect(fresh.filter((id) => first.includes(id))).toEqual([]);
      rmSync(dataFolder, { recursive: true, force: true });
    });

    it('names a port that is taken, and what has it', async () => {
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      const port = (other.address() as { port: number }).port;
      const dataFolder = newDataFolder();
      const failing = startProcess(desktopArguments(dataFolder, '--console-port', String(port)));
      await expect.poll(failing.output, { timeout: 30_000 }).toMatch(/Fanout did not start: .*\d/);
      expect(failing.output()).toContain(`Port ${port} on 127.0.0.1`);
      if (process.platform === 'linux') expect(failing.output()).toContain(`process ${process.pid}`);
      failing.child.kill('SIGTERM'); // in place of the person who reads the message
      expect(await failing.exitCode).not.toBeNull();
      other.close();
    });
  },
);
