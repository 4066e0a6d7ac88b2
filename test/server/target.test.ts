import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentId } from '../../shared/base/ids.ts';
import { cidrContains, formatCidr, formatIpv4, parseCidr, parseIpv4 } from '../../shared/base/ipv4.ts';
import type { Target, TargetFilter, TargetOperation } from '../../shared/contracts/targets.ts';
import { maximumTargetRows, targetOperations, targetSchema } from '../../shared/contracts/targets.ts';
import { withSitesBelow } from '../../shared/server/site-tree.ts';
import { SubnetSet } from '../../shared/server/subnet-set.ts';
import type { AgentFacts } from '../../shared/server/target.ts';
import { targetTest } from '../../shared/server/target.ts';
import { PolicyChangeCount, policiesWithTarget } from '../../shared/server/target-preview.ts';

const agentId = 'a'.repeat(32) as AgentId;
const otherId = 'b'.repeat(32) as AgentId;
const facts: AgentFacts = {
  agentId,
  lowerCaseName: 'lab-pc-17',
  address: parseIpv4('10.1.2.3'),
  siteId: 'north',
  tags: ['kiosk', 'lab'],
};
const sites = [
  { id: 'world' },
  { id: 'europe', parentId: 'world' },
  { id: 'north', parentId: 'europe' },
  { id: 'south', parentId: null },
];
const isMeant = (target: Target, agent = facts) => targetTest(target, sites)(agent);

