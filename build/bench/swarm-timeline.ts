/** How the blocks of a package spread, seen from outside: the agents' block journals grow by one record per block. */
import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FanoutLab, LabPackage } from '../lab/fanout-lab.ts';

const sampleMs = 25;
/** As written by the agent worker. */
const recordBytes = 12;

/** Writes `milliseconds,server CPU s,blocks of each agent…` lines until the returned function is called. */
export function recordTimeline(lab: FanoutLab, { key }: LabPackage, file: string): () => void {
  const lines = [['ms', 'server', ...lab.agents.map(({ name }) => name)].join(',')];
  const journals = lab.agents.map(({ dataFolder }) => path.join(dataFolder, 'packages', key, 'blocks.journal'));
  const startedAtMs = performance.now();
  const timer = setInterval(() => {
    const blocks = journals.map((journal) => (statSync(journal, { throwIfNoEntry: false })?.size ?? 0) / recordBytes);
    lines.push([Math.round(performance.now() - startedAtMs), lab.server.cpuSeconds(), ...blocks].join(','));
  }, sampleMs);
  return () => {
    clearInterval(timer);
    writeFileSync(file, `${lines.join('\n')}\n`);
  };
}
