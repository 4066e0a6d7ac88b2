import { randomBytes } from 'node:crypto';
import type { AgentId } from '../../../shared/base/ids.ts';
import { agentCertificateName } from '../../../shared/base/ids.ts';
import type { EnrolAnswer, EnrolRequest, ReEnrolRequest } from '../../../shared/contracts/agent-api.ts';
import type { StoredAgent } from '../../database/stores/agent-store.ts';
import { saveCertificateSerial, saveEnrolment } from '../../database/stores/agent-store.ts';
import { insertCertificate } from '../../database/stores/revocation-store.ts';
import type { WriteBatcher } from '../../database/write-batcher.ts';
import type { CertificateTimes } from '../identity/certificate-authority.ts';
import { publicKeyHash, publicKeyOfRequest } from '../identity/certificate-authority.ts';
import type { JoinTokens } from '../identity/join-tokens.ts';
import type { ServerIdentity } from '../identity/server-identity.ts';
import { Refusal } from '../refusal.ts';
import type { AgentDirectory, AgentRecord } from './agent-directory.ts';

/** Gives agents their identity: a certificate in exchange for a join token, or for the certificate before it. */
export class Enrolment {
  readonly #identity: ServerIdentity;
  readonly #tokens: JoinTokens;
  readonly #directory: AgentDirectory;
  readonly #writes: WriteBatcher;
  readonly #times: CertificateTimes | undefined;

  /** `times`: of certificates, where they are not to be the usual ones. */
  constructor(
    identity: ServerIdentity,
    tokens: JoinTokens,
    directory: AgentDirectory,
    writes: WriteBatcher,
    times?: CertificateTimes,
  ) {
    this.#identity = identity;
    this.#tokens = tokens;
    this.#directory = directory;
    this.#writes = writes;
    this.#times = times;
  }

  async enrol(request: EnrolRequest, remoteAddress: string, nowMs: number): Promise<EnrolAnswer> {
    if (!(await this.#tokens.isValid(request.secret, nowMs))) {
      throw new Refusal(
        'join-token-invalid',
        'The join token is unknown to this server or has expired. Ask its administrator for a new one.',
      );
    }
    const publicKeyDer = await keyOf(request.csrPem);
    const publicKeySha256 = publicKeyHash(publicKeyDer, 'hex');
    const previous = this.#previous(request.previousAgentId, publicKeySha256);
    const { name } = request;
    if (previous === null)
      return this.#issue({ agentId: newAgentId(), installationEpoch: 1, name, publicKeyDer }, remoteAddress, nowMs);
    const installationEpoch = previous.installationEpoch + 1;
    return this.#issue({ agentId: previous.agentId, installationEpoch, name, publicKeyDer }, remoteAddress, nowMs);
  }

  /** An id of its own for a copy of `record`, whose certificate it has shown. */
  async reEnrol(
    record: AgentRecord,
    request: ReEnrolRequest,
    remoteAddress: string,
    nowMs: number,
  ): Promise<EnrolAnswer> {
    const publicKeyDer = await keyOf(request.csrPem);
    if (publicKeyHash(publicKeyDer, 'hex') === record.publicKeySha256) {
      throw new Refusal('forbidden', 'The key of a copied disk is on two computers: make a new one.');
    }
    const { name } = request;
    return this.#issue({ agentId: newAgentId(), installationEpoch: 1, name, publicKeyDer }, remoteAddress, nowMs);
  }

  async #issue(
    applicant: Pick<StoredAgent, 'agentId' | 'name' | 'installationEpoch'> & { readonly publicKeyDer: Buffer },
    remoteAddress: string,
    nowMs: number,
  ): Promise<EnrolAnswer> {
    const { publicKeyDer, ...known } = applicant;
    const { agentId } = known;
    const issued = await this.#identity.authority.issue(
      agentCertificateName(agentId),
      publicKeyDer,
      nowMs,
      this.#times,
    );
    const stored: StoredAgent = {
      ...known,
      publicKeySha256: publicKeyHash(publicKeyDer, 'hex'),
      certificateSerial: issued.serial,
      enrolledAtMs: nowMs,
      revokedAtMs: null,
      address: remoteAddress,
      lastSeenMs: nowMs,
      productVersion: '',
      platform: '',
      cpuCores: null,
      interfaces: [],
      bootId: 0,
    };
    await this.#writes.write(async (transaction) => {
      await saveEnrolment(transaction, stored);
      await insertCertificate(transaction, { ...issued, agentId });
    });
    this.#directory.enrolled(stored);
    return {
      agentId,
      serverId: this.#identity.serverId,
      certificatePem: issued.pem,
      caCertificatePem: this.#identity.authority.certificatePem,
      snapshotPublicKey: this.#identity.snapshotPublicKey,
      installationEpoch: stored.installationEpoch,
    };
  }

  /** A new certificate for the key that the agent has; another key would be another computer. */
  async renew(record: AgentRecord, csrPem: string, nowMs: number): Promise<{ readonly certificatePem: string }> {
    const publicKeyDer = await keyOf(csrPem);
    if (publicKeyHash(publicKeyDer, 'hex') !== record.publicKeySha256) {
      throw new Refusal('forbidden', 'A certificate is renewed for the key that the agent enrolled with.');
    }
    const name = agentCertificateName(record.agentId);
    const issued = await this.#identity.authority.issue(name, publicKeyDer, nowMs, this.#times);
    await this.#writes.write(async (transaction) => {
      await saveCertificateSerial(transaction, record.agentId, issued.serial);
      await insertCertificate(transaction, { ...issued, agentId: record.agentId });
    });
    record.certificateSerial = issued.serial;
    return { certificatePem: issued.pem };
  }

  #previous(agentId: AgentId | undefined, publicKeySha256: string): AgentRecord | null {
    const record = agentId === undefined ? null : this.#directory.get(agentId);
    if (record === null) return null;
    if (record.revokedAtMs !== null) throw new Refusal('revoked', 'This agent was revoked by an administrator.');
    if (record.publicKeySha256 !== publicKeySha256) {
      throw new Refusal('forbidden', `The agent id ${record.agentId} belongs to another key. Enrol without it.`);
    }
    return record;
  }
}

async function keyOf(csrPem: string): Promise<Buffer> {
  const publicKeyDer = await publicKeyOfRequest(csrPem);
  if (publicKeyDer === null) {
    const message = 'The certificate signing request is not valid: P-256 and signed by its key.';
    throw new Refusal('invalid-request', message, { fields: [{ path: 'csrPem', message }] });
  }
  return publicKeyDer;
}

function newAgentId(): AgentId {
  return randomBytes(16).toString('hex') as AgentId;
}
