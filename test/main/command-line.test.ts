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
    const usual = {
      dataFolder: null,
      isFresh: false,
      isDemoFleetAskedFor: false,
      agentListen: { address: '127.0.0.1', port: 27800 },
      consolePort: 27802,
    };
    expect(parsed('--no-sandbox', '--disable-gpu')).toEqual(usual);
    expect(parsed('--demo-fleet')).toEqual({ ...usual, isDemoFleetAskedFor: true });
  });

  it('takes nothing for an option that comes after --: a link of another program', () => {
    expect(parsed('--data', 'demo', '--', '--fresh', '--data=elsewhere', 'fanout://agents/a')).toMatchObject({
      dataFolder: path.resolve('/somewhere/demo'),
      isFresh: false,
    });
  });

  it.each([[['--data', 'demo']], [['--data=demo']]])('takes a folder relative to where it was started: %j', (args) => {
    expect(parsed(...args, '--fresh')).toMatchObject({ dataFolder: path.join(workingFolder, 'demo'), isFresh: true });
  });

  it.each([
    ['0.0.0.0:8000', { address: '0.0.0.0', port: 8000 }],
    ['10.1.2.3', { address: '10.1.2.3', port: 27800 }],
    ['0', { address: '127.0.0.1', port: 0 }],
  ])('listens for agents at %s', (text, agentListen) => {
    expect(parsed('--listen', text, '--console-port=8080')).toMatchObject({ agentListen, consolePort: 8080 });
  });

  it.each([
    [['--data'], '--data needs a folder'],
    [['--data='], '--data needs a folder'],
    [['--data', '--fresh'], '--data needs a folder'],
    [['--listen', '127.0.0.1:65536'], '--listen needs an IPv4 address'],
    [['--listen', '127.0.0.256'], '--listen needs an IPv4 address'],
    [['--listen', 'localhost:1'], '--listen needs an IPv4 address'],
    [['--listen'], '--listen needs an IPv4 address'],
    [['--console-port', 'http'], '--console-port needs a number'],
    [['--console-port', '-1'], '--console-port needs a number'],
  ])('refuses %j', (args, why) => {
    expect(parsed(...args)).toContain(why);
  });
});
