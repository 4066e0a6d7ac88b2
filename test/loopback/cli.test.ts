import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findFreePort } from '../../electron/fleet/loopback-probe.ts';
import { serverFileSchema } from '../../shared/contracts/server-file.ts';
import { runFanoutHere } from '../cli/fanout-here.ts';
import type { FanoutRun } from '../cli/fanout-process.ts';
import { fanout, runFanout } from '../cli/fanout-process.ts';

const cliBundle = path.resolve(import.meta.dirname, '../../dist/cli/main.mjs');

let folder = '';
const running: FanoutRun[] = [];

function inFolderOfItsOwn(): void {
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'fanout-test-'));
  });
  afterEach(async () => {
    for (const run of running.splice(0)) {
      run.child.kill('SIGTERM');
      await run.ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });
}

interface Served {
  readonly run: FanoutRun;
  readonly consoleUrl: string;
  readonly agentUrl: string;
  readonly signInLink: string;
  readonly data: string;
}

async function serve(...more: string[]): Promise<Served> {
  const data = path.join(folder, 'server');
  const run = fanout(['serve', '--data', data, '--listen', '127.0.0.1:0', '--console-port', '0', '--json', ...more]);
  running.push(run);
  await vi.waitFor(() => expect(run.stdout()).toContain('\n'), { timeout: 20_000 });
  const { consoleUrl, agentUrl, signInLink } = JSON.parse(run.stdout()) as Record<string, string>;
  if (!consoleUrl || !agentUrl || !signInLink) throw new Error(run.stdout());
  return { run, consoleUrl, agentUrl, signInLink, data };
}

async function joinToken(data: string): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  const file = serverFileSchema.parse(JSON.parse(await readFile(path.join(data, 'server.json'), 'utf8')));
  const answer = await fetch(`${file.consoleUrl}/api/v1/join-tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${file.apiToken}` },
  });
  const body = (await answer.json()) as { joinToken: string };
  return body.joinToken;
}

describe('fanout without a folder', () => {
  it('tells its exit code and keeps its two outputs apart as a process of its own', async () => {
    const [help, refused] = await Promise.all([runFanout(['--help']), runFanout(['fly'])]);
    expect(help).toEqual({ exitCode: 0, stdout: expect.stringContaining('Usage: fanout'), stderr: '' });
    expect(refused).toEqual({ exitCode: 2, stdout: '', stderr: expect.stringContaining("unknown command 'fly'") });
  });

  it.each([
    '',
    'serve',
    'agent',
    'fleet',
    'publish',
    'deliver',
    'target',
    'policy',
    'tag',
    'audit',
    'package-server',
    'revoke',
    'rotate-keys',
    'account',
    'token',
    'demo',
  ])('explains "%s" with --help', async (command) => {
    const run = await runFanoutHere([...(command === '' ? [] : [command]), '--help']);
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain('Usage: fanout');
    expect(run.stderr).toBe('');
  });

  it.each([
    [['fly'], "unknown command 'fly'"],
    [['demo'], "required option '--file <path>' not specified"],
    [['demo', '--file', 'x', '--agents', 'many'], 'Give a whole number from 1 to 512.'],
    [['deliver', 'x', '--priority', 'urgent'], 'Allowed choices are emergency, normal, background.'],
    [['serve', '--listen', 'nowhere'], 'Give an IPv4 address and a port'],
    [['demo', '--file', cliBundle, '--agents', '1', '--subnets', '2'], 'Every subnet needs at least one agent'],
  ])('refuses %j as wrong usage', async (args, words) => {
    const run = await runFanoutHere(args);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain(words);
    expect(run.stdout).toBe('');
  });
});

