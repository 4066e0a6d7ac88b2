// @peculiar/x509 resolves its parts through decorators, which need this first.
import 'reflect-metadata';
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  webcrypto,
} from 'node:crypto';
import * as x509 from '@peculiar/x509';

const dayMs = 24 * 60 * 60 * 1000;
export const leafValidityMs = 30 * dayMs;
const authorityValidityMs = 20 * 365 * dayMs;
/** Clocks of computers differ; a certificate that is "not valid yet" is the commonest reason for a failed enrolment. */
const backdatedMs = dayMs;
const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export interface CertificateTimes {
  readonly validityMs: number;
  /** How long before it is made it begins. */
  readonly backdatedMs: number;
}

const leafTimes: CertificateTimes = { validityMs: leafValidityMs, backdatedMs };

export interface IssuedCertificate {
  readonly pem: string;
  /** Lower-case hexadecimal digits. */
  readonly serial: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** A new P-256 private key as PKCS #8 PEM. */
export function newPrivateKeyPem(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ format: 'pem', type: 'pkcs8' })
    .toString();
}

/** SHA-256 of a public key's SPKI DER. */
export function publicKeyHash(publicKeyDer: Uint8Array, encoding: 'hex' | 'base64url'): string {
  return createHash('sha256').update(publicKeyDer).digest(encoding);
}

export function publicKeyDerOfPem(pem: string): Buffer {
  return createPublicKey(pem).export({ format: 'der', type: 'spki' });
}

/** The own authority (ECDSA P-256): its key is pinned by every join token, its certificates name identities. */
export class CertificateAuthority {
  readonly certificatePem: string;
  /** SHA-256 of the authority's SPKI DER, base64url: the first part of a join token. */
  readonly keyHash: string;
  readonly #key: webcrypto.CryptoKey;
  readonly #certificate: x509.X509Certificate;

  private constructor(key: webcrypto.CryptoKey, certificatePem: string) {
    this.#key = key;
    this.#certificate = new x509.X509Certificate(certificatePem);
    this.certificatePem = certificatePem;
    this.keyHash = publicKeyHash(new Uint8Array(this.#certificate.publicKey.rawData), 'base64url');
  }

  static async load(privateKeyPem: string, certificatePem: string): Promise<CertificateAuthority> {
    return new CertificateAuthority(await importPrivateKey(privateKeyPem), certificatePem);
  }

  static async createCertificate(privateKeyPem: string, nowMs: number): Promise<string> {
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: newSerial(),
      subject: 'CN=Fanout Notification Server authority',
      issuer: 'CN=Fanout Notification Server authority',
      notBefore: new Date(nowMs - backdatedMs),
      notAfter: new Date(nowMs + authorityValidityMs),
      publicKey: publicKeyDerOfPem(privateKeyPem),
      signingKey: await importPrivateKey(privateKeyPem),
      signingAlgorithm: ecdsa,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      ],
    });
    return certificate.toString('pem');
  }

  /** A certificate for both ends of TLS: agents serve peers with the same identity with which they fetch. */
  async issue(name: string, publicKeyDer: Uint8Array, nowMs: number, times = leafTimes): Promise<IssuedCertificate> {
    const serial = newSerial();
    const notBeforeMs = nowMs - times.backdatedMs;
    const notAfterMs = nowMs + times.validityMs;
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial,
      subject: `CN=${name}`,
      issuer: this.#certificate.subject,
      notBefore: new Date(notBeforeMs),
      notAfter: new Date(notAfterMs),
      publicKey: publicKeyDer,
      signingKey: this.#key,
      signingAlgorithm: ecdsa,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
        new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }]),
      ],
    });
    return { pem: certificate.toString('pem'), serial, notBeforeMs, notAfterMs };
  }
}

/**
 * The public key (SPKI DER) of a signing request whose signature proves possession, or null. Only P-256 keys are taken:
 * they are what every TLS stack that Fanout runs on supports.
 */
export async function publicKeyOfRequest(csrPem: string): Promise<Buffer | null> {
  try {
    const request = new x509.Pkcs10CertificateRequest(csrPem);
    if (!(await request.verify())) return null;
    const der = Buffer.from(request.publicKey.rawData);
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? der : null;
  } catch {
    // Anything that does not parse was not made by an agent.
    return null;
  }
}

function importPrivateKey(privateKeyPem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(privateKeyPem).export({ format: 'der', type: 'pkcs8' });
  return webcrypto.subtle.importKey('pkcs8', der, ecdsa, false, ['sign']);
}

/** 16 bytes whose first digit is 4 … 7: positive and of full length, so that it prints the same everywhere. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}
