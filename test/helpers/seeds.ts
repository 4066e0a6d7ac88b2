import { expect } from 'vitest';

/**
 * Runs a random test with several seeds. A failure names its seed and the command that replays just this one.
 *
 * FANOUT_SEED=n runs one seed; FANOUT_SEEDS=n multiplies how many are run (a campaign); FANOUT_FIRST_SEED=n shifts them.
 */
export function forSeeds(count: number, run: (seed: number) => void): void {
  for (const seed of seedsToRun(count)) {
    try {
      run(seed);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`seed ${seed}: ${message}\nreplay with: ${replayCommand(seed)}`, { cause });
    }
  }
}

function seedsToRun(count: number): number[] {
  const only = process.env.FANOUT_SEED;
  if (only !== undefined) return [Number(only)];
  const first = Number(process.env.FANOUT_FIRST_SEED ?? 1);
  const length = count * Number(process.env.FANOUT_SEEDS ?? 1);
  return Array.from({ length }, (_, index) => first + index);
}

function replayCommand(seed: number): string {
  const { testPath, currentTestName } = expect.getState();
  const file = testPath?.replace(`${process.cwd()}/`, '') ?? '';
  const name = (currentTestName ?? '').replace(/[.*+?^${}()|[\]\\']/g, '.');
  return `FANOUT_SEED=${seed} npx vitest run ${file} -t '${name}'`;
}
