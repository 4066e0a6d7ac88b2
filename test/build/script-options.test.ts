import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const benches = path.resolve(import.meta.dirname, '../../build/bench');

function run(script: string, ...words: string[]): { status: number | null; out: string; problem: string[] } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(benches, script), ...words], {
    encoding: 'utf8',
  });
  return { status, out: stdout, problem: stderr.trim().split('\n') };
}

describe.each(['agent-bench.ts', 'agent-rates-bench.ts', 'swarm-bench.ts'])('the options of %s', (script) => {
  it('are told on request', () => {
    const { status, out } = run(script, '--help');
    expect(status).toBe(0);
    expect(out).toContain('npm run bench:');
    expect(out).not.toContain(' * ');
  });

  it('that do not exist are one line', () => {
    const { status, problem } = run(script, '--colour', 'green');
    expect([status, problem.length]).toEqual([2, 1]);
    expect(problem[0]).toContain('--colour');
  });
});

it.each([
  ['agent-bench.ts', '--mib', 'many'],
  ['agent-rates-bench.ts', '--kbps', '0'],
  ['agent-bench.ts', '--agent-options', '--cpu-prof x'],
  ['swarm-bench.ts', '--repeat', '1.5'],
  ['swarm-bench.ts', '--topology', 'z'],
  ['swarm-bench.ts', '--contender', 'fanout,pigeon'],
])('%s %s refuses %s in one line', (script, option, value) => {
  const { status, problem } = run(script, option, value);
  expect([status, problem.length]).toEqual([2, 1]);
});
