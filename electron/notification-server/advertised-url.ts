import { networkInterfaces } from 'node:os';

/** The URL under which agents reach a listener: the name it was given, or an address that another computer can use. */
export function advertisedUrl(host: string | undefined, listenAddress: string, port: number): string {
  return `https://${host ?? (listenAddress === '0.0.0.0' ? ownAddress() : listenAddress)}:${port}`;
}

function ownAddress(): string {
  for (const addresses of Object.values(networkInterfaces())) {
    const found = addresses?.find((candidate) => candidate.family === 'IPv4' && !candidate.internal);
    if (found !== undefined) return found.address;
  }
  return '127.0.0.1';
}
