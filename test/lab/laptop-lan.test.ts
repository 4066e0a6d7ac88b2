import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serverFileSchema } from '../../shared/contracts/server-file.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { eventually } from '../notification-server/support/test-server.ts';
import { type LabComputer, LabLan, namespaceProblem } from './namespaces.ts';

const root = path.resolve(import.meta.dirname, '../..');
const cli = path.join(root, 'dist/cli/main.mjs');
const problem = namespaceProblem();
const packageBytes = 17 * 1024 * 1024 + 5;
/** One agent on a laptop of its own, three that share the card of another. */
const agents = 4;

let folder: string;
let lan: LabLan;
let laptop: readonly LabComputer[] = [];

beforeAll(() => {
  if (problem !== null) return;
  folder = mkdtempSync(path.join(tmpdir(), 'fanout-lab-'));
  lan = new LabLan('10.90.0', 3);
  laptop = lan.computers;
});
afterAll(async () => {
  if (problem !== null) return;
  await lan.remove();
  rmSync(folder, { recursive: true, force: true });
});

const on = (index: number): LabComputer => {
  const computer = laptop[index];
  if (computer === undefined) throw new Error(`there is no laptop ${index}`);
  return computer;
};
const fanout = (words: readonly string[]) => lan.start(on(0), process.execPath, [cli, ...words]);
const data = (name: string) => path.join(folder, name);

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('its output is not read');
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('it ended without a word');
}

/** The console listens on the server's own loopback: it is asked from there. */
function askConsole(method: string, route: string, body?: unknown): unknown {
  const { apiToken, consoleUrl } = serverFileSchema.parse(JSON.parse(readFileSync(data('server/server.json'), 'utf8')));
  const request = JSON.stringify({ url: `${consoleUrl}/api/v1${route}`, method, apiToken, body });
  const script = `const { url, method, apiToken, body } = ${request};
    const headers = { authorization: 'Bearer ' + apiToken, ...(body && { 'content-type': 'application/json' }) };
    const answer = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    if (!answer.ok) throw new Error(await answer.text());
    process.stdout.write(await answer.text());`;
  return JSON.parse(lan.run(on(0), process.execPath, ['--input-type=module', '-e', script], 20_000));
}

it('brings one copy to the laptops of a LAN, over real network cards and real broadcasts', async (context) => {
  if (problem !== null) return context.skip(problem);
  const serverUrl = `https://${on(0).address}:27800`;
  const listen = ['--listen', `${on(0).address}:27800`, '--console-port', '0'];
  await firstLine(fanout(['serve', '--data', data('server'), ...listen, '--json']));
  askConsole('POST', '/policies', {
    name: 'LAN',
    target: { kind: 'subnets', subnets: ['10.90.0.0/24'] },
    settings: { ...defaultAgentSettings, peerDownloading: true, announcementInterval: 5, unavailableTimeout: 15 },
  });
  const { joinToken } = askConsole('POST', '/join-tokens') as { joinToken: string };
  const join = ['--server', serverUrl, '--join-token', joinToken, '--json'];
  lan.start(on(1), process.execPath, [cli, 'agent', ...join, '--data', data('one'), '--name', 'alone']);
  const three = ['--agents', String(agents - 1), '--interface', on(2).card, '--data', data('three')];
  lan.start(on(2), process.execPath, [cli, 'fleet', ...join, ...three]);
  await eventually(
    'all agents are online',
    async () =>
      (askConsole('GET', '/agents') as { online: boolean }[]).filter(({ online }) => online).length === agents || null,
    60_000,
  );

  const source = path.join(folder, 'package.bin');
  writeFileSync(source, randomBytes(packageBytes));
  const server = ['--data', data('server'), '--json'];
  const published = JSON.parse(lan.run(on(0), process.execPath, [cli, 'publish', source, ...server], 60_000)) as {
    guid: string;
    version: string;
  };
  const deliver = [cli, 'deliver', published.guid, published.version, '--wait', ...server];
  const delivered = JSON.parse(lan.run(on(0), process.execPath, deliver, 120_000)) as { ready: number };
  expect(delivered.ready).toBe(agents);
  const overview = askConsole('GET', '/overview') as {
    directBytes: number;
    wanCopies: { copies: number; subnet: string }[];
  };
  expect(overview.wanCopies.map(({ copies, subnet }) => [subnet, copies])).toEqual([['10.90.0.0/24', 1]]);
  expect(overview.directBytes).toBe(packageBytes);
});
