import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentId } from '../../shared/base/ids.ts';
import { codebasesAnswerSchema } from '../../shared/contracts/agent-api.ts';
import type { SiteSettings } from '../../shared/contracts/site-settings.ts';
import { defaultSiteSettings } from '../../shared/contracts/site-settings.ts';
import type { SiteDraft } from '../../shared/contracts/sites-api.ts';
import { configurationOf } from '../notification-server/support/server-place.ts';
import type { TestAgent, TestFeed } from '../notification-server/support/test-agent.ts';
import { eventually } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress } from '../support/agent-fixtures.ts';
import { onLoopback } from './support/agents-on-loopback.ts';
import { askPackageServer, whenOpenToAnybody } from './support/asked-package-server.ts';
import { PlaceWithPackage } from './support/place-with-package.ts';

const port = 28_450;
const content = randomBytes(300_000);

let place: PlaceWithPackage;

beforeEach(async () => {
  place = await PlaceWithPackage.open(content);
});

afterEach(() => place.stop());

function site(name: string, subnet: number, more: Partial<SiteDraft> = {}): Promise<string> {
  return place.site(name, `127.30.${subnet}.0/24`, more);
}

async function set(siteIds: readonly string[], settings: Partial<SiteSettings>): Promise<void> {
  const target = { kind: 'sites' as const, siteIds: [...siteIds] };
  const body = { name: JSON.stringify(settings), target, settings: { ...defaultSiteSettings, ...settings } };
  await place.server.call('createSiteSettings', { body });
}

/** A computer that is enrolled at that address, has told where it listens, and has the role where it is a server. */
async function computer(
  name: string,
  address: string,
  isServer = false,
): Promise<{ agent: TestAgent; feed: TestFeed }> {
  const agent = await place.enrol({ name, localAddress: address });
  const subnet = `${address.split('.').slice(0, 3).join('.')}.0/24`;
  const interfaces = [{ name: 'lo', address, subnet, port: 27801 }];
  const started = { kind: 'started', bootId: 1, productVersion: '0', platform: 'test', cpuCores: 1, interfaces };
  const { installationEpoch } = agent.identity;
  const events = [{ sequence: 1, atMs: Date.now(), ...started }];
  expect((await agent.request('/events', { method: 'POST', body: { installationEpoch, events } })).status).toBe(200);
  const feed = await agent.openFeed();
  place.onStop(() => feed.close());
  if (isServer) await place.server.call('addPackageServer', { body: { agentId: agent.agentId } });
  return { agent, feed };
}

async function sourcesOf(asking: TestAgent): Promise<string[]> {
  const answer = await asking.request(`/packages/${place.subject.guid}/${place.subject.version}/codebases`);
  return codebasesAnswerSchema.parse(answer.json()).codebases.map(({ source }) => source);
}

/** The last one that the feed told. */
function shareOf({ received }: TestFeed): number | null | undefined {
  return received.findLast((message) => message.kind === 'outbound-share')?.bytesPerSecond;
}

function untilShare(feed: TestFeed, share: number | null): Promise<true> {
  return eventually(`a share of ${share}`, () => (shareOf(feed) === share ? true : null), 20_000);
}

describe('Targeted site settings', () => {
  it('keep the computers of a site from the server and from foreign Package Servers, one apart from the other', async () => {
    const region = await site('Region', 10);
    const branch = await site('Branch', 11, { parentId: region });
    const other = await site('Other', 12, { parentId: region });
    await computer('ps', '127.30.10.2', true);
    const { agent: ofBranch } = await computer('pc', '127.30.11.9');
    const { agent: ofOther } = await computer('pc2', '127.30.12.9');
    const all = ['package-server-foreign', 'notification-server'];
    expect([await sourcesOf(ofBranch), await sourcesOf(ofOther)]).toEqual([all, all]);
    expect(await place.blockStatus(ofBranch)).toBe(200);

    await set([branch], { preventNotificationServer: true });
    await set([other], { preventForeignPackageServers: true });
    expect(await sourcesOf(ofBranch)).toEqual(['package-server-foreign']);
    expect(await sourcesOf(ofOther)).toEqual(['notification-server']);
    // Who remembers a source from before is refused there.
    expect([await place.blockStatus(ofBranch), await place.blockStatus(ofOther)]).toEqual([403, 200]);
  });

  it('leave a Package Server its last source, because its whole site depends on it', async () => {
    const region = await site('Region', 10);
    const branch = await site('Branch', 11, { parentId: region });
    await set([region, branch], { preventNotificationServer: true, preventForeignPackageServers: true });
    const { agent: ofRegion, feed } = await computer('ps', '127.30.10.2', true);
    const { agent: ofBranch } = await computer('ps2', '127.30.11.2', true);
    expect(await sourcesOf(ofRegion)).toEqual(['notification-server']);
    expect(await sourcesOf(ofBranch)).toEqual(['package-server-foreign']);
    expect([await place.blockStatus(ofRegion), await place.blockStatus(ofBranch)]).toEqual([200, 403]);
    feed.close();
    await eventually('the region is offline', async () => ((await place.blockStatus(ofBranch)) === 200 ? true : null));
  });
});

