import { describe, expect, test } from 'vitest';
import { formatCidr } from '../../shared/base/ipv4.ts';
import { hasPeers, hintedSubnets } from '../../shared/server/hinted-subnets.ts';

const office = { subnets: ['10.1.0.0/24', '10.1.1.0/24'], sharesLan: true, locationType: 'office' } as const;
const hinted = (...told: Parameters<typeof hintedSubnets>) => hintedSubnets(...told).map(formatCidr);

describe('the subnets in which an agent is told of peers', () => {
  test('are those of its policy, and those of its site where they are one LAN, each once', () => {
    expect(hinted(['10.9.0.0/24', '10.1.1.0/24'], office, ['10.1.0.0/24'])).toEqual([
      '10.1.0.0/24',
      '10.1.1.0/24',
      '10.9.0.0/24',
    ]);
    expect(hinted(['10.9.0.0/24'], { ...office, sharesLan: false }, ['10.1.0.0/24'])).toEqual(['10.9.0.0/24']);
    expect(hinted([], null, ['10.1.0.0/24'])).toEqual([]);
  });

  test('are its own as well on Wi-Fi, unless it tells of half the world', () => {
    const wifi = { ...office, sharesLan: false, locationType: 'wifi' } as const;
    expect(hinted([], wifi, ['10.1.0.0/24', '0.0.0.0/0', 'nonsense', '10.1.0.0/24'])).toEqual(['10.1.0.0/24']);
  });
});

test('offices and Wi-Fi have peers; VPNs and the internet have none', () => {
  expect((['office', 'wifi', 'vpn', 'internet'] as const).map(hasPeers)).toEqual([true, true, false, false]);
});
