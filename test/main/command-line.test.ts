import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../electron/main/command-line.ts';

const workingFolder = path.resolve('/somewhere');

function parsed(...args: string[]) {
  const options = parseCommandLine(['app', ...args], workingFolder);
  return options.ok ? options.value : options.error;
}

describe('the command line of the desktop application', () => {
  it('uses the usual folder and ports and keeps the data where nothing is said', () => {
    const usual = { dataFolder: null, isFresh: false, agentPort: 27800, consolePort: 27802 };
    expect(parsed('--no-sandbox', '--disable-gpu')).toEqual(usual);
  });

  it.each([[['--data', 'demo']], [['--data=demo']]])('takes a folder relative to where it was started: %j', (args) => {
    expect(parsed(...args, '--fresh')).toMatchObject({ dataFolder: path.join(workingFolder, 'demo'), isFresh: true });
  });

  it('takes ports, 0 for any that is free', () => {
    expect(parsed('--agent-port', '0', '--console-port=8080')).toMatchObject({ agentPort: 0, consolePort: 8080 });
  });

  it.each([
    [['--data'], '--data needs a folder'],
    [['--data='], '--data needs a folder'],
    [['--data', '--fresh'], '--data needs a folder'],
    [['--agent-port', '65536'], '--agent-port needs a number'],
    [['--console-port', 'http'], '--console-port needs a number'],
    [['--console-port', '-1'], '--console-port needs a number'],
  ])('refuses %j', (args, why) => {
    expect(parsed(...args)).toContain(why);
  });
});
