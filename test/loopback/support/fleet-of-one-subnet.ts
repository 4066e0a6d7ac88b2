import { access, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PackageGuid, PackageKey } from '../../../shared/base/ids.ts';
import { cidrOf, formatCidr, parseIpv4 } from '../../../shared/base/ipv4.ts';
import type { DeliveryPriority } from '../../../shared/contracts/package-state.ts';
import type { AgentSettings } from '../../../shared/contracts/settings.ts';
import { defaultAgentSettings } from '../../../shared/contracts/settings.ts';
import type { Target } from '../../../shared/contracts/targets.ts';
import type { TestServer } from '../../notification-server/support/test-server.ts';
import { eventually, importPackage } from '../../notification-server/support/test-server.ts';

/** Peer downloading on for the /24 of `address`, which becomes a site with that WAN link. Returns the subnet. */
export async function setUpFleetPolicy(
  server: TestServer,
  address: string,
  port: number,
  wanKilobitsPerSecond = 0,
  more: Partial<AgentSettings> = {},
): Promise<string> {
  const subnet = formatCidr(cidrOf(parseIpv4(address) ?? 0, 24));
  const settings = {
    ...defaultAgentSettings,
    peerDownloading: true,
    port,
    announcementInterval: 5,
    unavailableTimeout: 15,
    eventInterval: 5,
    attemptPeriod: 1,
    sourceBackoffScale: 0.001,
    ...more,
  };
  const body = { name: 'test fleet', target: { kind: 'subnets' as const, subnets: [subnet] }, settings };
  await server.call('createPolicy', { body });
  await server.call('createSite', { body: { name: 'test site', subnets: [subnet], wanKilobitsPerSecond } });
  return subnet;
}

export interface DeliveredPackage {
  readonly key: PackageKey;
  readonly guid: PackageGuid;
  readonly version: string;
  readonly fileName: string;
  /** True once the agent with this folder calls the package ready. */
  readyOn(name: string): Promise<true | null>;
}

export interface DeliveryOptions {
  /** Everybody where it is missing. */
  readonly target?: Target;
  readonly priority?: DeliveryPriority;
  /** Called when the package is there and nobody has been told to fetch it. */
  readonly imported?: (key: PackageKey) => void;
}

/** Imports the bytes as a package of one file and delivers it. `folder`: that of the agents' folders. */
export async function deliver(
  server: TestServer,
  folder: string,
  content: Buffer,
  { target = { kind: 'all' }, priority = 'normal', imported = () => undefined }: DeliveryOptions = {},
): Promise<DeliveredPackage> {
  const fileName = 'package.bin';
  const source = path.join(folder, 'source', fileName);
  await mkdir(path.dirname(source), { recursive: true });
  await writeFile(source, content);
  const { guid, version, key } = await importPackage(server, source);
  imported(key);
  await server.call('createDelivery', { body: { guid, version, target, priority } });
  const readyOn = (name: string): Promise<true | null> =>
    access(path.join(folder, name, 'packages', key, 'finished')).then(
      () => true,
      () => null,
    );
  return { key, guid, version, fileName, readyOn };
}

/** Block bytes that the server's sockets sent into the subnet, aborted answers included. */
export async function wanBytesInto(server: TestServer, subnet: string): Promise<number> {
  const { wanCopies } = await server.call('overview', {});
  return wanCopies.filter((line) => line.subnet === subnet).reduce((sum, { wanBytes }) => sum + wanBytes, 0);
}

/** The same, read until two looks agree: what was under way when a connection broke has been counted by then. */
export async function settledWanBytesInto(server: TestServer, subnet: string): Promise<number> {
  let before = -1;
  return eventually('the count of the server stands still', async () => {
    const now = await wanBytesInto(server, subnet);
    const isSettled = now === before;
    before = now;
    return isSettled ? now : null;
  });
}
