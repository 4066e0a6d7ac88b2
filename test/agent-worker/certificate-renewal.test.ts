import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Credentials } from '../../electron/agent-worker/agent-identity.ts';
import { CertificateRenewal } from '../../electron/agent-worker/certificate-renewal.ts';
import type { ServerConnection } from '../../electron/agent-worker/server-connection.ts';
import { ServerTime } from '../../electron/agent-worker/server-time.ts';
import type { TemporaryFolder } from '../support/agent-fixtures.ts';
import { silentLogger, TestAuthority, temporaryFolder } from '../support/agent-fixtures.ts';

const dayMs = 24 * 60 * 60 * 1000;

describe('the renewal of a certificate', () => {
  let folder: TemporaryFolder;
  let authority: TestAuthority;
  let requests: number;

  beforeEach(async () => {
    folder = await temporaryFolder();
    authority = await TestAuthority.create();
    requests = 0;
  });

  afterEach(() => folder.remove());

  /** The certificate was issued so many days ago by the clock of the server, and is valid for 30. */
  const look = async (issuedDaysAgo: number, clockDaysAhead: number): Promise<void> => {
    const serverNowMs = Date.now() - clockDaysAhead * dayMs;
    const identity = await authority.enrol(undefined, serverNowMs - issuedDaysAgo * dayMs);
    const server: Pick<ServerConnection, 'request'> = {
      request: async () => {
        requests++;
        return { kind: 'failed', code: 'unreachable', detail: 'not now' };
      },
    };
    const serverTime = new ServerTime(-clockDaysAhead * dayMs);
    const renewal = new CertificateRenewal(folder.path, new Credentials(identity), server, serverTime, silentLogger);
    // At the end of a blockout it is looked at beside the timer.
    await Promise.all([renewal.renewIfDue(), renewal.renewIfDue()]);
    renewal.close();
  };

  it('is not asked for again and again where the clock is weeks ahead', async () => {
    await look(1, 20);
    expect(requests).toBe(0);
  });

  it('is asked for once at half of the time, also where the clock is weeks behind', async () => {
    await look(20, -20);
    expect(requests).toBe(1);
  });
});
