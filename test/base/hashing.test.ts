import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytesToHex,
  hexToBytes,
  hmacSha256,
  packageKeyOf,
  sha256,
  startSha256,
  utf8Bytes,
} from '../../shared/base/hashing.ts';
import type { PackageGuid } from '../../shared/base/ids.ts';
import { isPackageKey } from '../../shared/base/ids.ts';
import { holds } from '../helpers/properties.ts';

const bytes = fc.uint8Array({ maxLength: 500 });
const guid = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff' as PackageGuid;

describe('hashing in portable JavaScript', () => {
  it('agrees with the native SHA-256', () => {
    holds(
      fc.property(bytes, (content) => {
        expect(bytesToHex(sha256(content))).toBe(createHash('sha256').update(content).digest('hex'));
      }),
      100,
    );
  });

  it('agrees with the native HMAC', () => {
    holds(
      fc.property(bytes, bytes, (key, content) => {
        expect(bytesToHex(hmacSha256(key, content))).toBe(createHmac('sha256', key).update(content).digest('hex'));
      }),
      100,
    );
  });

  it('gives the same for portions as for the whole', () => {
    holds(
      fc.property(fc.array(bytes, { maxLength: 6 }), (portions) => {
        const running = startSha256();
        for (const portion of portions) running.update(portion);
        expect(running.digest()).toEqual(sha256(Uint8Array.from(portions.flatMap((portion) => [...portion]))));
      }),
      100,
    );
  });

  it('reads back the hexadecimal digits that it writes', () => {
    holds(
      fc.property(bytes, (content) => {
        expect(hexToBytes(bytesToHex(content))).toEqual(content);
      }),
      100,
    );
  });

  it('encodes text as UTF-8', () => {
    holds(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect([...utf8Bytes(text)]).toEqual([...Buffer.from(text, 'utf8')]);
      }),
      100,
    );
  });
});

describe('the key of a package version', () => {
  it('is SHA-256 of GUID, NUL and version, cut to 160 bits', () => {
    const expected = createHash('sha256').update(`${guid}\0${'1.2.3'}`).digest('hex').slice(0, 40);
    expect(packageKeyOf(guid, '1.2.3')).toBe(expected);
    expect(isPackageKey(packageKeyOf(guid, '1.2.3'))).toBe(true);
  });

  it('differs between versions', () => {
    const versions = Array.from({ length: 1000 }, (_, index) => `1.${index}`);
    expect(new Set(versions.map((version) => packageKeyOf(guid, version))).size).toBe(1000);
  });
});
