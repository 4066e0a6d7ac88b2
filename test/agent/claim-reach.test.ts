import { describe, expect, it } from 'vitest';
import type { ClaimReach } from '../../shared/agent/claim-reach.ts';
import { heedsClaimsOf } from '../../shared/agent/claim-reach.ts';
import type { AgentId } from '../../shared/base/ids.ts';
import { parseIpv4 } from '../../shared/base/ipv4.ts';

const peer = 'ab'.repeat(16) as AgentId;
const packageServer = { constrained: false, maxUpload: 0, maxCache: 80, freshFor: 24, packages: [] };
const site = {
  id: 's1',
  name: 'Lyon',
  subnets: ['10.1.0.0/24', '10.1.1.0/24'],
  wanKilobitsPerSecond: 0,
  locationType: 'office' as const,
  sharesLan: true,
};

function reach(address: string | null, role: Partial<ClaimReach> = {}): ClaimReach {
  const found = address === null ? null : { address: parseIpv4(address) ?? 0 };
  return { configuration: { site }, packageServer, peers: { find: () => found }, ...role };
}

describe('whose claims an agent heeds', () => {
  it('are those of everybody, unless it is a Package Server', () => {
    expect(heedsClaimsOf(reach('10.2.0.7', { packageServer: null }), peer)).toBe(true);
  });

  it('are those of its own site alone where it is one, in whichever of its subnets', () => {
    expect(heedsClaimsOf(reach('10.1.0.7'), peer)).toBe(true);
    expect(heedsClaimsOf(reach('10.1.1.7'), peer)).toBe(true);
    expect(heedsClaimsOf(reach('10.2.0.7'), peer)).toBe(false);
  });

  it('are not those of somebody who has no address any longer', () => {
    expect(heedsClaimsOf(reach(null), peer)).toBe(false);
  });

  it('are those of everybody where no site is known', () => {
    expect(heedsClaimsOf(reach('10.2.0.7', { configuration: { site: null } }), peer)).toBe(true);
    expect(heedsClaimsOf(reach('10.2.0.7', { configuration: null }), peer)).toBe(true);
  });
});
