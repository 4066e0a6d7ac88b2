/** Puts a folder into a zip without compressing it: only to hand it to a tool on the same computer that wants a zip. */
import { createWriteStream, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';

/** APPNOTE.TXT of PKWARE, 4.3.7 and 4.3.12. */
const localHeaderBytes = 30;
const centralHeaderBytes = 46;
const endRecordBytes = 22;
/** 2.0, the least that has folders. */
const versionNeeded = 20;
/** Made by Unix, so that who may run a file is kept. */
const madeBy = (3 << 8) | versionNeeded;
/** Names are UTF-8. */
const flags = 1 << 11;
/** 1980-01-01: zip knows no earlier day. */
const firstDay = (1 << 5) | 1;
const largest = 0xffff_ffff;

export async function writeStoredZip(folder: string, zipFile: string): Promise<void> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
  await pipeline(Readable.from(pieces(folder, files)), createWriteStream(zipFile));
}

function* pieces(folder: string, files: readonly string[]): Generator<Buffer> {
  const directory: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const content = readFileSync(file);
    const name = Buffer.from(path.relative(folder, file).replaceAll('\\', '/'));
    const header = Buffer.alloc(localHeaderBytes);
    header.writeUInt32LE(0x0403_4b50, 0);
    header.writeUInt16LE(versionNeeded, 4);
    header.writeUInt16LE(flags, 6);
    header.writeUInt16LE(firstDay, 12);
    header.writeUInt32LE(crc32(content), 14);
    header.writeUInt32LE(content.length, 18);
    header.writeUInt32LE(content.length, 22);
    header.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(centralHeaderBytes);
    entry.writeUInt32LE(0x0201_4b50, 0);
    entry.writeUInt16LE(madeBy, 4);
    header.copy(entry, 6, 4, localHeaderBytes); // the same facts, two bytes later
    entry.writeUInt32LE((statSync(file).mode & 0xffff) * 0x1_0000, 38);
    entry.writeUInt32LE(offset, 42);
    directory.push(entry, name);
    offset += header.length + name.length + content.length;
    if (offset > largest) throw new Error(`${folder} is too large for a plain zip.`);
    yield header;
    yield name;
    yield content;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(endRecordBytes);
  end.writeUInt32LE(0x0605_4b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  yield central;
  yield end;
}