describe('what leaves a site', () => {
  it('is shared by its Package Servers, by who sends', async () => {
    const region = await site('Region', 10, { wanOutKilobitsPerSecond: 80_000 });
    await set([region], { sharedOutboundKilobytesPerSecond: 8000 });
    const { agent, feed: first } = await computer('ps1', '127.30.10.2', true);
    const { feed: second } = await computer('ps2', '127.30.10.3', true);
    await Promise.all([untilShare(first, 4_000_000), untilShare(second, 4_000_000)]);
    expect((await configurationOf(agent)).packageServer?.outbound).toEqual({
      subnets: ['127.30.10.0/24'],
      beyondLimits: [],
    });
    second.send({ kind: 'outbound-use' });
    await Promise.all([untilShare(first, 1_000_000), untilShare(second, 7_000_000)]);
  });

  it('follows the hours of the site and the setting, and is not limited where neither is there', async () => {
    const region = await site('Region', 10, { distributionSchedule: '2400kbit/s' });
    const { agent, feed } = await computer('ps', '127.30.10.2', true);
    await untilShare(feed, 300_000);
    await set([region], { sharedOutboundKilobytesPerSecond: 100 });
    await untilShare(feed, 100_000);
    const { version, ...stored } = (await place.server.call('sites', {})).find(({ id }) => id === region) ?? {
      version: 0,
    };
    const body = { ...stored, version, distributionSchedule: 'closed' } as never;
    await place.server.call('updateSite', { params: { id: region }, body });
    await untilShare(feed, 0);
    const emergency = { priority: 'emergency' as const, ignoresSiteLimits: true };
    await place.server.call('createDelivery', { body: { ...place.subject, target: { kind: 'all' }, ...emergency } });
    const role = (await configurationOf(agent)).packageServer;
    expect(role?.outbound?.beyondLimits).toHaveLength(1);
  });

  it('stops while the link is closed, for those outside alone', async () => {
    const address = freshLoopbackAddress(72);
    const subnet = `${address.split('.').slice(0, 3).join('.')}.0/24`;
    const inside = await place.enrol({ localAddress: freshLoopbackAddress(72) });
    const outside = await place.enrol({ localAddress: freshLoopbackAddress(73) });
    const body = { name: 'Region', subnets: [subnet], wanKilobitsPerSecond: 0, distributionSchedule: 'closed' };
    const { id: siteId } = await place.server.call('createSite', { body });
    await place.createPolicy('region', { kind: 'subnets', subnets: [subnet] }, { port, eventInterval: 5 });
    const running = await place.startAgent('ps', { interface: onLoopback(address), port });
    const { agentId } = running;
    await eventually('it is online', async () => ((await place.isOnline(agentId)) ? true : null));
    await place.server.call('addPackageServer', { body: { agentId: agentId as AgentId } });
    await whenOpenToAnybody({ address, port });
    const ask = (asking: TestAgent) => askPackageServer(asking, { agentId, address, port }, place.subject, 0);
    await eventually('it serves those inside', async () => ((await ask(inside)).status === 200 ? true : null));
    const refused = await ask(outside);
    expect(refused.status).toBe(503);
    expect(refused.retryAfterSeconds).toBeGreaterThanOrEqual(3);

    const site = (await place.server.call('sites', {})).find(({ id }) => id === siteId);
    const { version = 0 } = site ?? {};
    const open = { ...body, version, distributionSchedule: '80000kbit/s' };
    await place.server.call('updateSite', { params: { id: siteId }, body: open });
    const answer = await eventually('it serves those outside', async () => {
      const asked = await ask(outside);
      return asked.status === 200 ? asked : null;
    });
    expect(answer.body.equals(content)).toBe(true);
  });
});
