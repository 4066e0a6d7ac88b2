import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { PackageKey, ServerId } from '../../../shared/base/ids.ts';
import { serverCertificateName } from '../../../shared/base/ids.ts';
import type { SignedSnapshot } from '../../../shared/contracts/snapshot.ts';
import { snapshotSignatureContext } from '../../../shared/contracts/snapshot.ts';
import type { SignedWithdrawal } from '../../../shared/contracts/withdrawal.ts';
import { withdrawalStatement } from '../../../shared/contracts/withdrawal.ts';
import { writePrivateFile } from '../private-file.ts';
import { CertificateAuthority, leafValidityMs, newPrivateKeyPem, publicKeyDerOfPem } from './certificate-authority.ts';

export interface TlsCredentials {
  readonly key: string;
  /** Leaf and authority: an agent that enrols checks the authority's key against its join token. */
  readonly cert: string;
  readonly ca: string;
}

/** The keys of this server, in files of the data folder that only its owner may read. */
export class ServerIdentity {
  readonly serverId: ServerId;
  readonly authority: CertificateAuthority;
  /** Ed25519, SPKI DER, base64: what agents check snapshots with. */
  readonly snapshotPublicKey: string;
  readonly #folder: string;
  readonly #serverKeyPem: string;
  readonly #snapshotKeyPem: string;
  readonly #withdrawals = new Map<PackageKey, SignedWithdrawal>();
  readonly #contentKeys = new Map<string, Uint8Array>();
  #serverCertificatePem = '';

  private constructor(
    serverId: ServerId,
    folder: string,
    authority: CertificateAuthority,
    keys: { readonly server: string; readonly snapshot: string },
  ) {
    this.serverId = serverId;
    this.authority = authority;
    this.#folder = folder;
    this.#serverKeyPem = keys.server;
    this.#snapshotKeyPem = keys.snapshot;
    this.snapshotPublicKey = createPublicKey(keys.snapshot).export({ format: 'der', type: 'spki' }).toString('base64');
  }

  /** Loads the keys, or makes those that are missing. */
  static async open(dataFolder: string, serverId: ServerId, nowMs: number): Promise<ServerIdentity> {
    const folder = path.join(dataFolder, 'identity');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const authorityKey = await readOrCreate(folder, 'authority-key.pem', newPrivateKeyPem);
    const authorityCertificate = await readOrCreate(folder, 'authority-certificate.pem', () =>
      CertificateAuthority.createCertificate(authorityKey, nowMs),
    );
    const identity = new ServerIdentity(
      serverId,
      folder,
      await CertificateAuthority.load(authorityKey, authorityCertificate),
      {
        server: await readOrCreate(folder, 'server-key.pem', newPrivateKeyPem),
        snapshot: await readOrCreate(folder, 'snapshot-key.pem', newSnapshotKeyPem),
      },
    );
    identity.#serverCertificatePem = await readFile(identity.#certificateFile, 'utf8').catch(() => '');
    await identity.renewIfDue(nowMs);
    return identity;
  }

  get tlsCredentials(): TlsCredentials {
    const ca = this.authority.certificatePem;
    return { key: this.#serverKeyPem, cert: `${this.#serverCertificatePem.trim()}\n${ca.trim()}\n`, ca };
  }

  /** Issues a new certificate when half of the present one's time is over; true where it did. */
  async renewIfDue(nowMs: number): Promise<boolean> {
    if (this.#serverCertificatePem !== '') {
      const notAfterMs = Date.parse(new X509Certificate(this.#serverCertificatePem).validTo);
      if (notAfterMs - nowMs > leafValidityMs / 2) return false;
    }
    const name = serverCertificateName(this.serverId);
    const issued = await this.authority.issue(name, publicKeyDerOfPem(this.#serverKeyPem), nowMs);
    await writePrivateFile(this.#certificateFile, issued.pem);
    this.#serverCertificatePem = issued.pem;
    return true;
  }

  signSnapshot(payload: Uint8Array): SignedSnapshot {
    const signed = Buffer.concat([Buffer.from(snapshotSignatureContext), payload]);
    return {
      payload: Buffer.from(payload).toString('base64'),
      signature: sign(null, signed, createPrivateKey(this.#snapshotKeyPem)).toString('base64'),
    };
  }

  /** The same every time: made once for each package. */
  signWithdrawal(key: PackageKey): SignedWithdrawal {
    const known = this.#withdrawals.get(key);
    if (known !== undefined) return known;
    const signature = sign(null, withdrawalStatement(key), createPrivateKey(this.#snapshotKeyPem)).toString('hex');
    const withdrawal = { key, signature };
    this.#withdrawals.set(key, withdrawal);
    return withdrawal;
  }

  /**
   * What links to files of packages are signed with that `holder` answers: `notification-server`, or the id of a Package Server,
   * which is told its own and can sign for nobody else.
   */
  contentKeyOf(holder: string): Uint8Array {
    const known = this.#contentKeys.get(holder);
    if (known !== undefined) return known;
    const key = createHmac('sha256', this.#snapshotKeyPem).update(`fanout-content-links-v1 ${holder}`).digest();
    this.#contentKeys.set(holder, key);
    return key;
  }

  get #certificateFile(): string {
    return path.join(this.#folder, 'server-certificate.pem');
  }
}

function newSnapshotKeyPem(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

async function readOrCreate(folder: string, name: string, create: () => string | Promise<string>): Promise<string> {
  const file = path.join(folder, name);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const content = await create();
  await writePrivateFile(file, content);
  return content;
}
