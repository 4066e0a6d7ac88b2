import { enrolAnswerSchema } from '../../shared/contracts/agent-api.ts';
import type { AgentFailure } from './agent-failure.ts';
import type { StoredIdentity } from './agent-identity.ts';
import { Credentials } from './agent-identity.ts';
import type { AgentLogger } from './agent-logger.ts';
import { ExchangePool } from './exchange-pool.ts';
import type { LocalAddresses } from './local-addresses.ts';
import { ServerConnection } from './server-connection.ts';
import { ServerTime } from './server-time.ts';
import { newPrivateKeyPem, signingRequestFor } from './signing-request.ts';

export interface ReEnrolmentInput {
  readonly serverUrl: string;
  readonly name: string;
  readonly localAddresses: LocalAddresses;
  /** What is on two disks. */
  readonly identity: StoredIdentity;
  readonly logger: AgentLogger;
  /** Of the life that the server called a copy. */
  readonly bootId: number;
}

/**
 * An identity of its own for an agent whose disk is a copy: proven by the certificate that it has, with a key that only it
 * has. Null where the server does not answer, or does not take it for a copy (any longer). Rejects with an `AgentFailure`
 * where trying again cannot help.
 */
export async function reEnrol(input: ReEnrolmentInput): Promise<StoredIdentity | null> {
  const { serverUrl, name, localAddresses, identity, bootId, logger } = input;
  const credentials = new Credentials(identity);
  const pool = new ExchangePool(credentials, localAddresses);
  const rejections: AgentFailure[] = [];
  const onRejected = (failure: AgentFailure): number => rejections.push(failure);
  const connection = new ServerConnection({
    serverUrl,
    bootId,
    credentials,
    pool,
    serverTime: new ServerTime(),
    logger,
    onRejected,
  });
  try {
    const privateKeyPem = newPrivateKeyPem();
    const body = { csrPem: signingRequestFor(privateKeyPem), name };
    const answer = await connection.request('POST', '/re-enrol', { body });
    const final = rejections.find(({ isFinal }) => isFinal);
    if (final !== undefined) throw final;
    if (answer.kind === 'failed') return null;
    const parsed = enrolAnswerSchema.safeParse(answer.body);
    return parsed.success && parsed.data.serverId === identity.serverId ? { ...parsed.data, privateKeyPem } : null;
  } finally {
    connection.close();
    pool.close();
  }
}
