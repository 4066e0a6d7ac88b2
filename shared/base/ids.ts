declare const brand: unique symbol;
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** 16 random bytes as 32 lower-case hexadecimal digits; also the first label of the agent's certificate name. */
export type AgentId = Branded<string, 'AgentId'>;
/** 16 random bytes as 32 lower-case hexadecimal digits. */
export type ServerId = Branded<string, 'ServerId'>;
/** A lower-case UUID; stays the same over all versions of a package. */
export type PackageGuid = Branded<string, 'PackageGuid'>;
/** SHA-256(guid, version) cut to 160 bits, as 40 lower-case hexadecimal digits. */
export type PackageKey = Branded<string, 'PackageKey'>;

const hex32 = /^[0-9a-f]{32}$/;
const hex40 = /^[0-9a-f]{40}$/;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isAgentId(text: string): text is AgentId {
  return hex32.test(text);
}

export function isServerId(text: string): text is ServerId {
  return hex32.test(text);
}

export function isPackageGuid(text: string): text is PackageGuid {
  return uuid.test(text);
}

export function isPackageKey(text: string): text is PackageKey {
  return hex40.test(text);
}

/** The name in an agent's certificate: used as TLS servername, so that the standard check binds identity. */
export function agentCertificateName(agentId: AgentId): string {
  return `${agentId}.agent.fanout`;
}

/** The name in a Notification Server's certificate. */
export function serverCertificateName(serverId: ServerId): string {
  return `${serverId}.ns.fanout`;
}

/** The agent named by a certificate name, or null where the name is of another kind. */
export function agentIdOfCertificateName(name: string): AgentId | null {
  const [label, ...rest] = name.split('.');
  if (label === undefined || rest.join('.') !== 'agent.fanout') return null;
  return isAgentId(label) ? label : null;
}
