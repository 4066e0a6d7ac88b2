import { randomBytes } from 'node:crypto';
import { access, readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningAgent } from '../../electron/agent-worker/agent-runtime.ts';
import type { AgentId } from '../../shared/base/ids.ts';
import { BLOCK_SIZE_BYTES } from '../../shared/base/units.ts';
import type { PackageServerSettings } from '../../shared/contracts/package-servers-api.ts';
import type { TestAgent } from '../notification-server/support/test-agent.ts';
import { eventually } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress } from '../support/agent-fixtures.ts';
import { LoopbackPlace, onLoopback } from './support/agents-on-loopback.ts';
import type { ContentAnswer } from './support/asked-package-server.ts';
import { askPackageServer, whenOpenToAnybody } from './support/asked-package-server.ts';
import type { DeliveredPackage } from './support/fleet-of-one-subnet.ts';
import { settledWanBytesInto } from './support/fleet-of-one-subnet.ts';

const port = 28_410;
const content = randomBytes(3 * BLOCK_SIZE_BYTES + 1000);
const blocks = 4;
/** Of no agent: the package is there, and nobody is told to fetch it. */
const nobody = { target: { kind: 'agents' as const, agentIds: ['e'.repeat(32) as AgentId] } };
const probeContent = Buffer.from('probe');

describe('an agent with the Package Server role', () => {
  let place: LoopbackPlace;
  let server: RunningAgent;
  let address = '';
  let asking: TestAgent;
  let subject: DeliveredPackage;
  /** Asked for to see whether it serves. */
  let probe: DeliveredPackage;

  beforeEach(async () => {
    place = await LoopbackPlace.start();
    address = freshLoopbackAddress(70);
    const subnet = `${address.split('.').slice(0, 3).join('.')}.0/24`;
    await place.server.call('createSite', { body: { name: 'Branch', subnets: [subnet], wanKilobitsPerSecond: 0 } });
    await place.createPolicy('branch', { kind: 'subnets', subnets: [subnet] }, { port, eventInterval: 5 });
    server = await place.startAgent('ps', { interface: onLoopback(address), port });
    await eventually('it is online', async () => ((await place.isOnline(server.agentId)) ? true : null));
    // Of another subnet, where it is no peer.
    asking = await place.enrol({ localAddress: freshLoopbackAddress(71) });
    subject = await place.deliver(content, nobody);
    probe = await place.deliver(probeContent, nobody);
  });

  afterEach(() => place.stop());

  async function giveRole(settings: Partial<PackageServerSettings> = {}): Promise<void> {
    await place.server.call('addPackageServer', { body: { agentId: server.agentId, ...settings } });
    await whenOpenToAnybody({ address, port });
    await eventually('it has the role', async () => ((await ask(0, probe)).status === 200 ? true : null));
  }

  function ask(block: number, of: Pick<DeliveredPackage, 'guid' | 'version'> = subject): Promise<ContentAnswer> {
    return askPackageServer(asking, { agentId: server.agentId, address, port }, of, block);
  }

  /** Asks again where it is too busy, as an agent does. */
  async function blockOf(block: number): Promise<Buffer> {
    return eventually(`block ${block}`, async () => {
      const { status, body } = await ask(block);
      if (status === 503) return null;
      expect(status).toBe(200);
      return body;
    });
  }

  function shown() {
    return place.server.call('packageServer', { params: { agentId: server.agentId } });
  }

  it('fetches a package once that many ask for at once, and serves it from then on', async () => {
    await giveRole();
    const asked = Array.from({ length: 4 * blocks }, (_, index) => index % blocks);
    const bodies = await Promise.all(asked.map((block) => blockOf(block)));
    for (const [index, body] of bodies.entries()) {
      const start = (index % blocks) * BLOCK_SIZE_BYTES;
      expect(body.equals(content.subarray(start, start + BLOCK_SIZE_BYTES))).toBe(true);
    }
    const subnet = `${address.split('.').slice(0, 3).join('.')}.0/24`;
    expect(await settledWanBytesInto(place.server, subnet)).toBe(content.length + probeContent.length);
    await eventually('its files are in place', () => subject.readyOn('ps'));
    expect((await ask(blocks)).status).toBe(404);
    const served = 4 * content.length;
    const counted = await eventually('what it served is counted', async () => {
      const now = await shown();
      return now.traffic.servedBytes >= served + probeContent.length && now.traffic.fetchedBytes > 0 ? now : null;
    });
    const line = counted.served.find(({ key }) => key === subject.key);
    expect(line).toMatchObject({ siteName: null, requests: 4 * blocks, bytes: served });
    expect(line?.hits).toBeLessThan(4 * blocks);
    expect(counted.traffic.fetchedBytes).toBe(content.length + probeContent.length);
    expect(counted.traffic.savedBytes).toBe(counted.traffic.servedBytes - counted.traffic.fetchedBytes);
  });

  it('knows nothing of what does not exist, and keeps nothing of it', async () => {
    await giveRole();
    expect((await ask(0, { ...subject, version: '9.9' })).status).toBe(404);
    expect(await readdir(path.join(place.agentFolder('ps'), 'packages'))).toEqual([probe.key]);
    expect(await blockOf(0)).toHaveLength(BLOCK_SIZE_BYTES);
  });

  it('serves only what is assigned to it where it is constrained, and has that without being asked', async () => {
    await giveRole();
    const { version } = await shown();
    const body = { version, constrained: true };
    await place.server.call('updatePackageServer', { params: { agentId: server.agentId }, body });
    await eventually('it is constrained', async () => ((await ask(0, probe)).status === 404 ? true : null));
    expect((await ask(0)).status).toBe(404);
    await place.server.call('assignPackage', { params: subject, body: { mode: 'all' } });
    await eventually('it has the package', () => subject.readyOn('ps'));
    expect((await ask(0)).status).toBe(200);
  });

  it('serves nothing of a withdrawn package, and deletes it', async () => {
    await giveRole();
    await blockOf(0);
    await eventually('it has the package', () => subject.readyOn('ps'));
    await place.server.call('withdrawPackage', { params: subject });
    const refused = () =>
      ask(0).then(
        ({ status }) => (status === 404 ? true : null),
        () => null,
      );
    await eventually('it is refused', refused);
    await eventually('it is deleted', () =>
      access(path.join(place.agentFolder('ps'), 'packages', subject.key)).then(
        () => null,
        () => true,
      ),
    );
  });

  it('serves nobody once it has lost the role', async () => {
    await giveRole();
    await blockOf(0);
    await place.server.call('removePackageServer', { params: { agentId: server.agentId } });
    // What is under way at that moment is broken off.
    const refused = () =>
      ask(0).then(
        ({ status }) => (status === 404 ? true : null),
        () => null,
      );
    await eventually('it is refused', refused);
  });

  it('serves no agent that is revoked', async () => {
    await giveRole();
    await blockOf(0);
    await place.server.call('revokeAgent', { params: { agentId: asking.agentId } });
    await eventually('its connections end', async () =>
      ask(0).then(
        () => null,
        () => true,
      ),
    );
  });
});