describe('fanout', () => {
  inFolderOfItsOwn();

  it('says where no server runs', async () => {
    const run = await runFanoutHere(['publish', cliBundle, '--data', folder, '--json']);
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain(`No Notification Server runs with the data folder ${folder}`);
    expect(run.stdout).toBe('');
  });

  it('takes a server file for nothing whose process is gone', async () => {
    const file = {
      pid: 2 ** 22 + 1,
      startedAtMs: 1,
      consoleUrl: 'http://127.0.0.1:9',
      agentUrl: 'https://127.0.0.1:9',
    };
    writeFileSync(path.join(folder, 'server.json'), JSON.stringify({ ...file, apiToken: 'x'.repeat(40) }));
    expect((await runFanoutHere(['fleet', '--data', folder])).exitCode).toBe(3);
  });

  it('finds no file to publish or to demonstrate', async () => {
    const missing = path.join(folder, 'missing.bin');
    expect((await runFanoutHere(['publish', missing])).exitCode).toBe(7);
    expect((await runFanoutHere(['demo', '--file', missing])).exitCode).toBe(7);
  });
});

describe('fanout serve', () => {
  inFolderOfItsOwn();

  it('publishes and delivers a real file to an agent that joined with URL and token', { timeout: 90_000 }, async () => {
    const server = await serve();
    const port = await findFreePort();
    const agent = fanout([
      ...['agent', '--server', server.agentUrl, '--join-token', await joinToken(server.data), '--name', 'bench'],
      ...['--data', path.join(folder, 'agent'), '--interface', '127.88.1.1', '--port', String(port)],
    ]);
    running.push(agent);
    await vi.waitFor(() => expect(agent.stderr() + agent.stdout()).toContain('is running'), { timeout: 20_000 });

    const published = await runFanoutHere(['publish', cliBundle, '--data', server.data, '--name', 'Tool', '--json']);
    expect(published.exitCode, published.stderr).toBe(0);
    const { guid, version } = JSON.parse(published.stdout) as { guid: string; version: string };
    const args = [
      'deliver',
      guid,
      version,
      '--data',
      server.data,
      '--target',
      'agent:bench',
      '--wait',
      '--timeout',
      '60',
    ];
    const delivered = await runFanout([...args, '--json']);
    expect(delivered.exitCode, delivered.stderr).toBe(0);
    expect(JSON.parse(delivered.stdout)).toMatchObject({ packageName: 'Tool', agents: 1, ready: 1, failed: 0 });

    const fleet = await runFanoutHere(['fleet', '--data', server.data]);
    expect(fleet.stdout).toBe('The server has no embedded agents. "fanout fleet demo start" starts a demo fleet.\n');
    const unknown = await runFanoutHere(['deliver', 'Other', '--data', server.data]);
    expect(unknown).toMatchObject({ exitCode: 7, stderr: 'The server has no package "Other".\n' });
  });

  it('names the running server to a second start, with a link that works', { timeout: 60_000 }, async () => {
    const server = await serve();
    const second = await runFanout(['serve', '--data', server.data, '--listen', '127.0.0.1:0', '--console-port', '0']);
    expect(second.exitCode).toBe(6);
    expect(second.stderr).toContain(`process ${server.run.child.pid}`);
    const link = /http:\/\/\S+/.exec(second.stderr)?.[0] ?? '';
    expect(link).toContain(server.consoleUrl);
    expect(link).not.toBe(server.signInLink);
  });

  it('stops in order on SIGTERM, so that the next start finds nothing in its way', { timeout: 60_000 }, async () => {
    const first = await serve();
    first.run.child.kill('SIGTERM');
    expect(await first.run.ended).toBe(0);
    const again = await serve();
    expect(again.agentUrl).toMatch(/^https:\/\/127\.0\.0\.1:/);
  });

  it.each([
    ['--listen', (port: number) => ['--listen', `127.0.0.1:${port}`, '--console-port', '0']],
    ['--console-port', (port: number) => ['--listen', '127.0.0.1:0', '--console-port', String(port)]],
  ])('names a taken port (%s)', { timeout: 30_000 }, async (_option, args) => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', () => resolve()));
    const address = squatter.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    try {
      const run = await runFanout(['serve', '--data', path.join(folder, 'server'), ...args(port)]);
      expect(run.exitCode).toBe(5);
      expect(run.stderr).toContain(String(port));
    } finally {
      await new Promise((resolve) => squatter.close(resolve));
    }
  });

  it('empties only a folder of its own with --fresh', { timeout: 30_000 }, async () => {
    writeFileSync(path.join(folder, 'thesis.txt'), 'years of work');
    const run = await runFanout([
      'serve',
      '--data',
      folder,
      '--fresh',
      '--listen',
      '127.0.0.1:0',
      '--console-port',
      '0',
    ]);
    expect(run.exitCode).toBe(6);
    expect(run.stderr).toContain('is not emptied');
  });
});

