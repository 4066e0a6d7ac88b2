import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../electron/cli/program.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { simulationResultSchema } from '../../shared/contracts/simulation.ts';
import { runFanoutHere } from './fanout-here.ts';

const small = ['simulate', '--agents', '20', '--sites', '2', '--regions', '1', '--package-mib', '4'];
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fanout-simulate-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function policyFile(name: string, policies: readonly object[]): Promise<string> {
  const file = path.join(folder, name);
  const text = JSON.stringify({ format: 'fanout-policies', version: 1, exportedAtMs: 0, policies });
  await writeFile(file, text);
  return file;
}

const policy = (name: string, settings: object) => ({
  name,
  isGlobal: false,
  target: { kind: 'all' },
  settings: { ...defaultAgentSettings, ...settings },
});

describe('fanout simulate', () => {
  it('prints its result as JSON and nothing else, and the same hash twice', async () => {
    const first = await runFanoutHere([...small, '--seed', '7', '--json']);
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    const result = simulationResultSchema.parse(JSON.parse(first.stdout));
    expect(result).toMatchObject({ agents: 20, ready: 20, seed: 7, coreClients: 1, violations: [] });
    expect(result.peakRssMib).toBeGreaterThan(20);
    const second = await runFanoutHere([...small, '--seed', '7', '--json']);
    expect(simulationResultSchema.parse(JSON.parse(second.stdout)).traceHash).toBe(result.traceHash);
  });

  it('says the same in several threads, and what it needed', async () => {
    const wide = ['simulate', '--agents', '40', '--sites', '8', '--regions', '2', '--package-mib', '2', '--json'];
    const [alone, together] = await Promise.all(
      ['1', '2'].map(async (threads) => {
        const { exitCode, stdout } = await runFanoutHere([...wide, '--threads', threads]);
        expect(exitCode).toBe(0);
        return simulationResultSchema.parse(JSON.parse(stdout));
      }),
    );
    const run = { wallSeconds: expect.any(Number), peakRssMib: expect.any(Number) };
    expect(together).toEqual({ ...alone, ...run });
  });

  it('draws the curve and says what it takes for granted', async () => {
    const { exitCode, stdout } = await runFanoutHere([...small, '--faults', 'reboots']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('A package of 4 MiB for 20 agents in 2 sites, seed 1');
    expect(stdout).toContain(' 100 % |');
    expect(stdout).toMatch(/Ready +20 of 20/);
    expect(stdout).toMatch(/Never on +0\n/);
    expect(stdout).toMatch(/Once on, 98 % ready after +\d/);
    expect(stdout).toMatch(/kill +1/);
    expect(stdout).toContain('All computers are on from the beginning.');
  });

  it('compares two policies', async () => {
    const file = await policyFile('both.json', [policy('On', { peerDownloading: true }), policy('Off', {})]);
    const compared = [
      ...small,
      '--package-servers',
      'none',
      '--regions',
      '0',
      '--compare',
      `${file}#On`,
      `${file}#Off`,
    ];
    const { exitCode, stdout } = await runFanoutHere([...compared, '--json']);
    expect(exitCode).toBe(0);
    const [on, off] = simulationResultSchema.array().parse(JSON.parse(stdout));
    expect([on?.wanCopiesPerSite.max, off?.wanCopiesPerSite.max]).toEqual([1, 10]);
    const text = await runFanoutHere(compared);
    expect(text.stdout).toMatch(/WAN copies per site, most +1\.000 +10\.000/);
  });

  it('tries the one policy of a file on every agent', async () => {
    const file = await policyFile('one.json', [policy('Off', {})]);
    const { stdout } = await runFanoutHere([...small, '--policy', file, '--json']);
    expect(simulationResultSchema.parse(JSON.parse(stdout)).peerBytes).toBe(0);
  });

  it('fails where not all are ready in time', async () => {
    const slow = ['--agents', '4', '--branch-kbps', '64', '--package-mib', '100', '--max-hours', '1'];
    const { exitCode, stderr } = await runFanoutHere([...small, ...slow, '--json']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('2 of 4 agents were not ready in the virtual time allowed.');
  });

  it.each(['1', '2'])(
    'shows how far it is, and ends at once and without a result when it is interrupted, in threads: %s',
    async (threads) => {
      const controller = new AbortController();
      const [printed, noted, shown]: [string[], string[], string[]] = [[], [], []];
      const progress = {
        show: (share: number, text: string) => {
          shown.push(`${share} ${text}`);
          controller.abort();
        },
        clear: () => undefined,
      };
      const context = {
        print: (line: string) => printed.push(line),
        note: (line: string) => noted.push(line),
        progress,
        interrupt: controller.signal,
      };
      // Days of virtual time: it would go on for minutes.
      expect(
        await runProgram(
          [...small, '--regions', '2', '--online-hours', 'office', '--agents', '1000', '--threads', threads],
          context,
          '',
        ),
      ).toBe(130);
      expect([printed, noted, shown.length]).toEqual([[], ['Interrupted.'], 1]);
      expect(shown[0]).toMatch(/^\d[.\d]* \d+ of 1000 ready after \d/);
    },
  );

  it('names the option that cannot be', async () => {
    const file = await policyFile('two.json', [policy('A', {}), policy('B', {})]);
    const refusals: [string[], number, string][] = [
      [['--agents', '1'], 2, '--agents: 2 sites need at least one agent each'],
      [['--regions', '3'], 2, '--regions: Regions are sites as well'],
      [['--faults', 'gremlins'], 2, 'Allowed choices are none, reboots'],
      [['--package-servers', 'moon'], 2, 'Allowed choices are branches, regions, none'],
      [['--threads', '0'], 2, 'Give a whole number from 1 to 64.'],
      [['--package-mib', '0'], 2, 'Give a whole number from 1 to 10240.'],
      [['--until', '101'], 2, 'Give a percentage from 0.1 to 100'],
      [['--compare', file], 2, '--compare takes two policies'],
      [['--policy', file], 2, 'has several policies'],
      [['--policy', `${file}#C`], 7, 'has no policy C: A, B.'],
      [['--policy', path.join(folder, 'nowhere.json')], 7, 'cannot be read (ENOENT)'],
      [['--policy', path.resolve('package.json')], 2, 'This is no file of exported policies.'],
    ];
    for (const [options, code, words] of refusals) {
      const { exitCode, stderr, stdout } = await runFanoutHere([...small, ...options]);
      expect([options, exitCode, stdout]).toEqual([options, code, '']);
      expect(stderr).toContain(words);
    }
  });
});