describe('a target', () => {
  const cases: readonly [string, Target, boolean][] = [
    ['all', { kind: 'all' }, true],
    ['its site', { kind: 'sites', siteIds: ['south', 'north'] }, true],
    ['another site', { kind: 'sites', siteIds: ['south'] }, false],
    ['a site above its own', { kind: 'sites', siteIds: ['world'] }, false],
    ['a site above its own, with those below', { kind: 'sites', siteIds: ['world'], withChildren: true }, true],
    ['another site, with those below', { kind: 'sites', siteIds: ['south'], withChildren: true }, false],
    ['a subnet around its address', { kind: 'subnets', subnets: ['10.1.2.0/24'] }, true],
    ['another subnet', { kind: 'subnets', subnets: ['10.1.3.0/24'] }, false],
    ['its name, in other letters', { kind: 'names', patterns: ['LAB-PC-17'] }, true],
    ['a pattern of its name', { kind: 'names', patterns: ['x', 'Lab-*-1?'] }, true],
    ['a pattern of other names', { kind: 'names', patterns: ['lab-*-1', 'pc'] }, false],
    ['one of its tags', { kind: 'tags', tags: ['other', 'lab'] }, true],
    ['another tag', { kind: 'tags', tags: ['la'] }, false],
    ['its id', { kind: 'agents', agentIds: [agentId] }, true],
    ['another id', { kind: 'agents', agentIds: [otherId] }, false],
  ];
  test.each(cases)('of %s', (_what, target, expected) => {
    expect(targetSchema.parse(target)).toEqual(target);
    expect(isMeant(target)).toBe(expected);
  });

  test('never means an agent without an address or a site by them', () => {
    const unknown: AgentFacts = { ...facts, address: null, siteId: null };
    expect(isMeant({ kind: 'subnets', subnets: ['0.0.0.0/0'] }, unknown)).toBe(false);
    expect(isMeant({ kind: 'sites', siteIds: ['north'] }, unknown)).toBe(false);
  });

  test('of rows is read from the top, as sets would be', () => {
    const filter = fc.constantFrom<TargetFilter>(
      { kind: 'all' },
      { kind: 'tags', tags: ['lab'] },
      { kind: 'tags', tags: ['kiosk'] },
      { kind: 'names', patterns: ['pc-*'] },
      { kind: 'sites', siteIds: ['north'] },
    );
    const row = fc.record({ operation: fc.constantFrom<TargetOperation>(...targetOperations), filter });
    const agents = Array.from({ length: 16 }, (_value, bits): AgentFacts => {
      const tags = [...(bits & 1 ? ['lab'] : []), ...(bits & 2 ? ['kiosk'] : [])];
      return { ...facts, lowerCaseName: bits & 4 ? 'pc-1' : 'x', siteId: bits & 8 ? 'north' : null, tags };
    });
    fc.assert(
      fc.property(filter, fc.array(row, { minLength: 1, maxLength: maximumTargetRows - 1 }), (first, next) => {
        const found = (one: TargetFilter) => new Set(agents.filter((agent) => isMeant(one, agent)));
        let expected = found(first);
        for (const { operation, filter: one } of next) {
          const those = found(one);
          expected = new Set(
            agents.filter((agent) => {
              if (operation === 'union') return expected.has(agent) || those.has(agent);
              return expected.has(agent) && those.has(agent) === (operation === 'intersect');
            }),
          );
        }
        const target = targetSchema.parse({ kind: 'rows', first, next });
        expect(new Set(agents.filter((agent) => isMeant(target, agent)))).toEqual(expected);
      }),
    );
  });

  test.each([
    [{ kind: 'names', patterns: [' '] }, 'patterns.0'],
    [{ kind: 'names', patterns: ['x'.repeat(65)] }, 'patterns.0'],
    [{ kind: 'tags', tags: ['Two Words'] }, 'tags.0'],
    [{ kind: 'tags', tags: [] }, 'tags'],
    [{ kind: 'rows', first: { kind: 'all' }, next: [] }, 'next'],
    [
      { kind: 'rows', first: { kind: 'all' }, next: [{ operation: 'xor', filter: { kind: 'all' } }] },
      'next.0.operation',
    ],
    [
      {
        kind: 'rows',
        first: { kind: 'all' },
        next: [{ operation: 'union', filter: { kind: 'rows', first: { kind: 'all' }, next: [] } }],
      },
      'next.0.filter.kind',
    ],
    [
      {
        kind: 'rows',
        first: { kind: 'all' },
        next: Array.from({ length: maximumTargetRows }, () => ({ operation: 'union', filter: { kind: 'all' } })),
      },
      'next',
    ],
  ])('such as %j is refused at its field', (target, path) => {
    const { error } = targetSchema.safeParse(target);
    expect(error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
  });
});

describe('sites with those below', () => {
  test('are found through a circle, too', () => {
    const circle = [
      { id: 'a', parentId: 'b' },
      { id: 'b', parentId: 'a' },
      { id: 'c', parentId: 'b' },
      { id: 'd', parentId: 'gone' },
    ];
    expect([...withSitesBelow(['a'], circle)].sort()).toEqual(['a', 'b', 'c']);
  });
});

test('a set of subnets contains what one of them contains', () => {
  const cidr = fc
    .tuple(fc.nat({ max: 255 }), fc.integer({ min: 0, max: 32 }))
    .map(([last, length]) => parseCidr(`${formatIpv4(last)}/${length}`) ?? { network: 0, prefixLength: 0 });
  fc.assert(
    fc.property(fc.array(cidr, { maxLength: 6 }), fc.nat({ max: 300 }), (subnets, address) => {
      const expected = subnets.some((subnet) => cidrContains(subnet, address));
      expect(new SubnetSet(subnets).contains(address), subnets.map(formatCidr).join()).toBe(expected);
    }),
  );
});

describe('policies with another target', () => {
  const policy = (id: string, priority: number, isGlobal = false) => ({
    id,
    name: id.toUpperCase(),
    priority,
    isGlobal,
    isTargeted: () => false,
  });
  const policies = [policy('a', 1), policy('b', 2), policy('g', 1, true)];
  const all = () => true;

  test('keep their order, and a new one comes last before Global', () => {
    expect(policiesWithTarget(policies, 'b', all)?.map(({ id, isTargeted }) => [id, isTargeted(facts)])).toEqual([
      ['a', false],
      ['b', true],
      ['g', false],
    ]);
    expect(policiesWithTarget(policies, null, all)?.map(({ id }) => id)).toEqual(['a', 'b', null, 'g']);
  });

  test('are none where the policy is Global or unknown', () => {
    expect([policiesWithTarget(policies, 'g', all), policiesWithTarget(policies, 'x', all)]).toEqual([null, null]);
  });

  test('are counted by the policy that agents have and the one that they would have', () => {
    const [a, b, g] = policies as [(typeof policies)[0], (typeof policies)[0], (typeof policies)[0]];
    const count = new PolicyChangeCount();
    for (const [from, to] of [
      [a, a],
      [a, b],
      [g, b],
      [g, b],
    ] as const)
      count.add(from, to);
    expect(count.list().map(({ from, to, agents }) => [from.id, to.id, agents])).toEqual([
      ['g', 'b', 2],
      ['a', 'b', 1],
    ]);
  });
});
