import { assert, assertNever } from '../../base/assert.ts';
import { bytesToHex, hexToBytes, utf8Bytes } from '../../base/hashing.ts';
import type { DatagramMessage } from '../datagram-message.ts';
import { maxDatagramBytes } from '../datagram-message.ts';
import { aliveHeaders, readAlive } from './alive.ts';
import { readBlocks, writeBlocks } from './blocks.ts';
import { ByteReader } from './byte-reader.ts';
import { readClaim, writeClaim } from './claim.ts';
import { dhtTypes, readDht, writeDht } from './dht.ts';
import type { DatagramEnvelope } from './envelope.ts';
import { binaryTypes, macLengthBytes, readEnvelope, writeEnvelope } from './envelope.ts';
import { asciiText, readNotifyEnvelope, readNotifyHeaders, writeNotify } from './notify-text.ts';
import { readPeers, writePeers } from './peers.ts';
import { readRelease, writeRelease } from './release.ts';
import { readWant, writeWant } from './want.ts';
import { readWithdrawal, writeWithdrawal } from './withdrawal.ts';

export interface DecodedDatagram {
  readonly envelope: DatagramEnvelope;
  readonly message: DatagramMessage;
  /** What the MAC covers. */
  readonly signedPart: Uint8Array;
  /** Not checked yet. */
  readonly mac: Uint8Array;
}

const textMacPrefix = 'MAC: ';
const textMacLengthBytes = textMacPrefix.length + 2 * macLengthBytes + 4;
const firstByteOfText = 'N'.charCodeAt(0);

/** The part that the MAC covers; `sealDatagram` makes the datagram of it. */
export function encodeSignedPart(envelope: DatagramEnvelope, message: DatagramMessage): Uint8Array {
  switch (message.kind) {
    case 'alive':
      return writeNotify('alive', envelope, aliveHeaders(message));
    case 'byebye':
      return writeNotify('byebye', envelope, new Map());
    case 'want': {
      const writer = writeEnvelope(binaryTypes.want, envelope);
      writeWant(writer, message);
      return writer.finish();
    }
    case 'claim': {
      const writer = writeEnvelope(binaryTypes.claim, envelope);
      writeClaim(writer, message);
      return writer.finish();
    }
    case 'release': {
      const writer = writeEnvelope(binaryTypes.release, envelope);
      writeRelease(writer, message);
      return writer.finish();
    }
    case 'blocks': {
      const writer = writeEnvelope(binaryTypes.blocks, envelope);
      writeBlocks(writer, message);
      return writer.finish();
    }
    case 'peers': {
      const writer = writeEnvelope(binaryTypes.peers, envelope);
      writePeers(writer, message);
      return writer.finish();
    }
    case 'dht': {
      const writer = writeEnvelope(dhtTypes[message.message.kind], envelope);
      writeDht(writer, message.message);
      return writer.finish();
    }
    case 'withdrawal': {
      const writer = writeEnvelope(binaryTypes.withdrawal, envelope);
      writeWithdrawal(writer, message);
      return writer.finish();
    }
    default:
      return assertNever(message);
  }
}

/** `mac`: HMAC-SHA-256 over `signedPart`, 32 bytes. */
export function sealDatagram(signedPart: Uint8Array, mac: Uint8Array): Uint8Array {
  assert(mac.length === macLengthBytes, `a MAC of ${mac.length} bytes`);
  const isText = signedPart[0] === firstByteOfText;
  const tail = isText ? utf8Bytes(`${textMacPrefix}${bytesToHex(mac)}\r\n\r\n`) : mac;
  const datagram = new Uint8Array(signedPart.length + tail.length);
  datagram.set(signedPart);
  datagram.set(tail, signedPart.length);
  assert(datagram.length <= maxDatagramBytes, `a datagram of ${datagram.length} bytes`);
  return datagram;
}

/** Any bytes; null where they are no datagram of Fanout. Never throws. */
export function decodeDatagram(bytes: Uint8Array): DecodedDatagram | null {
  if (bytes.length > maxDatagramBytes) return null;
  return bytes[0] === firstByteOfText ? decodeText(bytes) : decodeBinary(bytes);
}

function decodeText(bytes: Uint8Array): DecodedDatagram | null {
  const signedLength = bytes.length - textMacLengthBytes;
  if (signedLength <= 0) return null;
  const signedPart = bytes.subarray(0, signedLength);
  const tail = /^MAC: ([0-9a-f]{64})\r\n\r\n$/.exec(asciiText(bytes.subarray(signedLength)) ?? '');
  const headers = readNotifyHeaders(signedPart);
  if (tail?.[1] === undefined || headers === null) return null;
  const envelope = readNotifyEnvelope(headers);
  const nts = headers.get('NTS');
  const message = nts === 'alive' ? readAlive(headers) : nts === 'byebye' ? ({ kind: 'byebye' } as const) : null;
  if (envelope === null || message === null) return null;
  return { envelope, message, signedPart, mac: hexToBytes(tail[1]) };
}

function decodeBinary(bytes: Uint8Array): DecodedDatagram | null {
  const signedLength = bytes.length - macLengthBytes;
  if (signedLength <= 0) return null;
  const signedPart = bytes.subarray(0, signedLength);
  const reader = new ByteReader(signedPart);
  const head = readEnvelope(reader);
  if (head === null) return null;
  const message = readMessage(head.type, reader);
  // Bytes behind the message would be signed and yet mean nothing: a later version has another version number.
  if (message === null || reader.restBytes > 0) return null;
  return { envelope: head.envelope, message, signedPart, mac: bytes.subarray(signedLength) };
}

function readMessage(type: number, reader: ByteReader): DatagramMessage | null {
  switch (type) {
    case binaryTypes.want:
      return readWant(reader);
    case binaryTypes.claim:
      return readClaim(reader);
    case binaryTypes.release:
      return readRelease(reader);
    case binaryTypes.blocks:
      return readBlocks(reader);
    case binaryTypes.peers:
      return readPeers(reader);
    case binaryTypes.withdrawal:
      return readWithdrawal(reader);
    default: {
      const dht = readDht(type, reader);
      return dht === null ? null : { kind: 'dht', message: dht };
    }
  }
}
