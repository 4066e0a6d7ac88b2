import { networkInterfaces } from 'node:os';
import { cidrContains, cidrOf, isLoopback, parseIpv4 } from '../../shared/base/ipv4.ts';
import type { PlannedInterface } from '../../shared/contracts/worker-protocol.ts';

export interface SystemAddress {
  readonly name: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly isInternal: boolean;
}

/** All IPv4 addresses of this computer. */
export function systemAddresses(): SystemAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter((entry) => entry.family === 'IPv4' && entry.cidr !== null)
      .map((entry) => ({
        name,
        address: entry.address,
        prefixLength: Number(entry.cidr?.split('/')[1]),
        isInternal: entry.internal,
      })),
  );
}

/** One 127.x.y.0/24 is one subnet, as in the embedded fleet; the system would call all of 127.0.0.0/8 one. */
const loopbackPrefixLength = 24;

/**
 * The interface that an agent lives on: the one with the given address; else the card in whose subnet the server is; else
 * loopback for a server on this computer, the first card for any other. Null where the computer has none of them.
 *
 * @param serverHost address or name from the server's URL
 */
export function chooseInterface(
  wanted: { readonly address?: string; readonly prefixLength?: number },
  serverHost: string,
  addresses: readonly SystemAddress[],
): PlannedInterface | null {
  const chosen =
    wanted.address === undefined ? defaultAddress(serverHost, addresses) : given(wanted.address, addresses);
  if (chosen === null) return null;
  return { ...chosen, prefixLength: wanted.prefixLength ?? chosen.prefixLength };
}

function given(address: string, addresses: readonly SystemAddress[]): PlannedInterface | null {
  const number = parseIpv4(address);
  if (number !== null && isLoopback(number)) return { name: 'Loopback', address, prefixLength: loopbackPrefixLength };
  const found = addresses.find((candidate) => candidate.address === address);
  return found === undefined ? null : { name: found.name, address, prefixLength: found.prefixLength };
}

function defaultAddress(serverHost: string, addresses: readonly SystemAddress[]): PlannedInterface | null {
  const server = serverHost === 'localhost' ? parseIpv4('127.0.0.1') : parseIpv4(serverHost);
  if (server !== null && isLoopback(server)) return given('127.0.0.1', addresses);
  const cards = addresses.filter((candidate) => !candidate.isInternal);
  const besideServer = cards.find((card) => {
    const address = parseIpv4(card.address);
    return server !== null && address !== null && cidrContains(cidrOf(address, card.prefixLength), server);
  });
  const card = besideServer ?? cards[0];
  return card === undefined ? null : { name: card.name, address: card.address, prefixLength: card.prefixLength };
}
