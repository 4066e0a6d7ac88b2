import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { sendSection } from '../../electron/notification-server/packages/block-sender.ts';
import { systemClock } from '../../electron/notification-server/traffic/system-clock.ts';
import { FairPacer } from '../../shared/base/fair-pacer.ts';

/** Asks and never reads, so that the answer waits for a full connection. */
const deafReceiver = `
const socket = require('node:net').connect(Number(process.argv[1]), '127.0.0.1');
socket.write('GET / HTTP/1.1\\r\\nhost: 127.0.0.1\\r\\n\\r\\n');
socket.pause();
setInterval(() => undefined, 1000);`;

it('an answer ends with its receiver, also when that is killed while the connection is full', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'fanout-test-'));
  const content = path.join(folder, 'content');
  const lengthBytes = 32 * 1024 * 1024;
  writeFileSync(content, Buffer.alloc(lengthBytes));
  const file = await open(content);
  let sentBytes = 0;
  const ends: boolean[] = [];
  const server = createServer(async (_request, response) => {
    response.writeHead(200, { 'content-length': lengthBytes });
    const section = { file, offsetBytes: 0, lengthBytes };
    ends.push(
      await sendSection(response, section, new FairPacer(Number.POSITIVE_INFINITY, systemClock), (bytes) => {
        sentBytes += bytes;
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  const receiver = spawn(process.execPath, ['-e', deafReceiver, String(port)], { stdio: 'ignore' });
  try {
    let before = -1;
    await vi.waitFor(
      () => {
        // Something was sent, and no more since the last look: the connection is full.
        const isFull = sentBytes > 0 && sentBytes === before;
        before = sentBytes;
        expect(isFull).toBe(true);
      },
      { timeout: 10_000, interval: 200 },
    );
    receiver.kill('SIGKILL');
    await vi.waitFor(() => expect(ends).toEqual([false]), { timeout: 10_000 });
    expect(sentBytes).toBeLessThan(lengthBytes);
  } finally {
    receiver.kill('SIGKILL');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await file.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
