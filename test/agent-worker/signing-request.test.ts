import 'reflect-metadata';
import { createPublicKey } from 'node:crypto';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { expect, it } from 'vitest';
import { newPrivateKeyPem, signingRequestFor } from '../../electron/agent-worker/signing-request.ts';
import { publicKeyOfRequest } from '../../electron/notification-server/identity/certificate-authority.ts';

it('a signing request proves its key to the library that the server reads it with', async () => {
  // Signatures differ in length from one to the next.
  for (let count = 0; count < 20; count++) {
    const key = newPrivateKeyPem();
    const text = signingRequestFor(key);
    const request = new Pkcs10CertificateRequest(text);
    expect(request.subject).toBe('CN=agent.fanout');
    expect(await request.verify()).toBe(true);
    const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' });
    expect((await publicKeyOfRequest(text))?.equals(publicKey)).toBe(true);
  }
});

it('a signing request that was changed proves nothing', async () => {
  const lines = signingRequestFor(newPrivateKeyPem()).split('\n');
  const bytes = Buffer.from(lines.slice(1, -2).join(''), 'base64');
  bytes[40] = (bytes[40] ?? 0) ^ 1;
  const changed = `${lines[0]}\n${bytes.toString('base64')}\n${lines.at(-2)}\n`;
  expect(await publicKeyOfRequest(changed)).toBeNull();
});
