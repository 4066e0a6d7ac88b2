/** The tables as Kysely sees them. Their definition, with its constraints, is in migrations/. */
import type { Generated } from 'kysely';

/** JSON of a contract's value, checked when it is read. */
type JsonText = string;

export interface AgentsTable {
  agent_id: string;
  name: string;
  /** SHA-256 of the SPKI of the certificate's key, hexadecimal: what proves that a re-enrolment is the same computer. */
  public_key_sha256: string;
  certificate_serial: string;
  installation_epoch: number;
  enrolled_at_ms: number;
  revoked_at_ms: number | null;
  address: string;
  last_seen_ms: number;
  product_version: string;
  platform: string;
  cpu_cores: number | null;
  interfaces: JsonText;
  boot_id: number;
}

/** Every certificate that may still be valid: what has to be listed when its agent is revoked. */
export interface CertificatesTable {
  serial: string;
  agent_id: string;
  not_after_ms: number;
}

/** Words that administrators give to agents. */
export interface AgentTagsTable {
  agent_id: string;
  tag: string;
}

export interface EventPositionsTable {
  agent_id: string;
  installation_epoch: number;
  /** Every event up to this one is stored. */
  sequence: number;
}

export interface AgentPackagesTable {
  agent_id: string;
  package_key: string;
  state: string;
  blocks: number;
  block_count: number;
  detail: string;
  at_ms: number;
}

export interface TransfersTable {
  agent_id: string;
  package_key: string;
  source: string;
  reason: string;
  bytes: number;
  blocks: number;
}

export interface ClaimsTable {
  claim_id: Generated<number>;
  package_key: string;
  subnet: string;
  epoch: number;
  agent_id: string;
  change: string;
  at_ms: number;
}

export interface SentBytesTable {
  package_key: string;
  agent_id: string;
  subnet: string;
  /** '' = Unassigned. */
  site_id: string;
  bytes: number;
}

export interface PoliciesTable {
  policy_id: string;
  name: string;
  priority: number;
  is_global: number;
  target: JsonText;
  settings: JsonText;
  version: number;
  updated_at_ms: number;
  updated_by: string;
}

export interface SiteSettingsTable {
  rule_id: string;
  name: string;
  priority: number;
  target: JsonText;
  settings: JsonText;
  version: number;
  updated_at_ms: number;
  updated_by: string;
}

export interface SitesTable {
  site_id: string;
  name: string;
  wan_kilobits_per_second: number;
  location_type: string;
  parent_site_id: string | null;
  wan_out_kilobits_per_second: number;
  acquisition_schedule: string;
  distribution_schedule: string;
  time_zone: string;
  shares_lan: number;
  version: number;
  updated_at_ms: number;
  updated_by: string;
}

export interface SiteSubnetsTable {
  subnet: string;
  site_id: string;
  position: number;
}

export interface PackagesTable {
  package_key: string;
  guid: string;
  version: string;
  name: string;
  file_count: number;
  total_size_bytes: number;
  block_count: number;
  created_at_ms: number;
  withdrawn_at_ms: number | null;
}

export interface DeliveriesTable {
  delivery_id: string;
  package_key: string;
  target: JsonText;
  priority: string;
  created_at_ms: number;
  created_by: string;
  /** Stages, schedule and installation. */
  specification: JsonText;
}

export interface DeliveryStatesTable {
  delivery_id: string;
  state: JsonText;
}

/** Agents that told something of a delivery. */
export interface DeliveryAgentsTable {
  delivery_id: string;
  agent_id: string;
  stage: number;
  state: string;
  failure: string | null;
  exit_code: number | null;
  detail: string;
  at_ms: number;
}

export interface DeliveryPointsTable {
  delivery_id: string;
  /** The beginning of the minute, or later of the hour, whose last values these are. */
  at_ms: number;
  agents: number;
  ready: number;
  installed: number;
  failed: number;
  failures: JsonText;
}

export interface JoinTokensTable {
  secret_sha256: string;
  created_at_ms: number;
  expires_at_ms: number;
}

export interface GroupKeysTable {
  key_id: number;
  /** 32 bytes, base64. */
  key: string;
  activate_at_ms: number;
  created_at_ms: number;
  accept_until_ms: number | null;
}

export interface AlertsTable {
  kind: string;
  /** Whom it is about. */
  agent_id: string;
  /** The agent that told of it; '' = the server saw it itself. */
  reported_by: string;
  first_at_ms: number;
  last_at_ms: number;
  count: number;
  detail: string;
}

export interface AuditTable {
  audit_id: Generated<number>;
  at_ms: number;
  who: string;
  action: string;
  subject: string;
  before: JsonText;
  after: JsonText;
  /** The entry that this one took back. */
  reverts: number | null;
}

