/** Spare buffers kept at a time: as many blocks as one package usually has in flight. */
const maxSpare = 8;

const spare: Buffer[] = [];

/*
 * Where blocks gather before they are verified. The pieces that TLS hands over would live until the block is whole and
 * grow old in the garbage collector; copied into a buffer that is used again they die young. Shared by the process:
 * what is in a buffer is nobody's any longer when it is given back.
 */

/** A buffer of exactly `length` bytes with anything in it. */
export function takeBlockBuffer(length: number): Buffer {
  const at = spare.findIndex((buffer) => buffer.length === length);
  const [found] = at < 0 ? [] : spare.splice(at, 1);
  return found ?? Buffer.allocUnsafeSlow(length);
}

export function giveBlockBuffer(buffer: Buffer): void {
  if (spare.length >= maxSpare) spare.shift();
  spare.push(buffer);
}
