import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

/*
 * PKCS #10 (RFC 2986) for one kind of key and one name. Written out, because a library for it would be a third of an
 * agent's code and several MiB of its memory, for one request in 15 days.
 */

/** Tags of DER (X.690). */
const tag = { integer: 0x02, bitString: 0x03, utf8String: 0x0c, sequence: 0x30, set: 0x31, attributes: 0xa0 } as const;
/** 2.5.4.3 commonName and 1.2.840.10045.4.3.2 ecdsa-with-SHA256, encoded whole. */
const commonName = Buffer.from('0603550403', 'hex');
const ecdsaWithSha256 = Buffer.from('06082a8648ce3d040302', 'hex');

/** A new ECDSA P-256 private key, PKCS #8 PEM. */
export function newPrivateKeyPem(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ format: 'pem', type: 'pkcs8' })
    .toString();
}

/** A certificate signing request for the key, PEM. The server gives the name. */
export function signingRequestFor(privateKeyPem: string): string {
  const publicKey = createPublicKey(privateKeyPem).export({ format: 'der', type: 'spki' });
  const name = element(tag.sequence, commonName, element(tag.utf8String, Buffer.from('agent.fanout')));
  const content = element(
    tag.sequence,
    element(tag.integer, Buffer.of(0)),
    element(tag.sequence, element(tag.set, name)),
    publicKey,
    element(tag.attributes),
  );
  const signature = sign('sha256', content, createPrivateKey(privateKeyPem));
  const request = element(
    tag.sequence,
    content,
    element(tag.sequence, ecdsaWithSha256),
    // No bit of the last byte is unused.
    element(tag.bitString, Buffer.of(0), signature),
  );
  const lines = request.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`;
}

/** Tag, length and content; everything here is shorter than 65,536 bytes. */
function element(tagByte: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, Math.floor(length / 0x100), length % 0x100];
  return Buffer.concat([Buffer.of(tagByte, ...head), content]);
}