export interface ServerSettingsTable {
  name: string;
  value: string;
}

export interface PackageServersTable {
  agent_id: string;
  site_id: string | null;
  settings: JsonText;
  version: number;
  updated_at_ms: number;
  updated_by: string;
}

export interface PackageAssignmentsTable {
  package_key: string;
  assignment: JsonText;
}

export interface PackageServerTrafficTable {
  agent_id: string;
  package_key: string;
  /** Of who asked; '' = Unassigned. */
  site_id: string;
  requests: number;
  hits: number;
  bytes: number;
}

/** What statistics are about, by a number that stays the same. */
export interface StatisticsMembersTable {
  member_id: Generated<number>;
  dimension: string;
  /** An id of a site, a package's key …; '' = Unassigned, or everything. */
  name: string;
}

/** What was counted and is not in the buckets yet. */
export interface TrafficLogTable {
  entry_id: Generated<number>;
  at_ms: number;
  agent_id: string;
  /** '' = Unassigned. */
  site_id: string;
  subnet: string;
  policy_id: string;
  package_key: string;
  source: string;
  reason: string | null;
  is_fill: number;
  bytes: number;
}

interface TrafficColumns {
  /** The beginning of the bucket. */
  at_ms: number;
  server_bytes: number;
  own_site_bytes: number;
  foreign_bytes: number;
  peer_bytes: number;
  fill_bytes: number;
}

/** Numbers of `statistics_members`. */
interface FactColumns {
  site_id: number;
  subnet_id: number;
  package_id: number;
  policy_id: number;
}

export interface TrafficFactsTable extends TrafficColumns, FactColumns {}

export interface TrafficTotalsTable extends TrafficColumns {
  member_id: number;
}

export interface DirectReasonsTable extends FactColumns {
  at_ms: number;
  source: string;
  reason: string;
  bytes: number;
}

/** By how many agents more or fewer had a package in a minute. */
export interface PackageChangesTable {
  package_key: string;
  at_ms: number;
  ready: number;
  installed: number;
  failed: number;
}

export interface ChannelsTable {
  channel_id: string;
  name: string;
  content: JsonText;
  version: number;
  updated_at_ms: number;
  updated_by: string;
}

export interface ChannelManifestsTable {
  channel_id: string;
  status: JsonText;
}

export interface AccountsTable {
  account_id: string;
  name: string;
  /** What two names have in common that are the same for people. */
  name_key: string;
  role: string;
  is_disabled: number;
  /** How its hash was made, salt and hash. */
  password: JsonText;
  password_changed_at_ms: number;
  created_at_ms: number;
  created_by: string;
  last_sign_in_ms: number | null;
}

export interface ApiTokensTable {
  token_id: string;
  name: string;
  name_key: string;
  scope: string;
  secret_sha256: string;
  /** Whose token it is; null = the local administrator's. */
  account_id: string | null;
  created_at_ms: number;
  created_by: string;
  expires_at_ms: number;
  last_used_ms: number | null;
}

export interface Schema {
  agents: AgentsTable;
  certificates: CertificatesTable;
  agent_tags: AgentTagsTable;
  event_positions: EventPositionsTable;
  agent_packages: AgentPackagesTable;
  transfers: TransfersTable;
  claims: ClaimsTable;
  sent_bytes: SentBytesTable;
  policies: PoliciesTable;
  sites: SitesTable;
  site_settings: SiteSettingsTable;
  site_subnets: SiteSubnetsTable;
  packages: PackagesTable;
  deliveries: DeliveriesTable;
  delivery_states: DeliveryStatesTable;
  delivery_agents: DeliveryAgentsTable;
  delivery_points: DeliveryPointsTable;
  join_tokens: JoinTokensTable;
  group_keys: GroupKeysTable;
  alerts: AlertsTable;
  audit: AuditTable;
  server_settings: ServerSettingsTable;
  package_servers: PackageServersTable;
  package_assignments: PackageAssignmentsTable;
  package_server_traffic: PackageServerTrafficTable;
  statistics_members: StatisticsMembersTable;
  traffic_log: TrafficLogTable;
  traffic_minutes: TrafficFactsTable;
  traffic_hours: TrafficFactsTable;
  traffic_days: TrafficTotalsTable;
  traffic_agent_days: TrafficTotalsTable;
  traffic_months: TrafficTotalsTable;
  direct_reasons: DirectReasonsTable;
  package_changes: PackageChangesTable;
  channels: ChannelsTable;
  channel_manifests: ChannelManifestsTable;
  accounts: AccountsTable;
  api_tokens: ApiTokensTable;
}
