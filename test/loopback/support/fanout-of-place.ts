import { expect } from 'vitest';
import { runFanoutHere } from '../../cli/fanout-here.ts';
import type { ServerPlace } from '../../notification-server/support/server-place.ts';

/** The `fanout` command, as somebody runs it on the server's computer. */
export function fanoutOf(place: () => ServerPlace) {
  const run = (...args: string[]) => runFanoutHere([...args, '--data', place().server.dataFolder]);
  return {
    run,
    /** What it prints; it has to succeed. */
    textOf: async (...args: string[]): Promise<string> => {
      const { exitCode, stdout, stderr } = await run(...args);
      expect([exitCode, stdout === '' ? stderr : '']).toEqual([0, '']);
      return stdout;
    },
    /** The JSON that it prints, and nothing else; it has to succeed. */
    answerOf: async (...args: string[]): Promise<unknown> => {
      const { exitCode, stdout, stderr } = await run(...args, '--json');
      expect([exitCode, stderr]).toEqual([0, '']);
      return JSON.parse(stdout);
    },
  };
}
