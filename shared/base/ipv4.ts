/** An IPv4 address as an unsigned 32-bit number: comparisons and masks are arithmetic. */
export type Ipv4 = number;

export interface Cidr {
  /** Network address: bits below the prefix are zero. */
  readonly network: Ipv4;
  /** 0 … 32. */
  readonly prefixLength: number;
}

/** Dotted decimal of four parts without leading zeros, or null. */
export function parseIpv4(text: string): Ipv4 | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let value = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part)) return null;
    const octet = Number(part);
    if (octet > 255) return null;
    value = value * 256 + octet;
  }
  return value;
}

export function formatIpv4(address: Ipv4): string {
  return `${(address >>> 24) & 255}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

function maskOf(prefixLength: number): number {
  return prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0;
}

/** `a.b.c.d/n` whose host bits are zero, or null. */
export function parseCidr(text: string): Cidr | null {
  const [addressText, prefixText, ...rest] = text.split('/');
  if (addressText === undefined || prefixText === undefined || rest.length > 0) return null;
  if (!/^(0|[1-9]\d?)$/.test(prefixText)) return null;
  const network = parseIpv4(addressText);
  const prefixLength = Number(prefixText);
  if (network === null || prefixLength > 32) return null;
  return (network & maskOf(prefixLength)) >>> 0 === network ? { network, prefixLength } : null;
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIpv4(cidr.network)}/${cidr.prefixLength}`;
}

export function cidrOf(address: Ipv4, prefixLength: number): Cidr {
  return { network: (address & maskOf(prefixLength)) >>> 0, prefixLength };
}

export function cidrContains(cidr: Cidr, address: Ipv4): boolean {
  return (address & maskOf(cidr.prefixLength)) >>> 0 === cidr.network;
}

/** Whether a computer may have the address: within the subnet, and neither its network nor its broadcast address. */
export function isHostIn(cidr: Cidr, address: Ipv4): boolean {
  if (!cidrContains(cidr, address)) return false;
  return cidr.prefixLength >= 31 || (address !== cidr.network && address !== broadcastOf(cidr));
}

export function isSameCidr(a: Cidr, b: Cidr): boolean {
  return a.network === b.network && a.prefixLength === b.prefixLength;
}

export function cidrsOverlap(a: Cidr, b: Cidr): boolean {
  return a.prefixLength <= b.prefixLength ? cidrContains(a, b.network) : cidrContains(b, a.network);
}

/** The directed broadcast address of the subnet. */
export function broadcastOf(cidr: Cidr): Ipv4 {
  return (cidr.network | ~maskOf(cidr.prefixLength)) >>> 0;
}

export function isLoopback(address: Ipv4): boolean {
  return address >>> 24 === 127;
}
