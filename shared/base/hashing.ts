import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { bytesToHex as nobleBytesToHex, hexToBytes as nobleHexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import type { PackageGuid, PackageKey } from './ids.ts';

/** SHA-256 in portable JavaScript: for keys, small manifests and the simulator. Blocks are hashed natively by adapters. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes);
}

/** SHA-256 of bytes that arrive in portions. After `digest` it is used up. */
export interface RunningSha256 {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
}

export function startSha256(): RunningSha256 {
  return nobleSha256.create();
}

export function hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return hmac(nobleSha256, key, bytes);
}

export function bytesToHex(bytes: Uint8Array): string {
  return nobleBytesToHex(bytes);
}

/** `hex` must be an even number of hexadecimal digits: check text from outside first. */
export function hexToBytes(hex: string): Uint8Array {
  return nobleHexToBytes(hex);
}

export function utf8Bytes(text: string): Uint8Array {
  return utf8ToBytes(text);
}

/** key = SHA-256(guid NUL version) cut to 160 bits. The separator keeps (a, bc) and (ab, c) apart. */
export function packageKeyOf(guid: PackageGuid, version: string): PackageKey {
  return bytesToHex(sha256(utf8Bytes(`${guid}\0${version}`))).slice(0, 40) as PackageKey;
}
