import { createServer } from 'node:https';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoredIdentity } from '../../electron/agent-worker/agent-identity.ts';
import { Credentials } from '../../electron/agent-worker/agent-identity.ts';
import { BlockStore } from '../../electron/agent-worker/block-store.ts';
import { ExchangePool } from '../../electron/agent-worker/exchange-pool.ts';
import { snapshotKeyOf } from '../../electron/agent-worker/signed-snapshot.ts';
import { TransferAdapter } from '../../electron/agent-worker/transfer-adapter.ts';
import type { AgentInput } from '../../shared/agent/agent-input.ts';
import type { AgentId } from '../../shared/base/ids.ts';
import { parseIpv4 } from '../../shared/base/ipv4.ts';
import type { TemporaryFolder } from '../support/agent-fixtures.ts';
import {
  eventually,
  freshLoopbackAddress,
  localAddressesAt,
  silentLogger,
  TestAuthority,
  temporaryFolder,
} from '../support/agent-fixtures.ts';

describe('whoever answers at the address of a peer', () => {
  let folder: TemporaryFolder;
  let authority: TestAuthority;
  let transfers: TransferAdapter;
  const inputs: AgentInput[] = [];
  const closers: (() => Promise<unknown>)[] = [];
  let commands = 0;

  beforeEach(async () => {
    folder = await temporaryFolder();
    authority = await TestAuthority.create();
    const store = new BlockStore(path.join(folder.path, 'p'), snapshotKeyOf(authority.snapshotPublicKey), silentLogger);
    const pool = new ExchangePool(new Credentials(await authority.enrol()), localAddressesAt(freshLoopbackAddress(70)));
    transfers = new TransferAdapter(store, pool, (input) => inputs.push(input));
  });

  afterEach(async () => {
    transfers.close();
    for (const close of closers.splice(0)) await close();
    await folder.remove();
  });

  /** Asks who is there, as `agentId`; the other side has this identity and says what it is told to. */
  const outcomeOf = async (identity: StoredIdentity, agentId: AgentId, says = agentId): Promise<string> => {
    let requests = 0;
    const { key, cert } = new Credentials(identity).tlsOptions();
    const server = createServer({ key, cert }, (_request, response) => {
      requests++;
      response.end(JSON.stringify({ agentId: says, name: 'somebody', bootId: 1 }));
    });
    const address = freshLoopbackAddress(70);
    await new Promise<void>((resolve) => server.listen({ host: address, port: 4400 }, resolve));
    closers.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const commandId = ++commands;
    transfers.hello({ commandId, peer: { agentId, address: parseIpv4(address) ?? 0, port: 4400 }, timeoutMs: 3000 });
    const completion = (): AgentInput | undefined =>
      inputs.find((input) => 'commandId' in input && input.commandId === commandId);
    await eventually('the probe is over', () => completion() !== undefined);
    const input = completion();
    if (input?.kind === 'helloAnswered') return `answered after ${requests} request`;
    // An identity that is wrong ends the handshake: nothing is asked of it.
    return input?.kind === 'peerRequestFailed' ? `${input.code} after ${requests} requests` : 'nothing';
  };

  it('is believed with the certificate of that agent', async () => {
    const identity = await authority.enrol();
    expect(await outcomeOf(identity, identity.agentId)).toBe('answered after 1 request');
  });

  it('is refused with the certificate of another agent, whatever it says', async () => {
    const [wanted, other] = [await authority.enrol(), await authority.enrol()];
    expect(await outcomeOf(other, wanted.agentId)).toBe('identity-mismatch after 0 requests');
  });

  it('is refused with a certificate of another server’s authority, also for the same name', async () => {
    const identity = await authority.enrol();
    const foreign = await (await TestAuthority.create()).enrol(identity.agentId);
    expect(await outcomeOf(foreign, identity.agentId)).toBe('identity-mismatch after 0 requests');
  });

  it('is refused with a certificate that is over', async () => {
    const identity = await authority.enrol(undefined, Date.now() - 31 * 24 * 60 * 60 * 1000);
    expect(await outcomeOf(identity, identity.agentId)).toBe('refused after 0 requests');
  });
});
