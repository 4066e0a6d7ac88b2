import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageKeyOf } from '../../shared/base/hashing.ts';
import type { SiteLink } from '../../shared/contracts/sites-api.ts';
import { eventually } from '../notification-server/support/test-server.ts';
import { PlaceWithPackage } from './support/place-with-package.ts';

const content = randomBytes(300_000);

let place: PlaceWithPackage;
let region = '';
let branch = '';

beforeAll(async () => {
  place = await PlaceWithPackage.open(content);
  region = await place.site('Region', '127.43.1.0/24', { wanOutKilobitsPerSecond: 4000 });
  // A tenth of the link, whatever hour the test runs in.
  branch = await place.site('Branch', '127.43.2.0/24', {
    parentId: region,
    wanKilobitsPerSecond: 80_000,
    acquisitionSchedule: 'mon-sun 10%',
  });
});
afterAll(() => place.stop());

async function linkOf(siteId: string): Promise<SiteLink> {
  const link = (await place.server.call('siteLinks', {})).find((known) => known.siteId === siteId);
  if (link === undefined) throw new Error(`no link of ${siteId}`);
  return link;
}

it('tells what of each link may be used now, while nothing moves', async () => {
  expect(await linkOf(region)).toEqual({
    siteId: region,
    in: { bytesPerSecond: 0, limitBytesPerSecond: null },
    out: { bytesPerSecond: 0, limitBytesPerSecond: 500_000 },
  });
  expect((await linkOf(branch)).in).toEqual({ bytesPerSecond: 0, limitBytesPerSecond: 1_000_000 });
});

it('tells what the server sends into a site, and that it is over', async () => {
  const pc = await place.enrol({ localAddress: '127.43.2.9' });
  const { guid, version } = place.subject;
  expect((await pc.request(`/packages/${guid}/${version}/blocks/0`)).body.length).toBe(content.length);
  const mean = content.length / 5;
  await eventually(
    'the bytes are shown',
    async () => (await linkOf(branch)).in.bytesPerSecond === mean || null,
    10_000,
  );
  expect((await linkOf(region)).in.bytesPerSecond).toBe(0);
  await eventually('the link is idle', async () => (await linkOf(branch)).in.bytesPerSecond === 0 || null, 20_000);
});

it('tells what a Package Server sends out of its site into another, and nothing of what stays inside', async () => {
  const server = await place.enrol({ localAddress: '127.43.1.2' });
  const pcs = [
    await place.enrol({ localAddress: '127.43.2.10' }),
    await place.enrol({ localAddress: '127.43.1.10' }),
  ] as const;
  await place.server.call('addPackageServer', { body: { agentId: server.agentId } });
  const key = packageKeyOf(place.subject.guid, place.subject.version);
  const portions = pcs.map(({ agentId }) => ({ agentId, requests: 1, hits: 1, bytes: 60_000 }));
  const events = [{ sequence: 1, atMs: Date.now(), kind: 'served', key, portions }];
  const body = { installationEpoch: server.identity.installationEpoch, events };
  expect((await server.request('/events', { method: 'POST', body })).status).toBe(200);
  // An agent tells every 60 s unless its policy says otherwise.
  expect((await linkOf(branch)).in.bytesPerSecond).toBe(1000);
  expect((await linkOf(region)).out.bytesPerSecond).toBe(1000);
  expect((await linkOf(region)).in.bytesPerSecond).toBe(0);
});
