import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { afterEach, beforeEach, it } from 'vitest';
import { controlPathOf } from '../../electron/agent-worker/control-path.ts';
import { ControlSocket } from '../../electron/agent-worker/control-socket.ts';
import type { TemporaryFolder } from '../support/agent-fixtures.ts';
import { silentLogger, temporaryFolder } from '../support/agent-fixtures.ts';

let folder: TemporaryFolder;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(() => folder.remove());

it('closes although somebody is connected who never finishes a request', async () => {
  const control = await ControlSocket.open(folder.path, async () => ({ accepted: true, message: '' }), silentLogger);
  const client: Socket = connect(controlPathOf(folder.path) ?? '');
  const ended = new Promise<void>((resolve) => client.once('close', () => resolve()));
  await new Promise<void>((resolve) => client.once('connect', resolve));
  const typing = setInterval(() => client.write(' '), 100);
  client.on('error', () => undefined);
  try {
    await control?.close();
    await ended;
  } finally {
    clearInterval(typing);
    client.destroy();
  }
});
