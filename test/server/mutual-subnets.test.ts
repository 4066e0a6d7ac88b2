import { describe, expect, test } from 'vitest';
import type { Cidr } from '../../shared/base/ipv4.ts';
import { parseCidr } from '../../shared/base/ipv4.ts';
import type { ListingPolicy, PlacedPolicy } from '../../shared/server/mutual-subnets.ts';
import { mutualSubnetWarnings } from '../../shared/server/mutual-subnets.ts';

const policy = (id: string, additionalSubnets: string[]): ListingPolicy => ({
  id,
  name: id.toUpperCase(),
  settings: { additionalSubnets },
});

function cidrOf(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === null) throw new Error(`${text} is no subnet`);
  return cidr;
}

function place(subnet: string, policyId: string, siblings: readonly string[] = []): PlacedPolicy {
  return { subnet: cidrOf(subnet), policyId, siblings: siblings.map(cidrOf) };
}

function messages(policies: readonly ListingPolicy[], places: readonly PlacedPolicy[]): Record<string, string[]> {
  const found = mutualSubnetWarnings(policies, places);
  return Object.fromEntries([...found].map(([id, warnings]) => [id, warnings.map(({ message }) => message)]));
}

describe('a policy with additional subnets is warned of', () => {
  test('those whose computers have a policy that does not list its own', () => {
    const found = messages(
      [policy('north', ['10.1.3.0/24']), policy('south', [])],
      [place('10.1.2.0/24', 'north'), place('10.1.3.0/24', 'south')],
    );
    expect(Object.keys(found)).toEqual(['north']);
    expect(found.north).toEqual([
      '10.1.3.0/24: the policy "SOUTH" of computers there does not list 10.1.2.0/24. They do not answer until both sides list each other.',
    ]);
  });

  test('none where both list each other, or one policy lists both', () => {
    const north = place('10.1.2.0/24', 'north');
    const mutual = [policy('north', ['10.1.3.0/24']), policy('south', ['10.1.0.0/16'])];
    expect(messages(mutual, [north, place('10.1.3.0/24', 'south')])).toEqual({});
    const one = [policy('north', ['10.1.2.0/24', '10.1.3.0/24'])];
    expect(messages(one, [north, place('10.1.3.0/24', 'north')])).toEqual({});
  });

  test('none where the site of both says that they share a LAN', () => {
    const policies = [policy('north', ['10.1.3.0/24']), policy('south', [])];
    const site = ['10.1.2.0/24', '10.1.3.0/24'];
    expect(messages(policies, [place('10.1.2.0/24', 'north', site), place('10.1.3.0/24', 'south', site)])).toEqual({});
  });

  test('one of its own: a policy that lists only one of the two subnets of its computers', () => {
    const found = messages(
      [policy('north', ['10.1.3.0/24'])],
      [place('10.1.2.0/24', 'north'), place('10.1.3.0/24', 'north')],
    );
    expect(found.north).toHaveLength(1);
  });

  test('each listed subnet once, however many policies hold there', () => {
    const found = messages(
      [policy('north', ['10.1.0.0/16', '10.2.0.0/16']), policy('a', []), policy('b', [])],
      [place('10.3.1.0/24', 'north'), place('10.1.1.0/24', 'a'), place('10.1.2.0/24', 'b'), place('10.2.1.0/24', 'a')],
    );
    expect(found.north?.map((message) => message.slice(0, 11))).toEqual(['10.1.0.0/16', '10.2.0.0/16']);
  });

  test('nothing while nobody has it, or nobody is there', () => {
    const policies = [policy('north', ['10.1.3.0/24']), policy('south', [])];
    expect(messages(policies, [place('10.1.3.0/24', 'south')])).toEqual({});
    expect(messages(policies, [place('10.1.2.0/24', 'north')])).toEqual({});
  });
});
