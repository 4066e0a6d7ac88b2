import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../electron/main/command-line.ts';

const workingFolder = path.resolve('/somewhere');

describe('the command line of the desktop application', () => {
  it('uses the system folder and keeps the data where nothing is said', () => {
    expect(parseCommandLine(['.', '--no-sandbox'], workingFolder)).toEqual({
      ok: true,
      value: { dataFolder: null, isFresh: false },
    });
  });

  it.each([[['--data', 'demo']], [['--data=demo']]])(
    'takes a data folder relative to where it was started: %j',
    (args) => {
      const options = parseCommandLine(['app', ...args, '--fresh'], workingFolder);
      expect(options).toEqual({ ok: true, value: { dataFolder: path.join(workingFolder, 'demo'), isFresh: true } });
    },
  );

  it.each([[['--data']], [['--data=']], [['--data', '--fresh']]])('refuses a missing folder: %j', (args) => {
    const options = parseCommandLine(args, workingFolder);
    expect(options.ok).toBe(false);
    expect(options.ok ? '' : options.error).toContain('--data needs a folder');
  });
});
