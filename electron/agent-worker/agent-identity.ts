import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { SecureContext } from 'node:tls';
import { createSecureContext } from 'node:tls';
import { z } from 'zod';
import { agentIdSchema, base64Schema, serverIdSchema } from '../../shared/contracts/primitives.ts';
import { systemErrorCode } from './agent-failure.ts';
import { writeFileDurably } from './durable-files.ts';

/** What enrolment gave, kept in `identity.json` (0600): whoever reads it is this agent. */
export const storedIdentitySchema = z.object({
  agentId: agentIdSchema,
  serverId: serverIdSchema,
  privateKeyPem: z.string(),
  certificatePem: z.string(),
  caCertificatePem: z.string(),
  /** Ed25519 public key of snapshots, SPKI DER in base64. */
  snapshotPublicKey: base64Schema,
  installationEpoch: z.number().int().min(1),
});
export type StoredIdentity = z.infer<typeof storedIdentitySchema>;

function identityFile(dataFolder: string): string {
  return path.join(dataFolder, 'identity.json');
}

/** Null where the agent has never enrolled. Throws where the file is there and damaged: enrolling anew is a person's choice. */
export async function loadIdentity(dataFolder: string): Promise<StoredIdentity | null> {
  let text: string;
  try {
    text = await readFile(identityFile(dataFolder), 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
  return storedIdentitySchema.parse(JSON.parse(text));
}

export async function saveIdentity(dataFolder: string, identity: StoredIdentity): Promise<void> {
  await writeFileDurably(identityFile(dataFolder), JSON.stringify(identity), 0o600);
}

/** AES-128 first: a third less work than AES-256 for the same bytes, and far from being the weak point. */
const cipherSuites = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256';

/** Certificate and key in use; renewal exchanges them while connections live on. */
export class Credentials {
  #identity: StoredIdentity;
  #secureContext: SecureContext;
  readonly #listeners = new Set<() => void>();

  constructor(identity: StoredIdentity) {
    this.#identity = identity;
    this.#secureContext = createSecureContext(this.tlsOptions());
  }

  get identity(): StoredIdentity {
    return this.#identity;
  }

  /** Made once per certificate: parsing it for every connection would cost more than the handshake. */
  get secureContext(): SecureContext {
    return this.#secureContext;
  }

  tlsOptions() {
    const { privateKeyPem, certificatePem, caCertificatePem } = this.#identity;
    return {
      key: privateKeyPem,
      cert: certificatePem,
      ca: caCertificatePem,
      minVersion: 'TLSv1.3',
      ciphers: cipherSuites,
    } as const;
  }

  /** The returned function ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  replace(identity: StoredIdentity): void {
    this.#identity = identity;
    this.#secureContext = createSecureContext(this.tlsOptions());
    for (const listener of this.#listeners) listener();
  }
}
