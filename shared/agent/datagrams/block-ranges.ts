import { assert } from '../../base/assert.ts';
import type { BlockRange } from '../../base/block-set.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { varintLengthBytes } from './byte-writer.ts';

/*
 * Two forms of a set of blocks, the shorter one wins: runs as (gap, length) varints, or a bit per block up to the last one.
 * Where neither fits, both are cut behind a prefix of the set and the one that reaches further is sent: blocks missing at
 * the end are blocks the receiver learns of later, never blocks it believes in wrongly.
 */
const asRuns = 0;
const asBitmap = 1;

/** A package has at most a million blocks (contracts/snapshot.ts); more is a lie that would only cost memory. */
const maxBlockCount = 1_000_000;

/** `ranges` ascending, disjoint and not adjacent, as `BlockSet.ranges()` gives them. Uses all the room there is at most. */
export function writeBlockRanges(writer: ByteWriter, ranges: readonly BlockRange[]): void {
  const roomBytes = writer.roomBytes - 1;
  const runs = measureRuns(ranges, roomBytes);
  const lastEnd = ranges.at(-1)?.[1] ?? 0;
  const bitmapEnd = Math.min(lastEnd, roomBytes * 8);
  const bitmapBytes = Math.ceil(bitmapEnd / 8);
  const runsReach = runs.end > bitmapEnd || (runs.end === bitmapEnd && runs.lengthBytes <= bitmapBytes);
  writer.uint(runsReach ? asRuns : asBitmap, 1);
  if (runsReach) writeRuns(writer, ranges.slice(0, runs.count));
  else writer.bytes(bitmapOf(ranges, bitmapEnd));
}

/** Maximal ranges below `blockCount`, or null where the bytes say something else. Reads to the end. */
export function readBlockRanges(reader: ByteReader, blockCount: number): BlockRange[] | null {
  if (blockCount > maxBlockCount) return null;
  const form = reader.uint(1);
  if (form === asRuns) return readRuns(reader, blockCount);
  if (form === asBitmap) return readBitmap(reader, blockCount);
  return null;
}

function measureRuns(ranges: readonly BlockRange[], roomBytes: number) {
  let lengthBytes = 0;
  let end = 0;
  let count = 0;
  for (const [first, rangeEnd] of ranges) {
    assert(first >= end + (count === 0 ? 0 : 1) && rangeEnd > first, 'block ranges are not in order');
    const bytes = varintLengthBytes(first - end) + varintLengthBytes(rangeEnd - first);
    if (lengthBytes + bytes > roomBytes) break;
    lengthBytes += bytes;
    end = rangeEnd;
    count++;
  }
  return { lengthBytes, end, count };
}

function writeRuns(writer: ByteWriter, ranges: readonly BlockRange[]): void {
  let previousEnd = 0;
  for (const [first, end] of ranges) {
    writer.varint(first - previousEnd);
    writer.varint(end - first);
    previousEnd = end;
  }
}

function bitmapOf(ranges: readonly BlockRange[], bitmapEnd: number): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(bitmapEnd / 8));
  for (const [first, end] of ranges) {
    for (let block = first; block < Math.min(end, bitmapEnd); block++) {
      bitmap[block >>> 3] = (bitmap[block >>> 3] ?? 0) | (1 << (block & 7));
    }
  }
  return bitmap;
}

function readRuns(reader: ByteReader, blockCount: number): BlockRange[] | null {
  const ranges: BlockRange[] = [];
  let end = 0;
  while (reader.restBytes > 0) {
    const gap = reader.varint();
    const length = reader.varint();
    if (gap === null || length === null || length === 0 || (gap === 0 && ranges.length > 0)) return null;
    const first = end + gap;
    end = first + length;
    if (end > blockCount) return null;
    ranges.push([first, end]);
  }
  return ranges;
}

function readBitmap(reader: ByteReader, blockCount: number): BlockRange[] | null {
  const bitmap = reader.bytes(reader.restBytes);
  if (bitmap === null || bitmap.length > Math.ceil(blockCount / 8)) return null;
  const ranges: BlockRange[] = [];
  let first = -1;
  // One bit beyond the last byte reads as zero and closes an open run.
  for (let block = 0; block <= bitmap.length * 8; block++) {
    const isSet = ((bitmap[block >>> 3] ?? 0) & (1 << (block & 7))) !== 0;
    if (isSet && block >= blockCount) return null;
    if (isSet && first < 0) first = block;
    if (!isSet && first >= 0) {
      ranges.push([first, block]);
      first = -1;
    }
  }
  return ranges;
}
