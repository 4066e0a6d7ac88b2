import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentId } from '../../shared/base/ids.ts';
import { cidrContains, cidrOf, formatCidr, parseIpv4 } from '../../shared/base/ipv4.ts';
import { policiesInOrder, resolvePolicy } from '../../shared/server/settings-resolution.ts';
import { SiteTable, subnetProblems } from '../../shared/server/site-assignment.ts';

const agentId = 'a'.repeat(32) as AgentId;
const facts = { agentId, lowerCaseName: 'pc-1', address: parseIpv4('10.1.2.3'), siteId: 'north', tags: [] };

describe('the policy of an agent', () => {
  const policy = (name: string, priority: number, isTargeted: boolean, isGlobal = false) => ({
    name,
    priority,
    isGlobal,
    isTargeted: () => isTargeted,
  });

  test('is the first by priority that targets it', () => {
    const ordered = policiesInOrder([
      policy('third', 3, true),
      policy('global', 1, true, true),
      policy('first', 1, false),
      policy('second', 2, true),
    ]);
    expect(ordered.map(({ name }) => name)).toEqual(['first', 'second', 'third', 'global']);
    expect(resolvePolicy(ordered, facts).name).toBe('second');
  });

  test('is Global where no other targets it', () => {
    const ordered = policiesInOrder([policy('global', 1, false, true), policy('first', 1, false)]);
    expect(resolvePolicy(ordered, facts).name).toBe('global');
  });
});

describe('the site of an address', () => {
  test('is the one with the longest prefix around it', () => {
    const table = new SiteTable([
      { id: 'all', name: 'All', subnets: ['10.0.0.0/8'] },
      { id: 'branch', name: 'Branch', subnets: ['10.1.2.0/24', '192.168.0.0/16'] },
    ]);
    const siteOf = (text: string) => table.siteOf(parseIpv4(text) ?? 0)?.siteId ?? null;
    expect([siteOf('10.1.2.3'), siteOf('10.1.3.3'), siteOf('192.168.9.9'), siteOf('11.0.0.1')]).toEqual([
      'branch',
      'all',
      'branch',
      null,
    ]);
  });

  test('is what a search through all prefixes finds', () => {
    const address = fc.nat({ max: 0xffffffff });
    const prefix = fc
      .tuple(address, fc.integer({ min: 0, max: 32 }))
      .map(([network, length]) => cidrOf(network, length));
    fc.assert(
      fc.property(fc.uniqueArray(prefix, { maxLength: 20, selector: formatCidr }), address, (prefixes, wanted) => {
        const sites = prefixes.map((cidr, index) => ({
          id: `${index}`,
          name: `${index}`,
          subnets: [formatCidr(cidr)],
        }));
        let best: string | null = null;
        let bestLength = -1;
        prefixes.forEach((cidr, index) => {
          if (cidrContains(cidr, wanted) && cidr.prefixLength > bestLength) {
            best = `${index}`;
            bestLength = cidr.prefixLength;
          }
        });
        expect(new SiteTable(sites).siteOf(wanted)?.siteId ?? null).toBe(best);
      }),
    );
  });
});

describe('subnets of a site', () => {
  const north = { id: 'n', name: 'North', subnets: ['10.1.0.0/16'] };
  const problems = (...subnets: string[]) =>
    subnetProblems([{ id: 's', name: 'South', subnets }, north], new Set(['s'])).map(({ index }) => index);

  test('may not overlap those of another, from inside or around', () => {
    const south = { id: 's', name: 'South', subnets: ['10.1.5.0/24'] };
    expect(subnetProblems([south, north], new Set(['s']))).toEqual([
      { siteId: 's', index: 0, message: '10.1.5.0/24 overlaps 10.1.0.0/16 of the site "North".' },
    ]);
    expect(subnetProblems([south, north], new Set(['n', 's'])).map(({ siteId }) => siteId)).toEqual(['n']);
    expect(subnetProblems([south, north], new Set())).toEqual([]);
    expect(problems('11.0.0.0/8', '10.0.0.0/8')).toEqual([1]);
  });

  test('may not overlap each other', () => {
    expect(problems('10.9.0.0/16', '10.9.1.0/24')).toEqual([1]);
    expect(problems('10.9.1.0/24', '10.9.0.0/16', '10.9.1.0/24')).toEqual([1, 2]);
    expect(problems('10.9.0.0/24', '10.9.1.0/24')).toEqual([]);
  });
});
