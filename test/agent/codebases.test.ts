import { describe, expect, it } from 'vitest';
import { Codebases } from '../../shared/agent/codebases.ts';
import { PendingCommands } from '../../shared/agent/pending-commands.ts';
import type { CommandId } from '../../shared/agent/ports.ts';
import type { PackageGuid } from '../../shared/base/ids.ts';
import type { Codebase } from '../../shared/contracts/agent-api.ts';

function ofSite(name: string): Codebase {
  return { source: 'package-server-own-site', url: `https://${name}:8443/package-server/v1`, certificateName: name };
}

const first = ofSite('first');
const second = ofSite('second');
const third = ofSite('third');
const above: Codebase = { ...ofSite('above'), source: 'package-server-foreign' };

/** Codebases that the Notification Server has named. */
function told(...codebases: readonly Codebase[]): Codebases {
  return toldWith(codebases).made;
}

/** The same, with how often the Notification Server was asked and how often all of them had failed. */
function toldWith(codebases: readonly Codebase[]) {
  const commands = new PendingCommands();
  const asked: CommandId[] = [];
  const unused = (): never => {
    throw new Error('only codebases are asked for');
  };
  const context = {
    commands,
    nowMs: () => 0,
    ports: {
      server: {
        fetchCodebases: (commandId: CommandId) => void asked.push(commandId),
        fetchConfiguration: unused,
        fetchSnapshot: unused,
        fetchSubnetHints: unused,
        sendEvents: unused,
        sendLiveReport: unused,
        sendDiagnostics: unused,
        tellOutboundUse: unused,
        tellInboundUse: unused,
      },
    },
  };
  const manifest = { guid: '00000000-0000-4000-8000-000000000001' as PackageGuid, version: '1.0' };
  const counts = { allFailed: 0 };
  const made = new Codebases(context, manifest, { known: () => undefined, allFailed: () => void counts.allFailed++ });
  expect(made.current(0)).toBeNull();
  const answer = (): void => {
    for (const commandId of asked.splice(0)) {
      commands.receive({ kind: 'codebasesReceived', commandId, codebases: [...codebases] });
    }
  };
  answer();
  return { made, answer, asked, counts };
}

describe('codebases of the own site', () => {
  it('are asked in their order', () => {
    const codebases = told(first, second, above);
    expect(codebases.current(0)).toBe(first);
    codebases.noteBusy(first, 500);
    expect(codebases.current(0)).toBe(second);
    expect(codebases.busyUntilMs(0)).toBe(500);
  });

  it('that hold a request for long and are busy then are asked in turn, so that everyone is', () => {
    const codebases = told(first, second, third, above);
    const asked: (Codebase | null)[] = [];
    for (let nowMs = 10_000; nowMs <= 60_000; nowMs += 10_000) {
      const codebase = codebases.current(nowMs);
      asked.push(codebase);
      if (codebase !== null) codebases.noteBusy(codebase, nowMs + 500);
    }
    expect(asked).toEqual([first, second, third, first, second, third]);
  });

  it('are asked in their order again once a block has come', () => {
    const codebases = told(first, second, third);
    codebases.noteBusy(first, 500);
    codebases.noteBusy(second, 2000);
    codebases.noteStored(1000);
    expect(codebases.current(1000)).toBe(first);
    codebases.noteBusy(first, 1500);
    expect(codebases.current(1000)).toBe(third);
  });

  it('are waited for while all of them are busy: nobody above is asked', () => {
    const codebases = told(first, second, above);
    codebases.noteBusy(first, 700);
    codebases.noteBusy(second, 500);
    expect(codebases.current(400)).toBeNull();
    expect(codebases.busyUntilMs(400)).toBe(500);
    expect(codebases.current(500)).toBe(second);
  });

  it('are asked for anew after all have failed, also where one of them fails only then', () => {
    const server: Codebase = { ...ofSite('server'), source: 'notification-server' };
    const { made, answer, asked, counts } = toldWith([first, server]);
    made.noteFailed(first, 1000);
    answer();
    expect(made.current(1000)).toBe(server);
    made.noteFailed(server, 1100);
    expect(counts.allFailed).toBe(1);
    made.noteFailed(first, 1200);
    expect(made.current(2000)).toBeNull();
    expect(asked).toHaveLength(1);
    answer();
    expect(made.current(2000)).toBe(server);
  });
});
