import { X509Certificate } from 'node:crypto';
import { renewAnswerSchema } from '../../shared/contracts/agent-api.ts';
import { messageOf } from './agent-failure.ts';
import type { Credentials } from './agent-identity.ts';
import { saveIdentity } from './agent-identity.ts';
import type { AgentLogger } from './agent-logger.ts';
import type { ServerConnection } from './server-connection.ts';
import type { ServerTime } from './server-time.ts';
import { signingRequestFor } from './signing-request.ts';

/** Often enough for a validity of 30 days, and longer than no timer can count. */
const longestCheckMs = 6 * 60 * 60 * 1000;
/** After a failure, and for a certificate that is due already. */
const shortestCheckMs = 1000;

/** Half of the certificate's validity. */
function renewalDueMs(certificatePem: string): number {
  const certificate = new X509Certificate(certificatePem);
  const fromMs = Date.parse(certificate.validFrom);
  return fromMs + (Date.parse(certificate.validTo) - fromMs) / 2;
}

/** True from half of the certificate's validity on. */
export function isRenewalDue(certificatePem: string, nowMs: number): boolean {
  return nowMs >= renewalDueMs(certificatePem);
}

/** Keeps the agent's certificate valid: asks for the next one at half of its time. The first look is its owner's to ask for. */
export class CertificateRenewal {
  readonly #dataFolder: string;
  readonly #credentials: Credentials;
  readonly #server: Pick<ServerConnection, 'request'>;
  /** Validity is by the clock of whoever issues and checks certificates. */
  readonly #serverTime: ServerTime;
  readonly #logger: AgentLogger;
  #timer: NodeJS.Timeout;
  #renewing: Promise<boolean> | null = null;
  #failures = 0;
  #isClosed = false;

  constructor(
    dataFolder: string,
    credentials: Credentials,
    server: Pick<ServerConnection, 'request'>,
    serverTime: ServerTime,
    logger: AgentLogger,
  ) {
    this.#dataFolder = dataFolder;
    this.#credentials = credentials;
    this.#server = server;
    this.#serverTime = serverTime;
    this.#logger = logger;
    this.#timer = this.#nextCheck();
  }

  /** True where a new certificate is in use. A failure is tried again with the next check. One renewal at a time. */
  renewIfDue(): Promise<boolean> {
    this.#renewing ??= this.#renewIfDue().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #renewIfDue(): Promise<boolean> {
    const { identity } = this.#credentials;
    if (!isRenewalDue(identity.certificatePem, this.#serverTime.nowMs())) return false;
    try {
      const body = { csrPem: signingRequestFor(identity.privateKeyPem) };
      const answer = await this.#server.request('POST', '/renew', { body });
      if (answer.kind === 'failed') throw new Error(answer.detail);
      const { certificatePem } = renewAnswerSchema.parse(answer.body);
      const renewed = { ...identity, certificatePem };
      await saveIdentity(this.#dataFolder, renewed);
      this.#credentials.replace(renewed);
      this.#failures = 0;
      return true;
    } catch (error) {
      this.#failures++;
      this.#logger.warn({ reason: messageOf(error) }, 'the certificate could not be renewed yet');
      return false;
    }
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #nextCheck(): NodeJS.Timeout {
    const dueInMs = renewalDueMs(this.#credentials.identity.certificatePem) - this.#serverTime.nowMs();
    const delayMs = Math.max(dueInMs, shortestCheckMs * 2 ** Math.min(this.#failures, 20));
    return setTimeout(
      async () => {
        await this.renewIfDue();
        if (!this.#isClosed) this.#timer = this.#nextCheck();
      },
      Math.min(delayMs, longestCheckMs),
    );
  }
}
