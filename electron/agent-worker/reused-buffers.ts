/** Spare buffers kept at a time: blocks in flight and requests being served, of which few run at once. */
const maxSpare = 16;

const spare: Buffer[] = [];

/*
 * Where a block gathers before it is verified, and where it is read into before it is sent. Buffers that are used again
 * spare the garbage collector most of its work, which every large allocation would start. Shared by the process: what is
 * in a buffer is nobody's any longer when it is given back.
 */

/** A buffer of exactly `length` bytes with anything in it. */
export function takeBuffer(length: number): Buffer {
  const at = spare.findIndex((buffer) => buffer.length === length);
  const [found] = at < 0 ? [] : spare.splice(at, 1);
  return found ?? Buffer.allocUnsafeSlow(length);
}

/** Only what nobody reads or writes any longer. */
export function giveBuffer(buffer: Buffer): void {
  if (spare.length >= maxSpare) spare.shift();
  spare.push(buffer);
}
