import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentId } from '../../shared/base/ids.ts';
import { configurationOf } from '../notification-server/support/server-place.ts';
import type { TestAgent, TestFeed } from '../notification-server/support/test-agent.ts';
import { eventually } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress } from '../support/agent-fixtures.ts';
import { onLoopback } from './support/agents-on-loopback.ts';
import { askPackageServer, whenOpenToAnybody } from './support/asked-package-server.ts';
import { PlaceWithPackage } from './support/place-with-package.ts';

const port = 28_490;
const content = randomBytes(300_000);
/** 1,000,000 bytes per second. */
const linkKilobitsPerSecond = 8000;

let place: PlaceWithPackage;

beforeEach(async () => {
  place = await PlaceWithPackage.open(content);
});

afterEach(() => place.stop());

async function changeSite(id: string, changes: object): Promise<void> {
  const stored = (await place.server.call('sites', {})).find((known) => known.id === id);
  if (stored === undefined) throw new Error(`no site ${id}`);
  await place.server.call('updateSite', { params: { id }, body: { ...stored, ...changes } as never });
}

/** A Package Server by its role alone: its feed is what the test reads. */
async function packageServer(name: string, address: string): Promise<{ agent: TestAgent; feed: TestFeed }> {
  const agent = await place.enrol({ name, localAddress: address });
  const feed = await agent.openFeed();
  place.onStop(() => feed.close());
  await place.server.call('addPackageServer', { body: { agentId: agent.agentId } });
  return { agent, feed };
}

/** The last one that the feed told. */
function shareOf({ received }: TestFeed, siteId: string): number | null | undefined {
  const shares = received.flatMap((message) => (message.kind === 'inbound-shares' ? message.shares : []));
  return shares.findLast((share) => share.siteId === siteId)?.bytesPerSecond;
}

function untilShare(feed: TestFeed, siteId: string, share: number | null): Promise<true> {
  const isTold = (): true | null => (shareOf(feed, siteId) === share ? true : null);
  return eventually(`a share of ${share}`, isTold, 20_000);
}

describe('what enters a site', () => {
  it('is shared by the Notification Server and the Package Servers of the regions above, by who sends', async () => {
    const country = await place.site('Country', '127.31.9.0/24');
    const region = await place.site('Region', '127.31.10.0/24', { parentId: country });
    const branch = await place.site('Branch', '127.31.11.0/24', {
      parentId: region,
      wanKilobitsPerSecond: linkKilobitsPerSecond,
    });
    await place.site('Elsewhere', '127.31.12.0/24', { wanKilobitsPerSecond: linkKilobitsPerSecond });
    const { agent, feed: ofRegion } = await packageServer('ps1', '127.31.10.2');
    const { feed: ofCountry } = await packageServer('ps2', '127.31.9.2');
    const pc = await place.enrol({ localAddress: '127.31.11.9' });
    const third = Math.floor(1_000_000 / 3);
    await Promise.all([untilShare(ofRegion, branch, third), untilShare(ofCountry, branch, third)]);
    const role = (await configurationOf(agent)).packageServer;
    expect(role?.inbound).toEqual({ sites: [{ siteId: branch, subnets: ['127.31.11.0/24'] }], beyondLimits: [] });

    ofRegion.send({ kind: 'inbound-use', siteId: branch });
    await Promise.all([untilShare(ofRegion, branch, 875_000), untilShare(ofCountry, branch, 62_500)]);
    // Now the Notification Server sends alone, and later both do.
    await eventually(
      'the server is used alone',
      async () => {
        await place.blockStatus(pc);
        return shareOf(ofRegion, branch) === 62_500 ? true : null;
      },
      30_000,
    );
    await eventually(
      'both are used',
      async () => {
        await place.blockStatus(pc);
        ofRegion.send({ kind: 'inbound-use', siteId: branch });
        return shareOf(ofRegion, branch) === 437_500 ? true : null;
      },
      30_000,
    );
  });

  it('is refused with the time to wait while the link is closed, by both, except for what ignores the limits of sites', async () => {
    const address = freshLoopbackAddress(76);
    const subnet = `${address.split('.').slice(0, 3).join('.')}.0/24`;
    const below = freshLoopbackAddress(77);
    const region = await place.site('Region', subnet);
    const branch = await place.site('Branch', `${below.split('.').slice(0, 3).join('.')}.0/24`, {
      parentId: region,
      acquisitionSchedule: 'closed',
    });
    await place.createPolicy('region', { kind: 'subnets', subnets: [subnet] }, { port, eventInterval: 5 });
    const running = await place.startAgent('ps', { interface: onLoopback(address), port });
    const { agentId } = running;
    await eventually('it is online', async () => ((await place.isOnline(agentId)) ? true : null));
    await place.server.call('addPackageServer', { body: { agentId: agentId as AgentId } });
    const inRegion = await place.enrol({ localAddress: freshLoopbackAddress(76) });
    const inBranch = await place.enrol({ localAddress: below });
    await whenOpenToAnybody({ address, port });
    const ask = (asking: TestAgent) => askPackageServer(asking, { agentId, address, port }, place.subject, 0);
    await eventually('it serves its own site', async () => ((await ask(inRegion)).status === 200 ? true : null));
    const refused = await ask(inBranch);
    expect(refused.status).toBe(503);
    expect(refused.retryAfterSeconds).toBeGreaterThanOrEqual(3);
    expect(await place.blockStatus(inBranch)).toBe(503);

    await changeSite(branch, { acquisitionSchedule: '80000kbit/s' });
    const open = await eventually('it serves the branch', async () => {
      const answer = await ask(inBranch);
      return answer.status === 200 ? answer : null;
    });
    expect(open.body.equals(content)).toBe(true);

    await changeSite(branch, { acquisitionSchedule: 'closed' });
    await eventually('it is closed again', async () => ((await ask(inBranch)).status === 503 ? true : null));
    const emergency = { priority: 'emergency' as const, ignoresSiteLimits: true };
    await place.server.call('createDelivery', { body: { ...place.subject, target: { kind: 'all' }, ...emergency } });
    await eventually('an emergency is sent', async () => ((await ask(inBranch)).status === 200 ? true : null));
    expect(await place.blockStatus(inBranch)).toBe(200);
  });
});
