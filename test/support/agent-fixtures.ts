import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { StoredIdentity } from '../../electron/agent-worker/agent-identity.ts';
import type { AgentLogger } from '../../electron/agent-worker/agent-logger.ts';
import { LocalAddresses } from '../../electron/agent-worker/local-addresses.ts';
import {
  CertificateAuthority,
  newPrivateKeyPem,
  publicKeyDerOfPem,
} from '../../electron/notification-server/identity/certificate-authority.ts';
import type { AgentId, PackageGuid, ServerId } from '../../shared/base/ids.ts';
import { agentCertificateName } from '../../shared/base/ids.ts';
import { cidrOf, parseIpv4 } from '../../shared/base/ipv4.ts';
import type { SignedSnapshot, Snapshot } from '../../shared/contracts/snapshot.ts';
import { snapshotSignatureContext } from '../../shared/contracts/snapshot.ts';

export const silentLogger: AgentLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
  level: 'silent',
};

export function randomId(): string {
  return randomBytes(16).toString('hex');
}

/** The identities of one Notification Server and its agents, made by the server's own code. */
export class TestAuthority {
  readonly serverId = randomId() as ServerId;
  readonly authority: CertificateAuthority;
  readonly #snapshotKeys = generateKeyPairSync('ed25519');

  private constructor(authority: CertificateAuthority) {
    this.authority = authority;
  }

  static async create(): Promise<TestAuthority> {
    const key = newPrivateKeyPem();
    const certificate = await CertificateAuthority.createCertificate(key, Date.now());
    return new TestAuthority(await CertificateAuthority.load(key, certificate));
  }

  get snapshotPublicKey(): string {
    return this.#snapshotKeys.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  }

  async enrol(agentId = randomId() as AgentId, nowMs = Date.now()): Promise<StoredIdentity & { serial: string }> {
    const privateKeyPem = newPrivateKeyPem();
    const issued = await this.authority.issue(agentCertificateName(agentId), publicKeyDerOfPem(privateKeyPem), nowMs);
    return {
      agentId,
      serverId: this.serverId,
      privateKeyPem,
      certificatePem: issued.pem,
      caCertificatePem: this.authority.certificatePem,
      snapshotPublicKey: this.snapshotPublicKey,
      installationEpoch: 1,
      serial: issued.serial,
    };
  }

  sign(snapshot: Snapshot): SignedSnapshot {
    const payload = Buffer.from(JSON.stringify(snapshot));
    const covered = Buffer.concat([Buffer.from(snapshotSignatureContext), payload]);
    return {
      payload: payload.toString('base64'),
      signature: sign(null, covered, this.#snapshotKeys.privateKey).toString('base64'),
    };
  }
}

export interface TestPackage {
  readonly snapshot: Snapshot;
  readonly content: Buffer;
  blockBytes(block: number): Buffer;
}

/** A package of random bytes, cut into the given files. */
export function makePackage(
  files: readonly { readonly path: string; readonly sizeBytes: number }[],
  blockSizeBytes: number,
  content = randomBytes(files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)),
): TestPackage {
  let offset = 0;
  const placed = files.map((file) => {
    const offsetBytes = offset;
    offset += file.sizeBytes;
    return { ...file, offsetBytes };
  });
  const blockBytes = (block: number): Buffer => content.subarray(block * blockSizeBytes, (block + 1) * blockSizeBytes);
  const blockCount = Math.ceil(content.length / blockSizeBytes);
  const id = randomBytes(16).toString('hex');
  const guid = `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`;
  return {
    content,
    blockBytes,
    snapshot: {
      guid: guid as PackageGuid,
      version: '1.0',
      name: 'test package',
      files: placed,
      blockSizeBytes,
      blockHashes: Array.from({ length: blockCount }, (_, block) =>
        createHash('sha256').update(blockBytes(block)).digest('hex'),
      ),
      totalSizeBytes: content.length,
      createdAtMs: 1_700_000_000_000,
    },
  };
}

export interface TemporaryFolder {
  readonly path: string;
  remove(): Promise<void>;
}

export async function temporaryFolder(): Promise<TemporaryFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fanout-test-'));
  return { path: folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** A condition with a deadline, looked at between turns of the event loop. */
export async function eventually(what: string, condition: () => boolean, withinMs = 5000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

let nextHost = 1;
/** Tells processes apart, always those of one run that are under way at once. */
const secondOctet = 100 + (process.pid % 50) * 2 + (Number(process.env.VITEST_POOL_ID ?? 0) % 2);

/** An address of 127.x that no other test that runs now uses. */
export function freshLoopbackAddress(subnet: number): string {
  return `127.${secondOctet}.${subnet}.${nextHost++}`;
}

/** An agent's own address, as connections are made from it. */
export function localAddressesAt(text: string): LocalAddresses {
  const address = parseIpv4(text) ?? 0;
  const addresses = new LocalAddresses();
  addresses.set([{ name: 'lo', address, subnet: cidrOf(address, 24), port: 0 }]);
  return addresses;
}
