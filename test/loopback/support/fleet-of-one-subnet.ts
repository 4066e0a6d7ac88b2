import { access, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PackageGuid } from '../../../shared/base/ids.ts';
import { cidrOf, formatCidr, parseIpv4 } from '../../../shared/base/ipv4.ts';
import type { Target } from '../../../shared/contracts/console-api.ts';
import type { AgentSettings } from '../../../shared/contracts/settings.ts';
import { defaultAgentSettings } from '../../../shared/contracts/settings.ts';
import type { TestServer } from '../../notification-server/support/test-server.ts';
import { eventually } from '../../notification-server/support/test-server.ts';

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
  readonly key: string;
  readonly guid: PackageGuid;
  readonly version: string;
  readonly fileName: string;
  /** True once the agent with this folder calls the package ready. */
  readyOn(name: string): Promise<true | null>;
}

/** Imports the bytes as a package of one file and delivers it, to everybody where no target is given. */
export async function deliver(
  server: TestServer,
  folder: string,
  content: Buffer,
  target: Target = { kind: 'all' },
): Promise<DeliveredPackage> {
  const fileName = 'package.bin';
  const source = path.join(folder, 'source');
  await mkdir(source, { recursive: true });
  await writeFile(path.join(source, fileName), content);
  const { id } = await server.call('startImport', { body: { path: path.join(source, fileName) } });
  const imported = await eventually(
    'the package is imported',
    async () => (await server.call('imports', {})).find((job) => job.id === id)?.package ?? null,
    20_000,
  );
  const { guid, version, key } = imported;
  await server.call('createDelivery', {
    body: { guid, version, target, priority: 'normal' },
  });
  return {
    key,
    guid,
    version,
    fileName,
    readyOn: (name) =>
      access(path.join(folder, name, 'packages', key, 'finished')).then(
        () => true,
        () => null,
      ),
  };
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