describe('fanout agent', () => {
  inFolderOfItsOwn();

  it('is refused with a wrong token', { timeout: 60_000 }, async () => {
    const server = await serve();
    const right = await joinToken(server.data);
    const wrongSecret = `${right.slice(0, -4)}AAAA`;
    const wrongKey = right.replace(/^fanout1\.[A-Za-z0-9_-]{43}/, `fanout1.${'A'.repeat(43)}`);
    const port = String(await findFreePort());
    for (const token of [wrongSecret, wrongKey, 'nonsense']) {
      const run = await runFanout([
        ...['agent', '--server', server.agentUrl, '--join-token', token, '--data', path.join(folder, 'agent')],
        ...['--interface', '127.88.1.2', '--port', port],
      ]);
      expect(run.exitCode, run.stderr).toBe(4);
      expect(run.stderr).not.toContain(token);
    }
  });

  it('ends with the word "revoked" when it is revoked at the command line, and so does its next start', {
    timeout: 60_000,
  }, async () => {
    const { agentUrl, data } = await serve();
    const port = await findFreePort();
    const args = [
      'agent',
      '--server',
      agentUrl,
      '--data',
      path.join(folder, 'lost'),
      '--name',
      'lost',
      '--interface',
      '127.88.1.9',
    ];
    const agent = fanout([...args, '--port', String(port), '--join-token', await joinToken(data), '--json']);
    running.push(agent);
    await vi.waitFor(() => expect(agent.stdout()).toContain('agentId'), { timeout: 20_000 });
    const rotated = await runFanoutHere(['rotate-keys', '--data', data, '--json']);
    expect(rotated.exitCode).toBe(0);
    expect(JSON.parse(rotated.stdout)).toHaveLength(3);
    const unknown = await runFanoutHere(['revoke', 'nobody', '--data', data]);
    expect([unknown.exitCode, unknown.stderr]).toEqual([7, 'There is no agent "nobody".\n']);
    const revoked = await runFanout(['revoke', 'lost', '--data', data]);
    expect(revoked.stdout).toMatch(/^lost \([0-9a-f]{32}\) is revoked\.\n$/);
    expect(await agent.ended).toBe(4);
    expect(agent.stderr()).toContain('revoked');
    const again = await runFanout([...args, '--port', String(port)]);
    expect([again.exitCode, again.stderr.includes('revoked')]).toEqual([4, true]);
  });

  it('says that the server cannot be reached', { timeout: 60_000 }, async () => {
    const port = await findFreePort();
    const run = await runFanout([
      ...['agent', '--server', `https://127.0.0.1:${port}`, '--data', path.join(folder, 'agent')],
      ...['--join-token', `fanout1.${'A'.repeat(43)}.${'B'.repeat(22)}`],
      ...['--interface', '127.88.1.3', '--port', String(port)],
    ]);
    expect(run.exitCode, run.stderr).toBe(3);
    expect(run.stderr).toContain(`127.0.0.1:${port}`);
  });

  it('names a used port', { timeout: 60_000 }, async () => {
    const server = await serve();
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', () => resolve()));
    const address = squatter.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    try {
      const run = await runFanout([
        ...['agent', '--server', server.agentUrl, '--join-token', await joinToken(server.data)],
        ...['--data', path.join(folder, 'agent'), '--interface', '127.0.0.1', '--port', String(port)],
      ]);
      expect(run.exitCode, run.stderr).toBe(5);
      expect(run.stderr).toContain(`Port ${port}`);
    } finally {
      await new Promise((resolve) => squatter.close(resolve));
    }
  });
});
