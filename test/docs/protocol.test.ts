import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { claimTimes } from '../../shared/agent/claim-times.ts';

const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/protocol.md'), 'utf8');

describe('docs/protocol.md', () => {
  it('has the times of want and claim that the agents keep', () => {
    const rows = [...page.matchAll(/^\| `(\w+)` \| ([\d, ]+) \|/gm)].map(([, name, value]) => [name, value]);
    expect(Object.fromEntries(rows)).toEqual(
      Object.fromEntries(Object.entries(claimTimes).map(([name, value]) => [name, [value].flat().join(', ')])),
    );
  });
});
