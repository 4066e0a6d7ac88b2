import { networkInterfaces } from 'node:os';
import type { AgentInterfaceAddress } from '../../shared/agent/ports.ts';
import type { Ipv4 } from '../../shared/base/ipv4.ts';
import { cidrOf, isLoopback, parseIpv4 } from '../../shared/base/ipv4.ts';
import type { PlannedInterfaces } from '../../shared/contracts/worker-protocol.ts';

/** A network adapter that is up, as the system shows it. */
export interface SystemAdapter {
  readonly name: string;
  readonly isInternal: boolean;
  readonly ipv4: readonly { readonly address: string; readonly prefixLength: number }[];
  /** It has an IPv6 address that leads further than the next switch. */
  readonly hasIpv6: boolean;
}

/** An agent speaks on so many interfaces at most. */
const maxInterfaces = 8;

export function readSystemAdapters(): SystemAdapter[] {
  return Object.entries(networkInterfaces()).map(([name, entries = []]) => ({
    name,
    isInternal: entries.every(({ internal }) => internal),
    ipv4: entries.flatMap(({ family, address, cidr }) =>
      family === 'IPv4' && cidr !== null ? [{ address, prefixLength: Number(cidr.split('/')[1]) }] : [],
    ),
    hasIpv6: entries.some(({ family, address }) => family === 'IPv6' && !address.startsWith('fe80:')),
  }));
}

/**
 * The interfaces that a plan means now: with `auto` every adapter with an IPv4 address; else each planned address where the
 * computer has it, or the address that the adapter of that name has got instead. Loopback addresses are always there.
 */
export function presentInterfaces(
  plan: PlannedInterfaces,
  port: number,
  adapters: readonly SystemAdapter[],
): AgentInterfaceAddress[] {
  const found = plan === 'auto' ? adapters.filter(({ isInternal }) => !isInternal).flatMap(placesOf) : [];
  const planned = plan === 'auto' ? [] : 'address' in plan ? [plan] : plan;
  for (const wanted of planned) {
    const named = adapters.find(({ name, isInternal }) => name === wanted.name && !isInternal)?.ipv4[0];
    if (isThere(wanted.address, adapters)) found.push(wanted);
    else if (named !== undefined) found.push({ name: wanted.name, ...named });
  }
  return found.slice(0, maxInterfaces).flatMap(({ name, address: text, prefixLength }) => {
    const address = parseIpv4(text);
    return address === null ? [] : [{ name, address, subnet: cidrOf(address, prefixLength), port }];
  });
}

/** Adapters that an agent cannot use, because it speaks IPv4 only. */
export function unsupportedAdapters(adapters: readonly SystemAdapter[]): string[] {
  return adapters
    .filter(({ isInternal, ipv4, hasIpv6 }) => !isInternal && ipv4.length === 0 && hasIpv6)
    .map(({ name }) => name.slice(0, 64))
    .slice(0, 16);
}

function placesOf({ name, ipv4 }: SystemAdapter) {
  return ipv4.map((place) => ({ name: name.slice(0, 64), ...place }));
}

function isThere(text: string, adapters: readonly SystemAdapter[]): boolean {
  const address: Ipv4 | null = parseIpv4(text);
  if (address !== null && isLoopback(address)) return true;
  return adapters.some(({ ipv4 }) => ipv4.some((place) => place.address === text));
}
