/** Half-open run of bytes. */
export interface ByteRange {
  readonly first: number;
  readonly end: number;
}

/**
 * The range that a Range header (RFC 9110, section 14) asks of `sizeBytes`; 'whole' without one, or with one that a server
 * may ignore (another unit, several ranges); 'unsatisfiable' where it lies outside.
 */
export function requestedRange(header: string | undefined, sizeBytes: number): ByteRange | 'whole' | 'unsatisfiable' {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  const [, firstText = '', lastText = ''] = match ?? [];
  if (match === null || (firstText === '' && lastText === '')) return 'whole';
  if (firstText === '') {
    const suffix = Math.min(Number(lastText), sizeBytes);
    return suffix === 0 ? 'unsatisfiable' : { first: sizeBytes - suffix, end: sizeBytes };
  }
  const first = Number(firstText);
  if (first >= sizeBytes) return 'unsatisfiable';
  if (lastText === '') return { first, end: sizeBytes };
  const last = Number(lastText);
  return last < first ? 'whole' : { first, end: Math.min(last + 1, sizeBytes) };
}
