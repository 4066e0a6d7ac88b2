import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LabComputer, LabNetwork } from '../../build/lab/lab-network.ts';
import { firstLine, LabProcesses } from '../../build/lab/lab-processes.ts';
import { namespaceProblem } from '../../build/lab/namespaces.ts';
import { eventually } from '../../build/lab/waiting.ts';
import { serverFileSchema } from '../../shared/contracts/server-file.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';

const root = path.resolve(import.meta.dirname, '../..');
const cli = path.join(root, 'dist/cli/main.mjs');
const problem = namespaceProblem();
const packageBytes = 17 * 1024 * 1024 + 5;
/** One agent on a laptop of its own, three that share the card of another. */
const agents = 4;

const processes = new LabProcesses();
let folder: string;
let network: LabNetwork;
let laptops: readonly LabComputer[] = [];

beforeAll(() => {
  if (problem !== null) return;
  folder = mkdtempSync(path.join(tmpdir(), 'fanout-lab-'));
  // No server beyond a router here: one of the laptops is it.
  network = new LabNetwork([{ computers: 3 }]);
  laptops = network.subnets[0]?.computers ?? [];
});
afterAll(async () => {
  if (problem !== null) return;
  await processes.stopAll();
  network.remove();
  rmSync(folder, { recursive: true, force: true });
});

const on = (index: number): LabComputer => {
  const computer = laptops[index];
  if (computer === undefined) throw new Error(`there is no laptop ${index}`);
  return computer;
};
const start = (laptop: number, words: readonly string[]) =>
  processes.start(on(laptop).namespace, process.execPath, [cli, ...words]);
const run = (words: readonly string[], withinMs: number) =>
  processes.run(on(0).namespace, process.execPath, words, withinMs);
const data = (name: string) => path.join(folder, name);

/** The console listens on the server's own loopback: it is asked from there. */
async function askConsole(method: string, route: string, body?: unknown): Promise<unknown> {
  const { apiToken, consoleUrl } = serverFileSchema.parse(JSON.parse(readFileSync(data('server/server.json'), 'utf8')));
  const request = JSON.stringify({ url: `${consoleUrl}/api/v1${route}`, method, apiToken, body });
  const script = `const { url, method, apiToken, body } = ${request};
    const headers = { authorization: 'Bearer ' + apiToken, ...(body && { 'content-type': 'application/json' }) };
    const answer = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    if (!answer.ok) throw new Error(await answer.text());
    process.stdout.write(await answer.text());`;
  return JSON.parse(await run(['--input-type=module', '-e', script], 20_000));
}

it('brings one copy to the laptops of a LAN, over real network cards and real broadcasts', async (context) => {
  if (problem !== null) return context.skip(problem);
  const address = on(0).addresses[0];
  const serverUrl = `https://${address}:27800`;
  const listen = ['--listen', `${address}:27800`, '--console-port', '0'];
  await firstLine(start(0, ['serve', '--data', data('server'), ...listen, '--json']));
  const subnet = network.subnets[0]?.cidr;
  await askConsole('POST', '/policies', {
    name: 'LAN',
    target: { kind: 'subnets', subnets: [subnet] },
    settings: {
      ...defaultAgentSettings,
      peerDownloading: true,
      announcementInterval: 5,
      unavailableTimeout: 15,
      // All laptops share the cores of this computer: what one agent computes must not keep the others from serving.
      cpuLimit: 0,
    },
  });
  const { joinToken } = (await askConsole('POST', '/join-tokens')) as { joinToken: string };
  const join = ['--server', serverUrl, '--join-token', joinToken, '--json'];
  start(1, ['agent', ...join, '--data', data('one'), '--name', 'alone']);
  const three = ['--agents', String(agents - 1), '--interface', on(2).card, '--data', data('three')];
  start(2, ['fleet', ...join, ...three]);
  await eventually(
    'all agents are online',
    async () =>
      ((await askConsole('GET', '/agents')) as { online: boolean }[]).filter(({ online }) => online).length ===
        agents || null,
    60_000,
  );

  const source = path.join(folder, 'package.bin');
  writeFileSync(source, randomBytes(packageBytes));
  const server = ['--data', data('server'), '--json'];
  const published = JSON.parse(await run([cli, 'publish', source, ...server], 60_000)) as {
    guid: string;
    version: string;
  };
  const deliver = [cli, 'deliver', published.guid, published.version, '--wait', ...server];
  const delivered = JSON.parse(await run(deliver, 120_000)) as { ready: number };
  expect(delivered.ready).toBe(agents);
  const overview = (await askConsole('GET', '/overview')) as {
    directBytes: number;
    wanCopies: { copies: number; subnet: string }[];
  };
  expect(overview.wanCopies.map((line) => [line.subnet, line.copies])).toEqual([[subnet, 1]]);
  expect(overview.directBytes).toBe(packageBytes);
});
