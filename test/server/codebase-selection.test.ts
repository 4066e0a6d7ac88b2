import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packageKeyOf } from '../../shared/base/hashing.ts';
import type { AgentId, PackageGuid } from '../../shared/base/ids.ts';
import type { CodebaseQuestion, CodebaseWorld } from '../../shared/server/codebase-selection.ts';
import { noDenials, selectCodebases } from '../../shared/server/codebase-selection.ts';
import { isAssignedTo } from '../../shared/server/package-assignment.ts';
import { holds } from '../helpers/properties.ts';

const key = packageKeyOf('00000000-0000-4000-8000-000000000001' as PackageGuid, '1.0');
const idOf = (number: number) => number.toString(16).padStart(32, '0') as AgentId;
const notificationServer = { url: 'https://10.0.0.1:27800/agent/v1', certificateName: 'x.ns.fanout' };

interface PlacedServer {
  readonly number: number;
  readonly site: string;
  readonly isConstrained?: boolean;
}

/** Branch below region below centre. */
const parents: Readonly<Record<string, string>> = { branch: 'region', other: 'region', region: 'centre' };

function world(servers: readonly PlacedServer[], assigned: readonly number[] = []): CodebaseWorld {
  return {
    notificationServer,
    parentOf: (siteId) => parents[siteId] ?? null,
    packageServersOf: (siteId) =>
      servers
        .filter(({ site }) => site === siteId)
        .map(({ number, isConstrained = false }) => ({
          agentId: idOf(number),
          url: `https://ps-${number}/package-server/v1`,
          certificateName: `${idOf(number)}.agent.fanout`,
          isConstrained,
        })),
    isAssigned: (agentId) => assigned.some((number) => idOf(number) === agentId),
  };
}

function asked(more: Partial<CodebaseQuestion>, place: CodebaseWorld): string[] {
  const question = { agentId: idOf(99), siteId: 'branch', isPackageServer: false, key, denials: noDenials, ...more };
  return selectCodebases(question, place).map(({ source, url }) => `${source} ${new URL(url).hostname}`);
}

const tiers = world([
  { number: 1, site: 'branch' },
  { number: 2, site: 'region' },
  { number: 3, site: 'centre' },
  { number: 4, site: 'other' },
]);

describe('an agent downloads', () => {
  test('from its own site, then from the sites above, then from the Notification Server', () => {
    expect(asked({}, tiers)).toEqual([
      'package-server-own-site ps-1',
      'package-server-foreign ps-2',
      'package-server-foreign ps-3',
      'notification-server 10.0.0.1',
    ]);
  });

  test('from the Notification Server alone where it has no site', () => {
    expect(asked({ siteId: null }, tiers)).toEqual(['notification-server 10.0.0.1']);
  });

  test('not from a constrained Package Server that the package is not assigned to', () => {
    const servers = [{ number: 1, site: 'branch', isConstrained: true }];
    expect(asked({}, world(servers))).toEqual(['notification-server 10.0.0.1']);
    expect(asked({}, world(servers, [1]))[0]).toBe('package-server-own-site ps-1');
  });

  test('not from where the settings of its site deny it', () => {
    expect(asked({ denials: { denyNotificationServer: true, denyForeignPackageServers: true } }, tiers)).toEqual([
      'package-server-own-site ps-1',
    ]);
    expect(asked({ siteId: 'branch', denials: { ...noDenials, denyNotificationServer: true } }, world([]))).toEqual([]);
  });
});

describe('a Package Server downloads', () => {
  const pair = world([
    { number: 1, site: 'branch' },
    { number: 5, site: 'branch' },
    { number: 2, site: 'region' },
  ]);

  test('from its parent site upwards: those of its own site are its peers', () => {
    expect(asked({ agentId: idOf(1), isPackageServer: true }, pair)).toEqual([
      'package-server-foreign ps-2',
      'notification-server 10.0.0.1',
    ]);
  });

  test('from above although that is foreign, and from the Notification Server where there is nothing else', () => {
    const denials = { denyNotificationServer: true, denyForeignPackageServers: true };
    const self = { agentId: idOf(1), isPackageServer: true, denials };
    expect(asked(self, pair)).toEqual(['package-server-foreign ps-2']);
    expect(asked(self, world([{ number: 1, site: 'branch' }]))).toEqual(['notification-server 10.0.0.1']);
  });
});

test('agents of a site share its Package Servers, and each keeps its order when another comes or goes', () => {
  const first = new Map<string, number>();
  const servers = [1, 2, 3, 4].map((number) => ({ number, site: 'branch' }));
  for (let agent = 100; agent < 500; agent++) {
    const order = asked({ agentId: idOf(agent) }, world(servers)).slice(0, 4);
    first.set(order[0] ?? '', (first.get(order[0] ?? '') ?? 0) + 1);
    const without = asked({ agentId: idOf(agent) }, world(servers.slice(1))).slice(0, 3);
    expect(without).toEqual(order.filter((line) => !line.endsWith('ps-1')));
  }
  // A quarter each, give or take what chance gives and takes.
  expect(first.size).toBe(4);
  for (const count of first.values()) expect(count).toBeGreaterThan(60);
});

test('whatever the tree, nobody is sent to itself or twice to the same, and nearer sites come first', () => {
  const places = ['branch', 'region', 'centre', 'other'] as const;
  const server = fc.record({ site: fc.constantFrom(...places), isConstrained: fc.boolean() });
  const tree = fc.dictionary(fc.constantFrom(...places), fc.constantFrom(...places));
  holds(
    fc.property(
      fc.array(server, { maxLength: 12 }),
      tree,
      fc.nat(12),
      fc.boolean(),
      (drawn, parentOf, self, isServer) => {
        const servers = drawn.map((entry, number) => ({ ...entry, number }));
        const place = { ...world(servers, [0, 1]), parentOf: (siteId: string) => parentOf[siteId] ?? null };
        const siteId = servers[self]?.site ?? 'branch';
        const question = { agentId: idOf(self), siteId, isPackageServer: isServer, key, denials: noDenials };
        const codebases = selectCodebases(question, place);
        const names = codebases.map(({ certificateName }) => certificateName);
        expect(new Set(names).size).toBe(names.length);
        expect(names).not.toContain(`${idOf(self)}.agent.fanout`);
        const ranks = codebases.map(({ source }) =>
          ['package-server-own-site', 'package-server-foreign', 'notification-server'].indexOf(source),
        );
        expect(ranks).toEqual([...ranks].sort());
        expect(codebases.at(-1)?.source).toBe('notification-server');
        if (isServer) expect(ranks).not.toContain(0);
      },
    ),
  );
});

test('an assignment names all, some or those of a site', () => {
  const server = { agentId: idOf(1), siteId: 'branch' };
  expect(isAssignedTo({ mode: 'on-demand' }, server)).toBe(false);
  expect(isAssignedTo({ mode: 'all' }, server)).toBe(true);
  expect(isAssignedTo({ mode: 'listed', agentIds: [idOf(2), idOf(1)] }, server)).toBe(true);
  expect(isAssignedTo({ mode: 'listed', agentIds: [idOf(2)] }, server)).toBe(false);
  expect(isAssignedTo({ mode: 'sites', siteIds: ['branch'] }, server)).toBe(true);
  expect(isAssignedTo({ mode: 'sites', siteIds: ['branch'] }, { ...server, siteId: null })).toBe(false);
});
