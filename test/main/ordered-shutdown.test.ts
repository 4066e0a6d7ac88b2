import { describe, expect, it } from 'vitest';
import { OrderedShutdown, shutdownStages } from '../../electron/main/ordered-shutdown.ts';

const never = () => new Promise<void>(() => undefined);

describe('the ordered shutdown', () => {
  it('stops window, fleet and server one after the other, in whatever order they were registered', async () => {
    const shutdown = new OrderedShutdown();
    const happened: string[] = [];
    for (const stage of [...shutdownStages].reverse()) {
      const stop = async () => {
        happened.push(`${stage} stops`);
        await Promise.resolve();
        happened.push(`${stage} stopped`);
      };
      shutdown.register(stage, { deadlineMs: 10_000, stop });
    }
    await shutdown.stopAll();
    expect(happened).toEqual(shutdownStages.flatMap((stage) => [`${stage} stops`, `${stage} stopped`]));
  });

  it('goes on after a part that fails and one that hangs, and tells which', async () => {
    const shutdown = new OrderedShutdown();
    shutdown.register('window', { deadlineMs: 10_000, stop: () => Promise.reject(new Error('stuck')) });
    shutdown.register('fleet', { deadlineMs: 5, stop: never });
    shutdown.register('server', { deadlineMs: 10_000, stop: () => undefined });
    expect(await shutdown.stopAll()).toEqual([
      { stage: 'window', result: 'failed', detail: 'stuck' },
      { stage: 'fleet', result: 'timed-out', detail: 'did not stop within 5 ms' },
      { stage: 'server', result: 'stopped', detail: '' },
    ]);
  });

  it('stops every part once, however often it is asked', async () => {
    const shutdown = new OrderedShutdown();
    let stops = 0;
    shutdown.register('server', { deadlineMs: 10_000, stop: () => void stops++ });
    expect(shutdown.isStopping).toBe(false);
    await Promise.all([shutdown.stopAll(), shutdown.stopAll()]);
    await shutdown.stopAll();
    expect(stops).toBe(1);
    expect(shutdown.isStopping).toBe(true);
    expect(shutdown.signal.aborted).toBe(true);
  });
});
