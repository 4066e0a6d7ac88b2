import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Check } from '../../electron/cli/doctor/check.ts';
import { findFreePort } from '../../electron/fleet/loopback-probe.ts';
import { runFanoutHere } from '../cli/fanout-here.ts';
import { ServerPlace } from '../notification-server/support/server-place.ts';

let place: ServerPlace;
let ports: { server: number; peers: number; console: number };

beforeAll(async () => {
  place = await ServerPlace.start();
  const peers = (await findFreePort()) ?? 0;
  ports = {
    server: Number(new URL(place.server.agentUrl).port),
    peers,
    console: Number(new URL(place.server.consoleUrl).port),
  };
});

afterAll(() => place.stop());

async function doctor(...options: string[]) {
  const all = ['--ports', `${ports.server},${ports.peers},${ports.console}`, ...options];
  const { exitCode, stdout, stderr } = await runFanoutHere(['doctor', '--json', ...all]);
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Check[] };
  const find = (beginning: string) => checks.find(({ subject }) => subject.startsWith(beginning));
  return { exitCode, stderr, ok, find };
}

const owner = process.platform === 'linux' ? `process ${process.pid}` : 'another process';

it('finds the server of the data folder, its ports, and its clock', async () => {
  const { find } = await doctor('--data', place.server.dataFolder, '--server', place.server.agentUrl);
  expect(find(`Data folder ${place.server.dataFolder}`)).toMatchObject({ status: 'ok', finding: 'can be written' });
  expect(find(`TCP port ${ports.peers}`)).toMatchObject({ status: 'ok', finding: 'free' });
  expect(find(`UDP port ${ports.peers}`)).toMatchObject({ status: 'ok', finding: 'free' });
  expect(find('UDP broadcast on loopback')).toMatchObject({ status: 'ok' });
  expect(find('Notification Server at ')).toMatchObject({ status: 'ok', finding: 'well, version 0.0.0-test' });
  expect(find('Server for agents at ')).toMatchObject({ status: 'ok', finding: 'answers' });
  expect(find('Clock')).toMatchObject({ status: 'ok' });
  if (process.platform === 'linux') {
    const finding = `the server of this data folder has it (${owner})`;
    expect(find(`TCP port ${ports.server}`)).toMatchObject({ status: 'ok', finding });
    expect(find(`TCP port ${ports.console}`)).toMatchObject({ status: 'ok', finding });
  }
});

it('names who has a port, and what does not answer, with what to do; exit code 1', async () => {
  const [listener, socket] = [createServer(), createSocket('udp4')];
  listener.listen(ports.peers, '127.0.0.1');
  socket.bind(ports.peers, '127.0.0.1');
  await Promise.all([once(listener, 'listening'), once(socket, 'listening')]);
  try {
    const elsewhere = ['--data', path.join(place.folder, 'elsewhere'), '--console', 'http://127.0.0.1:9'];
    const { exitCode, stderr, ok, find } = await doctor(...elsewhere, '--server', 'https://127.0.0.1:9');
    expect([exitCode, ok, stderr]).toEqual([1, false, expect.stringMatching(/^There are \d+ problems\.\n$/)]);
    for (const subject of [`TCP port ${ports.server}`, `TCP port ${ports.peers}`, `UDP port ${ports.peers}`]) {
      expect(find(subject)).toMatchObject({ status: 'problem', finding: expect.stringContaining(owner) });
    }
    expect(find(`UDP port ${ports.peers}`)?.advice).toContain('another TCP/UDP port in the policy');
    expect(find('Notification Server at ')).toMatchObject({ status: 'problem' });
    expect(find('Server for agents at ')?.finding).toContain('ECONNREFUSED');
  } finally {
    listener.close();
    socket.close();
  }
});
