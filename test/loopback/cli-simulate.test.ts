import { expect, it } from 'vitest';
import { simulationResultSchema } from '../../shared/contracts/simulation.ts';
import { runFanout } from '../cli/fanout-process.ts';

const small = ['simulate', '--agents', '20', '--sites', '2', '--regions', '1', '--package-mib', '4', '--json'];

it('a simulation needs no server, and prints one line', async () => {
  const { exitCode, stdout, stderr } = await runFanout(small);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(simulationResultSchema.parse(JSON.parse(stdout))).toMatchObject({ agents: 20, ready: 20 });
});
