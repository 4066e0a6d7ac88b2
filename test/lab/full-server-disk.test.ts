import { execFileSync } from 'node:child_process';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { healthSchema } from '../../shared/contracts/operation-api.ts';
import type { TestAgent } from '../notification-server/support/test-agent.ts';
import { TestAgent as Computer } from '../notification-server/support/test-agent.ts';
import { eventually, startTestServer, temporaryFolder } from '../notification-server/support/test-server.ts';

const isPossible = process.platform === 'linux' && process.getuid?.() === 0;
const mebibyte = 1024 * 1024;
const eventsPerBatch = 200;
/** More than the room that is left, and what the log of the database had taken before. */
const mostBatches = 200;

it.runIf(isPossible)(
  'a server whose disk is full says so with 503, loses nothing that it acknowledged, and goes on',
  async () => {
    const folder = await temporaryFolder();
    const disk = path.join(folder.path, 'disk');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${32 * mebibyte}`, 'tmpfs', disk]);
    const server = await startTestServer(path.join(disk, 'server'));
    try {
      const agent = await Computer.enrol(server.agentUrl, await server.makeJoinToken());
      let acknowledged = 0;
      const send = async () => {
        const answer = await sendBatch(agent, acknowledged);
        if (answer.status === 200) acknowledged += eventsPerBatch;
        return answer;
      };
      expect((await send()).status).toBe(200);
      const filler = path.join(disk, 'filler');
      const { bavail, bsize } = await statfs(disk);
      await writeFile(filler, Buffer.alloc(bavail * bsize - 64 * 1024));

      let refused = await send();
      for (let batch = 0; batch < mostBatches && refused.status === 200; batch++) refused = await send();
      expect([refused.status, refused.headers['retry-after']]).toEqual([503, '60']);
      expect(refused.body.toString()).toMatch(/disk with the database of the server is full/);
      const body = { name: 'x'.repeat(64), subnets: [], wanKilobitsPerSecond: 0 };
      const saved = await server.call('createSite', { body }).catch((error: unknown) => error);
      expect(saved).toMatchObject({ status: 503, message: expect.stringMatching(/is full/) });
      const ill = await fetch(`${server.consoleUrl}/api/v1/health`);
      expect([ill.status, healthSchema.parse(await ill.json()).reasons.join()]).toEqual([
        503,
        expect.stringMatching(/only 0 MiB/),
      ]);
      expect((await agent.request('/configuration')).status).toBe(200);

      await rm(filler);
      await eventually('there is room', async () => ((await send()).status === 200 ? true : null));
      const [shown] = await server.call('agents', {});
      expect(shown?.peerBytes).toBe(acknowledged);
      await server.call('createSite', { body });
      agent.close();
    } finally {
      await server.stop();
      // Statements of the database may hold its file until they are collected.
      execFileSync('umount', ['--lazy', disk]);
      await folder.remove();
    }
  },
);

function sendBatch(agent: TestAgent, after: number) {
  const portion = { source: 'peer', reason: 'peer-has-block', agentId: null, bytes: 1, blocks: 1 };
  const events = Array.from({ length: eventsPerBatch }, (_value, index) => {
    // Each of another package, so that each takes room.
    const key = (after + index).toString(16).padStart(40, '0');
    return { kind: 'transferred', sequence: after + index + 1, atMs: 1, key, portions: [portion] };
  });
  return agent.request('/events', { method: 'POST', body: { installationEpoch: 1, events } });
}
