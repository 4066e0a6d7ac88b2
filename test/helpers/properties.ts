import fc from 'fast-check';

/** Checks a property with random examples; a failure prints its seed and path, `FANOUT_SEED=n` repeats one. */
export function holds<Example extends unknown[]>(property: fc.IProperty<Example>, runs = 300): void {
  const seed = process.env.FANOUT_SEED;
  fc.assert(property, { numRuns: runs, ...(seed === undefined ? {} : { seed: Number(seed) }) });
}
