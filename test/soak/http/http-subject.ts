import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  CertificateAuthority,
  newPrivateKeyPem,
  publicKeyDerOfPem,
} from '../../../electron/notification-server/identity/certificate-authority.ts';
import type { AgentId } from '../../../shared/base/ids.ts';
import { agentCertificateName } from '../../../shared/base/ids.ts';
import type { TargetProcess } from '../support/target-process.ts';

export interface ClientIdentity {
  readonly key: string;
  readonly cert: string;
}

/** A listener under attack. */
export interface HttpSubject {
  readonly target: TargetProcess;
  readonly address: string;
  readonly port: number;
  readonly localAddress: string;
  readonly servername: string;
  readonly ca: string;
  /** Paths that answer, without and with a body. */
  readonly getPaths: readonly string[];
  readonly postPaths: readonly string[];
  readonly blockPath: string;
  readonly webSocketPath: string | null;
  readonly enrolled: ClientIdentity;
  /** Certificates that must open nothing. */
  readonly refused: readonly ClientIdentity[];
  /** The listener ends a connection that sends its request too slowly within this time. */
  readonly slowWithinMs: number;
  /** Rejects where a right request is not answered as it should be. */
  probe(): Promise<void>;
}

const dayMs = 86_400_000;

/** An expired certificate, one of another authority, and that authority's own. */
export async function refusedIdentities(serverFolder: string, agentId: AgentId): Promise<ClientIdentity[]> {
  const file = (name: string): Promise<string> => readFile(path.join(serverFolder, 'identity', name), 'utf8');
  const authority = await CertificateAuthority.load(
    await file('authority-key.pem'),
    await file('authority-certificate.pem'),
  );
  const otherKey = newPrivateKeyPem();
  const otherCertificate = await CertificateAuthority.createCertificate(otherKey, Date.now());
  const other = await CertificateAuthority.load(otherKey, otherCertificate);
  const issue = async (of: CertificateAuthority, nowMs: number): Promise<ClientIdentity> => {
    const key = newPrivateKeyPem();
    return { key, cert: (await of.issue(agentCertificateName(agentId), publicKeyDerOfPem(key), nowMs)).pem };
  };
  return [
    await issue(authority, Date.now() - 90 * dayMs),
    await issue(other, Date.now()),
    { key: otherKey, cert: otherCertificate },
  ];
}
