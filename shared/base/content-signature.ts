import { hmacSha256, utf8Bytes } from './hashing.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** HMAC-SHA-256 of a text, base64url without padding: 43 characters. */
export function signatureOf(key: Uint8Array, text: string): string {
  const bytes = hmacSha256(key, utf8Bytes(text));
  let signature = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
    const bits = (a << 16) | (b << 8) | c;
    for (let shift = 18; shift >= 0; shift -= 6) signature += alphabet[(bits >> shift) & 63];
  }
  return signature.slice(0, 43);
}

/** Takes as long for every wrong one. */
export function isSignatureOf(key: Uint8Array, text: string, signature: string): boolean {
  const right = signatureOf(key, text);
  let difference = right.length ^ signature.length;
  for (let at = 0; at < right.length; at++) difference |= right.charCodeAt(at) ^ signature.charCodeAt(at);
  return difference === 0;
}
