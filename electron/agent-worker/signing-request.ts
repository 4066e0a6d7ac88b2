// @peculiar/x509 resolves its parts through decorators, which need this first.
import 'reflect-metadata';
import { createPrivateKey, createPublicKey, generateKeyPairSync, webcrypto } from 'node:crypto';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A new ECDSA P-256 private key, PKCS #8 PEM. */
export function newPrivateKeyPem(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ format: 'pem', type: 'pkcs8' })
    .toString();
}

/** A certificate signing request for the key, PEM. The server gives the name. */
export async function signingRequestFor(privateKeyPem: string): Promise<string> {
  const { subtle } = webcrypto;
  const pkcs8 = createPrivateKey(privateKeyPem).export({ format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKeyPem).export({ format: 'der', type: 'spki' });
  const keys = {
    privateKey: await subtle.importKey('pkcs8', pkcs8, ecdsa, false, ['sign']),
    publicKey: await subtle.importKey('spki', spki, ecdsa, true, ['verify']),
  };
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: 'CN=agent.fanout',
    keys,
    signingAlgorithm: ecdsa,
  });
  return request.toString('pem');
}
