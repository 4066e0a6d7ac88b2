import Fastify from 'fastify';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { listen } from '../../electron/notification-server/http-listener.ts';

it('a listener outlives a connection that the system cannot accept', async () => {
  const app = Fastify();
  app.get('/', () => 'hello');
  const port = await listen(app, { address: '127.0.0.1', port: 0 }, 'a test', pino({ level: 'silent' }));
  try {
    expect(() => app.server.emit('error', new Error('accept EMFILE'))).not.toThrow();
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello');
  } finally {
    await app.close();
  }
});
