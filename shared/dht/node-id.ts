import { bytesToHex, sha256, utf8Bytes } from '../base/hashing.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';

declare const brand: unique symbol;
/** 160 bits as 40 lower-case hexadecimal digits: a place in the space that package keys have as well. */
export type NodeId = string & { readonly [brand]: 'NodeId' };

/** The same 160 bits as five 32-bit words, the highest first: distances are compared far more often than ids are shown. */
export type Place = Uint32Array;

export const idBits = 160;
const words = 5;

/**
 * Places of agents, kept because hashing costs a hundred times a look-up and many agents of a process meet the same peers.
 * 65,536 are 10 MB; beyond that it starts anew. Only a pure function's results are in it.
 */
const maxKeptPlaces = 65_536;
const placesOfAgents = new Map<AgentId, Place>();

/** SHA-256 of the agent id, cut to 160 bits: an agent has the same node id in every subnet, and cannot choose it. */
export function nodeIdOf(agentId: AgentId): NodeId {
  return bytesToHex(sha256(utf8Bytes(agentId))).slice(0, 2 * (idBits / 8)) as NodeId;
}

export function placeOfAgent(agentId: AgentId): Place {
  const kept = placesOfAgents.get(agentId);
  if (kept !== undefined) return kept;
  const place = placeOf(nodeIdOf(agentId));
  if (placesOfAgents.size >= maxKeptPlaces) placesOfAgents.clear();
  placesOfAgents.set(agentId, place);
  return place;
}

export function placeOf(id: NodeId | PackageKey): Place {
  const place = new Uint32Array(words);
  for (let word = 0; word < words; word++) place[word] = Number.parseInt(id.slice(word * 8, word * 8 + 8), 16);
  return place;
}

/** Negative where `a` is closer to the target than `b` by the XOR metric, 0 where they are the same place. */
export function compareDistance(target: Place, a: Place, b: Place): number {
  for (let word = 0; word < words; word++) {
    const of = target[word] ?? 0;
    const distanceA = ((a[word] ?? 0) ^ of) >>> 0;
    const distanceB = ((b[word] ?? 0) ^ of) >>> 0;
    if (distanceA !== distanceB) return distanceA - distanceB;
  }
  return 0;
}

/** How many leading bits both have in common; 160 = the same place. */
export function sharedBits(a: Place, b: Place): number {
  for (let word = 0; word < words; word++) {
    const difference = ((a[word] ?? 0) ^ (b[word] ?? 0)) >>> 0;
    if (difference !== 0) return word * 32 + Math.clz32(difference);
  }
  return idBits;
}
