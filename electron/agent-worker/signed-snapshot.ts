import type { KeyObject } from 'node:crypto';
import { createPublicKey, verify } from 'node:crypto';
import { blockCountOf } from '../../shared/base/units.ts';
import { packagePathsProblem } from '../../shared/contracts/package-path.ts';
import type { SignedSnapshot, Snapshot } from '../../shared/contracts/snapshot.ts';
import { signedSnapshotSchema, snapshotSchema, snapshotSignatureContext } from '../../shared/contracts/snapshot.ts';

export type CheckedSnapshot =
  | { readonly ok: true; readonly snapshot: Snapshot; readonly signed: SignedSnapshot }
  | { readonly ok: false; readonly code: 'invalid-snapshot'; readonly detail: string };

/** `base64`: SPKI DER of the Ed25519 key that was pinned at enrolment. Throws on anything else. */
export function snapshotKeyOf(base64: string): KeyObject {
  return createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' });
}

/** Checks signature, shape, sums and paths of what a server, a peer or the own disk says. */
export function checkSnapshot(input: unknown, key: KeyObject): CheckedSnapshot {
  const signed = signedSnapshotSchema.safeParse(input);
  if (!signed.success) return invalid('it is no signed snapshot');
  const payload = Buffer.from(signed.data.payload, 'base64');
  const covered = Buffer.concat([Buffer.from(snapshotSignatureContext), payload]);
  if (!verify(null, covered, key, Buffer.from(signed.data.signature, 'base64'))) {
    return invalid('its signature is not that of the Notification Server');
  }
  const parsed = snapshotSchema.safeParse(parseJson(payload.toString('utf8')));
  if (!parsed.success) return invalid(`its content is wrong: ${parsed.error.issues[0]?.message ?? ''}`);
  const problem = problemOf(parsed.data);
  return problem === null ? { ok: true, snapshot: parsed.data, signed: signed.data } : invalid(problem);
}

function problemOf(snapshot: Snapshot): string | null {
  const pathProblem = packagePathsProblem(snapshot.files.map(({ path }) => path));
  if (pathProblem !== null) return pathProblem;
  let offset = 0;
  for (const file of snapshot.files) {
    if (file.offsetBytes !== offset) return `the file "${file.path}" does not begin where the one before ends`;
    offset += file.sizeBytes;
  }
  if (offset !== snapshot.totalSizeBytes) return 'the sizes of its files do not add up';
  const blockCount = blockCountOf(snapshot.totalSizeBytes, snapshot.blockSizeBytes);
  return snapshot.blockHashes.length === blockCount ? null : 'it has not one hash per block';
}

function invalid(detail: string): CheckedSnapshot {
  return { ok: false, code: 'invalid-snapshot', detail };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema refuses null with its own message.
    return null;
  }
}
