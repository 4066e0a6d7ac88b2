import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  broadcastOf,
  cidrContains,
  cidrOf,
  cidrsOverlap,
  formatCidr,
  formatIpv4,
  isLoopback,
  parseCidr,
  parseIpv4,
} from '../../shared/base/ipv4.ts';
import { holds } from '../helpers/properties.ts';

const addresses = fc.integer({ min: 0, max: 0xffffffff });
const prefixLengths = fc.integer({ min: 0, max: 32 });

describe('IPv4 addresses', () => {
  it('read back what they write', () => {
    holds(
      fc.property(addresses, (address) => {
        expect(parseIpv4(formatIpv4(address))).toBe(address);
      }),
    );
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.4 ',
    '1..2.3',
    'a.b.c.d',
    '-1.2.3.4',
    '1.2.3.0x4',
  ])('are not read from %j', (text) => {
    expect(parseIpv4(text)).toBeNull();
  });

  it('knows the loopback range', () => {
    expect([0x7f000001, 0x7fffffff, 0x7effffff, 0x80000000, 0xff000001].map(isLoopback)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('subnets', () => {
  it('read back what they write', () => {
    holds(
      fc.property(addresses, prefixLengths, (address, prefixLength) => {
        const cidr = cidrOf(address, prefixLength);
        expect(parseCidr(formatCidr(cidr))).toEqual(cidr);
      }),
    );
  });

  it.each(['10.0.0.1/24', '10.0.0.0', '10.0.0.0/33', '10.0.0.0/024', '10.0.0.0/-1', '10.0.0.0/24/1', '/8', '10.0.0/8'])(
    'are not read from %j',
    (text) => {
      expect(parseCidr(text)).toBeNull();
    },
  );

  it('hold exactly the addresses from the network to the broadcast address', () => {
    holds(
      fc.property(addresses, prefixLengths, addresses, (address, prefixLength, other) => {
        const cidr = cidrOf(address, prefixLength);
        expect(cidrContains(cidr, address)).toBe(true);
        expect(cidrContains(cidr, other)).toBe(other >= cidr.network && other <= broadcastOf(cidr));
      }),
    );
  });

  it('have 2 ^ (32 − prefix length) addresses', () => {
    holds(
      fc.property(addresses, prefixLengths, (address, prefixLength) => {
        const cidr = cidrOf(address, prefixLength);
        expect(broadcastOf(cidr) - cidr.network + 1).toBe(2 ** (32 - prefixLength));
      }),
    );
  });

  it('overlap where one holds an end of the other, in either order', () => {
    holds(
      fc.property(addresses, prefixLengths, addresses, prefixLengths, (a, lengthA, near, lengthB) => {
        const first = cidrOf(a, lengthA);
        // Half of the time a neighbour that shares its leading bits, or overlaps would be rare.
        const second = cidrOf(near % 2 === 0 ? near : (a ^ (near & 0xffff)) >>> 0, lengthB);
        const share =
          cidrContains(first, second.network) ||
          cidrContains(first, broadcastOf(second)) ||
          cidrContains(second, first.network);
        expect(cidrsOverlap(first, second)).toBe(share);
        expect(cidrsOverlap(second, first)).toBe(share);
      }),
    );
  });
});
