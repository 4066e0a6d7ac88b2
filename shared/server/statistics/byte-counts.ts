import { mostBytes } from '../../base/byte-sums.ts';
import type { TrafficBytes, TrafficEntry } from '../../contracts/statistics.ts';

export const noBytes: TrafficBytes = {
  notificationServerBytes: 0,
  ownPackageServerBytes: 0,
  foreignPackageServerBytes: 0,
  peerBytes: 0,
  fillBytes: 0,
};

export function plusBytes(a: TrafficBytes, b: TrafficBytes): TrafficBytes {
  return {
    notificationServerBytes: Math.min(mostBytes, a.notificationServerBytes + b.notificationServerBytes),
    ownPackageServerBytes: Math.min(mostBytes, a.ownPackageServerBytes + b.ownPackageServerBytes),
    foreignPackageServerBytes: Math.min(mostBytes, a.foreignPackageServerBytes + b.foreignPackageServerBytes),
    peerBytes: Math.min(mostBytes, a.peerBytes + b.peerBytes),
    fillBytes: Math.min(mostBytes, a.fillBytes + b.fillBytes),
  };
}

export function bytesOf({ source, bytes, isFill }: Pick<TrafficEntry, 'source' | 'bytes' | 'isFill'>): TrafficBytes {
  return {
    notificationServerBytes: source === 'notification-server' ? bytes : 0,
    ownPackageServerBytes: source === 'package-server-own-site' ? bytes : 0,
    foreignPackageServerBytes: source === 'package-server-foreign' ? bytes : 0,
    peerBytes: source === 'peer' ? bytes : 0,
    fillBytes: isFill ? bytes : 0,
  };
}

export function directBytes(bytes: TrafficBytes): number {
  return bytes.notificationServerBytes + bytes.ownPackageServerBytes + bytes.foreignPackageServerBytes;
}

export function allBytes(bytes: TrafficBytes): number {
  return directBytes(bytes) + bytes.peerBytes;
}

/** What is left of a sum without one of its parts. */
export function minusBytes(a: TrafficBytes, b: TrafficBytes): TrafficBytes {
  return {
    notificationServerBytes: Math.max(0, a.notificationServerBytes - b.notificationServerBytes),
    ownPackageServerBytes: Math.max(0, a.ownPackageServerBytes - b.ownPackageServerBytes),
    foreignPackageServerBytes: Math.max(0, a.foreignPackageServerBytes - b.foreignPackageServerBytes),
    peerBytes: Math.max(0, a.peerBytes - b.peerBytes),
    fillBytes: Math.max(0, a.fillBytes - b.fillBytes),
  };
}

/** What came into a site from outside. */
export function crossedBytes(bytes: TrafficBytes): number {
  return bytes.notificationServerBytes + bytes.foreignPackageServerBytes;
}

/** What would have, had every computer fetched for itself: all that computers took, but not what Package Servers took for them. */
export function wouldCrossBytes(bytes: TrafficBytes): number {
  return Math.max(0, allBytes(bytes) - bytes.fillBytes);
}
