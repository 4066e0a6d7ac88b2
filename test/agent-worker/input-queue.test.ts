import { describe, expect, it } from 'vitest';
import { InputQueue } from '../../electron/agent-worker/input-queue.ts';
import type { AgentInput } from '../../shared/agent/agent-input.ts';

const timer = (timerId: number): AgentInput => ({ kind: 'timer', timerId });

describe('the input queue', () => {
  it('handles inputs in order and never one inside another', async () => {
    const handled: number[] = [];
    let depth = 0;
    const queue = new InputQueue((error) => {
      throw error;
    });
    queue.attach({
      handle: (input) => {
        expect(depth++).toBe(0);
        if (input.kind === 'timer') handled.push(input.timerId);
        if (input.kind === 'timer' && input.timerId < 3) queue.push(timer(input.timerId + 10));
        depth--;
      },
    });
    for (const timerId of [1, 2, 3]) queue.push(timer(timerId));
    expect(handled).toEqual([]);
    await queue.drained();
    expect(handled).toEqual([1, 2, 3, 11, 12]);
  });

  it('keeps inputs until somebody handles them', async () => {
    const handled: AgentInput[] = [];
    const queue = new InputQueue(() => undefined);
    queue.push(timer(1));
    queue.attach({ handle: (input) => handled.push(input) });
    await queue.drained();
    expect(handled).toEqual([timer(1)]);
  });

  it('hands nothing to a core that has failed', async () => {
    const handled: AgentInput[] = [];
    const crashes: unknown[] = [];
    const queue = new InputQueue((error) => crashes.push(error));
    queue.attach({
      handle: (input) => {
        handled.push(input);
        throw new Error('the core failed');
      },
    });
    queue.push(timer(1));
    queue.push(timer(2));
    await queue.drained();
    expect(handled).toEqual([timer(1)]);
    expect(crashes).toEqual([new Error('the core failed')]);
  });
});
