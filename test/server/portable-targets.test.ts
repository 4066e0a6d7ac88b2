import { expect, test } from 'vitest';
import type { AgentId } from '../../shared/base/ids.ts';
import type { Target } from '../../shared/contracts/targets.ts';
import type { KnownNames, TargetProblem } from '../../shared/server/portable-targets.ts';
import { exportedTarget, importedTarget } from '../../shared/server/portable-targets.ts';

const [ann, bob, other] = ['a', 'b', 'c'].map((digit) => digit.repeat(32) as AgentId) as [AgentId, AgentId, AgentId];

function server(sites: Record<string, string>, agents: Record<string, string>): KnownNames {
  const idsOf = (all: Record<string, string>, name: string) => Object.keys(all).filter((id) => all[id] === name);
  return {
    siteName: (id) => sites[id] ?? null,
    agentName: (id) => agents[id] ?? null,
    siteIdsOf: (name) => idsOf(sites, name),
    agentIdsOf: (name) => idsOf(agents, name) as AgentId[],
  };
}

const here = server({ s1: 'North', s2: 'South' }, { [ann]: 'ann', [bob]: 'bob' });
const target: Target = {
  kind: 'rows',
  first: { kind: 'sites', siteIds: ['s1', 's2'], withChildren: true },
  next: [
    { operation: 'union', filter: { kind: 'agents', agentIds: [ann, bob] } },
    { operation: 'except', filter: { kind: 'tags', tags: ['lab'] } },
  ],
};

test('a target is the same after it went out and came back', () => {
  const problems: TargetProblem[] = [];
  expect(importedTarget(exportedTarget(target, here), here, problems)).toEqual(target);
  expect(problems).toEqual([]);
});

test('on another server it means the sites and agents of the same names', () => {
  const there = server({ x1: 'South', x2: 'North' }, { [other]: 'bob', [ann]: 'renamed' });
  const problems: TargetProblem[] = [];
  const imported = importedTarget(exportedTarget(target, here), there, problems);
  expect(problems).toEqual([]);
  expect(imported).toMatchObject({
    first: { siteIds: ['x2', 'x1'], withChildren: true },
    next: [{ filter: { agentIds: [ann, other] } }, { filter: { tags: ['lab'] } }],
  });
});

test('what is missing or ambiguous there is named with its place', () => {
  const there = server({ x1: 'South', x2: 'South' }, { [other]: 'ann', ['d'.repeat(32)]: 'ann' });
  const problems: TargetProblem[] = [];
  importedTarget(exportedTarget(target, here), there, problems);
  expect(problems).toEqual([
    { path: 'next.0.filter.agents.0', message: 'Several agents are called "ann".' },
    { path: 'next.0.filter.agents.1', message: 'There is no agent "bob".' },
    { path: 'first.siteNames.0', message: 'There is no site "North".' },
    { path: 'first.siteNames.1', message: 'Several sites are called "South".' },
  ]);
});
